/* Runs a program with its TCP sockets tuned, by seccomp user notification: front -> supervisor -> program. Static
 * and Go programs too. Prints nothing: what happens is told through callbacks. */
#ifndef RUN_RUN_H
#define RUN_RUN_H
#include <stdbool.h>
#include <sys/types.h>
#include "sockctl.h"

/* One thing done to one socket of the program, or refused. */
struct run_event {
	pid_t pid;                   /* task that made the call, in our pid namespace; 0: none of the program's */
	char comm[16];
	int fd;                      /* in that task; -1: of a scratch socket */
	/* "bind", "connect", "listen", "setsockopt"; "adopt": a socket that the program inherits; "check": a scratch
	 * socket, before the program starts */
	const char *call;
	struct sockaddr_storage address;     /* of the call if it has one, else the socket's; ss_family 0 if unknown */
	const struct sockctl_report *report; /* every verdict; valid during the call */
	int result;                  /* what the program was told: 0 or -errno; 1: the kernel performed the call */
};

struct run_request {
	char *const *argv;           /* ends with NULL; argv[0] is looked up in PATH */
	const struct sockctl_spec *spec;
	bool pinned;                 /* the spec wins over the program's own setsockopt calls */
	bool strict;                 /* bind, listen or connect fails when a required setting is refused */
	/* Descriptors without FD_CLOEXEC are the program's alone: they are closed in the caller once it runs, and stdin
	 * and stdout become /dev/null there. */
	bool owns_fds;
	/* Both may be NULL. Called in the supervisor or in its stand-by, never at the same time in both; each is a
	 * child process, so what they write to memory is lost unless it is shared. stdin, stdout and stderr become
	 * /dev/null there once the program itself has ended and descendants of it live on. event: every socket. warn:
	 * required settings that were refused, a supervisor that died, a task out of reach, what cannot be made. */
	void (*event)(void *arg, const struct run_event *);
	void (*warn)(void *arg, const struct sockctl_error *);
	void *arg;
};

/* Blocks until the program ends; signals are passed on. Returns its wait status (waitpid's format), or -errno with
 * `error` when it could not be started: -ENOENT, -EACCES and the like with error->op "exec"; -EBUSY (already
 * supervised); -EPERM, -ENOSYS (seccomp, pidfd_getfd or Yama forbid it: the hint says which and what an
 * administrator can do). A spec with nothing to intercept supervises nothing. Descendants that outlive the program
 * stay supervised, by child processes of the caller. The caller has one thread and no children of its own; its
 * signal mask is restored. */
int run_program(const struct run_request *, struct sockctl_error *error);
#endif
