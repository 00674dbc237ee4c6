/* Runs a program with its sockets tuned, by seccomp user notification: front -> supervisor -> program. Static and Go
 * programs too. Prints nothing: what happens is told through callbacks. */
#ifndef RUN_RUN_H
#define RUN_RUN_H
#include <stdbool.h>
#include <sys/types.h>
#include "sockctl.h"

/* One thing done to one socket of the program, or refused. */
struct run_event {
	pid_t pid;                           /* task that made the call, in our pid namespace */
	char comm[16];
	int fd;
	const char *call;                    /* "bind", "connect", "listen", "setsockopt", "adopt" */
	struct sockaddr_storage address;     /* of the call if it has one, else the socket's own; ss_family 0 if unknown */
	const struct sockctl_report *report; /* every verdict */
	int result;                          /* what the program was told: 0 or -errno; 1: the kernel performed the call itself */
};

struct run_request {
	char *const *argv;                   /* ends with NULL; argv[0] is looked up in PATH */
	const struct sockctl_spec *spec;
	bool pinned;                         /* the spec wins over the program's own setsockopt calls */
	void (*event)(void *arg, const struct run_event *);     /* may be NULL; called in the supervisor, or in its stand-by */
	void (*warn)(void *arg, const struct sockctl_error *);  /* may be NULL: a supervisor that died, a task out of reach */
	void *arg;
};

/* Blocks until the program ends; signals are passed on. Returns its wait status (waitpid's format), or -errno with
 * `error` when it could not be started: -ENOENT, -EACCES (exec); -EBUSY (already supervised); -EPERM, -ENOSYS (seccomp,
 * pidfd_getfd or Yama forbid it: the hint says which and what an administrator can do). An empty spec supervises nothing. */
int run_program(const struct run_request *, struct sockctl_error *error);
#endif
