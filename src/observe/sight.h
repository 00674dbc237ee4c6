/* How much of this host a process can see of itself: which namespaces are the first, whether /proc shows every
 * process. Changes nothing. */
#ifndef OBSERVE_SIGHT_H
#define OBSERVE_SIGHT_H
#include <stdbool.h>

/* Is our namespace of this kind that of the host? kind: "pid", "user". 1, 0, or -errno: `proc` ("/proc") does not tell. */
int namespace_is_first(const char *proc, const char *kind);
/* `proc` leaves out processes of others: it is mounted with hidepid=, and not for us. */
bool processes_are_left_out(const char *proc);
#endif
