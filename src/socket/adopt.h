/* How far a socket of somebody else's is. */
#ifndef SOCKET_ADOPT_H
#define SOCKET_ADOPT_H
#include "socket/access.h"

/* The phase that the kernel's view amounts to: created, pre-listen (bound), listening or connected. */
enum sockctl_phase adopt_phase(const struct access_facts *);
#endif
