/* What a network namespace and the host have in use now. Changes nothing. */
#ifndef OBSERVE_USE_H
#define OBSERVE_USE_H
#include "fact/host_use.h"

/* In the calling thread's namespace. What cannot be read is absent; 0, or -errno if nothing could be. */
int use_read(struct host_use *);
/* Adds what a text in the form of /proc/net/sockstat holds. */
void use_parse(const char *text, struct host_use *);
#endif
