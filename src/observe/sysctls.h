/* Reads the sysctls that cap sockets, and counts whom they cap, in the calling thread's network namespace. Changes
 * nothing. */
#ifndef OBSERVE_SYSCTLS_H
#define OBSERVE_SYSCTLS_H
#include "fact/sysctl_fact.h"
#include "sockctl.h"

void sysctls_read(struct sysctl_facts *);            /* what cannot be read is not known */

/* How many sockets stand at a limit now: they may have asked for more. */
struct sysctl_capped {
	bool known;                  /* false: nothing that can be seen tells */
	uint64_t sockets;
	const char *which;           /* "listeners whose queue is this long"; static */
};
/* ret[SYSCTL_COUNT]. 0, or -errno of the dump. */
int sysctls_capped(const struct sysctl_facts *, struct sysctl_capped ret[], struct sockctl_error *);
#endif
