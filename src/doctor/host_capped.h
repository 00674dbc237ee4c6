/* Which limits a socket stands at now: it may have asked for more, or for just that. Judges facts; opens and
 * changes nothing. */
#ifndef DOCTOR_HOST_CAPPED_H
#define DOCTOR_HOST_CAPPED_H
#include "fact/socket_fact.h"
#include "fact/sysctl_fact.h"

enum { HOST_CAPS = 8 };
/* The limits that can be seen on a socket: ret[i] of them is at one. Returns how many. */
unsigned host_capped(const struct sysctl_facts *, const struct socket_fact *, enum sysctl_id ret[HOST_CAPS]);
/* "listeners whose accept queue is exactly this long"; NULL: nothing on a socket tells. *ret_hidden: only with
 * options that sock_diag hides. */
const char *host_capped_which(enum sysctl_id, bool *ret_hidden);
#endif
