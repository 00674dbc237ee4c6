/* A process on one of the hosts, that cannot outlive its parent. */
#ifndef LAB_WORKER_H
#define LAB_WORKER_H
#include "lab/placement.h"

struct worker {
	pid_t pid;                           /* 0: none */
	int pidfd;                           /* readable once it has ended */
};

/* Forks; the child moves to its host and its CPUs, calls body(arg) and ends; it never returns. What it has to say goes
 * through shared memory. 0 or -errno. */
int worker_start(struct worker *, const struct world *, const struct placement *, enum host, void (*body)(void *arg), void *arg);
bool worker_ended(const struct worker *);
/* Kills it if it still runs, and reaps it. Returns waitpid's status, -1 if somebody else has reaped it. */
int worker_end(struct worker *);
#endif
