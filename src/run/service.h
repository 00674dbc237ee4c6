/* Answers the notifications of supervised calls. The same code in the supervisor and in whoever takes over from it. */
#ifndef RUN_SERVICE_H
#define RUN_SERVICE_H
#include <linux/seccomp.h>
#include "run/run.h"
#include "run/tell.h"

/* Memory that the supervisor shares with its stand-by: a call that has been received and not answered yet stands
 * here, so that it survives the one that received it. */
union call_in_flight {
	struct seccomp_notif notice;         /* id 0: none */
	char room[4096];                     /* newer kernels may tell more */
};

struct service {
	const struct run_request *request;
	const struct trap_set *traps;
	union call_in_flight *in_flight;
	int notify_fd;                       /* -1: nothing is supervised */
	pid_t unreachable;                   /* task that was last warned about */
	struct tell_last last;
};

/* Receives one call and answers it. */
void service_next(struct service *);
/* Answers the call that somebody received and did not live to answer; does nothing if there is none. */
void service_resume(struct service *);
/* Is any task of the program, or of its descendants, left? */
bool service_has_tasks(const struct service *);
/* Asks for faster wake-ups where the kernel has them (Linux 6.6). */
void service_quicken(const struct service *);
#endif
