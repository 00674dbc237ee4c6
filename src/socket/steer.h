/* Which of the sockets that share a port a connection or datagram comes to. Knows nothing of how they were opened. */
#ifndef SOCKET_STEER_H
#define SOCKET_STEER_H
#include "socket/apply.h"

/* The numbers behind the words of the option. */
enum steer { STEER_HASH, STEER_CPU, STEER_INCOMING_CPU };

/* Makes the spec's setting of this kind, if it has one, on a group that is bound: fd[i] is shard i. 0, or -errno if
 * it is required and was refused; the verdict is in the report. */
int steer_make(const struct applying *, const int fd[], unsigned count, struct sockctl_report *);
/* From now on nothing new comes to fd[which]. All listen; the group is these sockets, in the order of their
 * listen(). */
int steer_away(const int fd[], unsigned count, unsigned which);
/* The only socket of a group that is known: it takes no new handshake, those under way go on. */
int steer_shut(int fd);
#endif
