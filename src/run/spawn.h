/* Starts the program under its filter. Knows nothing of what is done with notifications. */
#ifndef RUN_SPAWN_H
#define RUN_SPAWN_H
#include <signal.h>
#include "run/filter.h"

/* What the child tells before it becomes the program; in shared memory. */
struct spawn_note {
	pid_t pid;                   /* 0: did not get that far */
	int notify_fd;
	int code;                    /* -errno of `failed`; 0: it runs */
	bool exec_failed;            /* else it was seccomp */
};

struct spawn {
	char *const *argv;
	const struct filter *filter;
	sigset_t mask;               /* signals as the caller had them, for the program */
	struct sigaction on_child;   /* its SIGCHLD */
	pid_t front;                 /* whose pid service managers know */
};

/* Returns when the program has been exec'ed: its pid, with the notification fd in *ret_notify (-1 without a filter); or
 * -errno with error->op "exec", "seccomp" or "clone". */
pid_t spawn_program(const struct spawn *, struct spawn_note *shared, int *ret_notify, struct sockctl_error *);
#endif
