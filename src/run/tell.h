/* Tells the caller of run_program what became of a socket. */
#ifndef RUN_TELL_H
#define RUN_TELL_H
#include "run/run.h"
#include "run/tune.h"

/* The last warning about a setting; the same one is not repeated for each connection. */
struct tell_last {
	enum call call;
	int code;
	char subject[104];
};

/* Collects what must be read while the task still waits: name, address; nothing if nobody will be told. fd: our
 * duplicate of the socket. */
void tell_gather(const struct run_request *, pid_t tid, const struct call_made *, int fd, const struct tuning *,
		 struct run_event *ret);
/* Event, and a warning if a required setting was refused. */
void tell(const struct run_request *, struct run_event *, enum call, const struct tuning *, struct tell_last *);
/* A task whose sockets cannot be had. code: -errno of pidfd_getfd. */
void tell_unreachable(const struct run_request *, pid_t tid, int code);
void tell_warning(const struct run_request *, const struct sockctl_error *);
#endif
