/* Who has which socket open: from /proc, or by BPF where there are many and it may be used. Changes nothing; a
 * process that comes or goes meanwhile may be missed. */
#ifndef OBSERVE_OWNERS_H
#define OBSERVE_OWNERS_H
#include "fact/socket_fact.h"
#include "sockctl.h"

struct owners;

/* Walks `proc` ("/proc"): the fds of every process, and of those threads that have a table of their own. 0 or -errno.
 * */
int owners_read(struct owners **ret, const char *proc, struct sockctl_error *);
void owners_free(struct owners *);                   /* takes NULL */
/* The owners of the socket with this inode, by pid and fd: *ret_count of them. Valid until the next call. `process`
 * is the caller's to fill: see processes.h. */
struct owner_fact *owners_find(struct owners *, uint32_t inode, unsigned *ret_count);
/* How many processes could not be looked into. */
unsigned owners_hidden(const struct owners *);
/* Every process that there is was looked into. Else a socket without an owner may have one all the same: hidden from
 * this user, or outside this pid namespace. */
bool owners_whole(const struct owners *);
/* Why they were not; NULL: they were. As long as the owners. */
const char *owners_why(const struct owners *);
size_t owners_count(const struct owners *);          /* pairs of socket and process */
#endif
