/* Sockets that somebody else opened: how far they are. */
#ifndef SOCKET_ADOPT_H
#define SOCKET_ADOPT_H
#include "socket/apply.h"

/* What is known of a socket that somebody else opened. */
struct adoption {
	struct applying at;
	struct plan_target target;
	struct sockctl_report *report;       /* the caller's, or spare */
	struct sockctl_report spare;
};

/* Looks at the socket and starts the report (NULL: nobody asks). 0, or -errno with the report's error set. */
int adoption_start(struct adoption *, int fd, const struct sockctl_spec *, struct sockctl_report *);
#endif
