/* The system calls that a process really makes, seen through ptrace. Knows nothing of sockets. */
#ifndef COST_TRACE_H
#define COST_TRACE_H
#include <stdbool.h>

enum { TRACE_CALLS_MAX = 4096 };

struct trace {
	unsigned count; /* of calls between the marks; beyond TRACE_CALLS_MAX they are only counted */
	struct trace_call {
		long number; /* SYS_... */
		long result; /* -errno on failure */
	} call[TRACE_CALLS_MAX];
	int status; /* as waitpid() has it */
};

/* In the traced process: the calls after the first mark are noted, until the second one. */
void trace_mark(void);
/* Runs work(arg) in a child that shares only MAP_SHARED memory; its result is the child's exit code. 0, or -errno where
 * nobody may trace here. */
int trace_work(int (*work)(void *arg), void *arg, struct trace *ret);
/* Runs a program, all threads of it, from its start to its end, writing to out_fd; started(arg) is called once it runs. */
int trace_program(char *const argv[], int out_fd, void (*started)(void *arg, int pid), void *arg, struct trace *ret);
unsigned trace_count(const struct trace *, long number);
/* The calls in their order, runs of the same one as one: "socket bind 3xsetsockopt"; the names of those that are known. */
void trace_text(const struct trace *, char *text, unsigned size);
#endif
