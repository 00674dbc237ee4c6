/* Accepted sockets: what their listener could not pass on. Opens and closes nothing. */
#ifndef SOCKET_ACCEPT_H
#define SOCKET_ACCEPT_H
#include "socket/apply.h"

/* Makes what is not inherited, for a caller who wants no report: one call for each such setting, and usually there is
 * none. 0, or -errno of the first required setting that was refused. */
int accept_set(const struct applying *);
/* Reads and judges what a listener passed on, for a caller who wants to know. */
void accept_compare(const struct applying *, const struct plan_target *, struct sockctl_report *);
#endif
