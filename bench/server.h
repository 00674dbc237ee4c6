/* Somebody's server program, run by a bench: started, held, and its connections looked at from outside. Knows
 * nothing of loads. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include "lab/worker.h"
#include "sockctl.h"

/* Where everything runs. */
struct scene {
	struct world world;
	struct placement placement;
	char error[400];                     /* what went wrong in a call that returned false */
};

struct server {
	struct worker worker;
	struct sockaddr_in address;
	clockid_t clock;                     /* the CPU time of all its threads, those that have ended too */
};

/* Starts a shell command with PORT and HOW (serve or hold) in its environment; returns once it listens. trace: where
 * strace is to write, NULL for none; strace is a program's path. */
bool server_start(struct server *, struct scene *, const char *command, uint16_t port, const char *how,
		  const char *strace, const char *trace);
void server_end(struct server *);
/* Stops all its threads, and waits until they are; lets them go on. */
bool server_hold(const struct server *, struct scene *);
void server_release(const struct server *);
uint64_t server_cpu_ns(const struct server *);
/* How long the scheduler let each of its threads run, and kept it waiting while others had the CPU. */
enum { SERVER_THREADS = 64 };
struct server_times {
	unsigned count;
	struct thread_times {
		int tid;
		uint64_t run_ns, wait_ns;
	} thread[SERVER_THREADS];
};
void server_times(const struct server *, struct server_times *);
/* How long the thread waited that ran most between two readings. 0 where the kernel does not count it. */
uint64_t server_wait_ns(const struct server_times *before, const struct server_times *after);
/* How many connections its process has, and in *ret_lacking how many of them differ from the spec. client: only the one
 * from that port (in network order); 0: all. report: of the last one. */
unsigned server_connections(const struct server *, const char *spec, in_port_t client, unsigned *ret_lacking,
			    struct sockctl_report *report);
#endif
