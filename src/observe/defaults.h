/* What options are when nobody has set them: read from a socket that was just opened. Sets nothing. */
#ifndef OBSERVE_DEFAULTS_H
#define OBSERVE_DEFAULTS_H
#include "fact/socket_fact.h"

/* Into options[OPTION_COUNT], for IPPROTO_TCP or IPPROTO_UDP, in the calling thread's network namespace: sysctls of it are in them,
 * as they are now. 0 or -errno of socket(). */
int defaults_read(int family, int protocol, struct option_fact options[]);
#endif
