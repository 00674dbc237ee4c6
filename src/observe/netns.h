/* The network namespaces of this host, and a walk through them with the calling thread. Nothing is changed that
 * outlives the walk: a thread's namespace is its own, and is set back. */
#ifndef OBSERVE_NETNS_H
#define OBSERVE_NETNS_H
#include <stdbool.h>
#include <stddef.h>
#include "fact/netns_fact.h"
#include "sockctl.h"

struct netns_list;
/* The calling thread's, as it is called in a list of all. */
#define NETNS_SELF "pid:self"
/* which: "all", the NAME of a file in /run/netns, "pid:N" or "pid:self". All are those of /run/netns and those of the
 * processes that may be looked into: a namespace that is only held open by an fd or a mount elsewhere is not found.
 * 0, or -errno: -ENOENT, -ESRCH: there is no such one; -EACCES: it is not for this user. */
int netns_find(struct netns_list **ret, const char *which, struct sockctl_error *);
/* The calling thread's, with the name of its file in /run/netns, or "pid:self" where it has none. 0 or -errno. */
int netns_own(struct netns_fact *ret);
void netns_free(struct netns_list *); /* takes NULL */
unsigned netns_count(const struct netns_list *);
const struct netns_fact *netns_get(const struct netns_list *, unsigned index); /* valid as long as the list */
unsigned netns_hidden(const struct netns_list *); /* processes and files whose namespace this user may not know */
/* None of them, and /proc leaves no process out (hidepid=). */
bool netns_whole(const struct netns_list *);

/* Is the list all of "all"? If not: why. */
bool netns_complete(const struct netns_list *, char *ret_why, size_t size);

/* Calls `visit` within each namespace in turn, until it returns non-zero, which is returned. *ret_failed: how many
 * could not be entered, which ends nothing; `error` is about the first such one (-EPERM: it takes CAP_SYS_ADMIN
 * there). Should the way back be barred, -ENOTRECOVERABLE ends the walk, with `error`: the thread is still in the
 * other one. */
int netns_each(const struct netns_list *, int (*visit)(void *arg, const struct netns_fact *), void *arg,
	       unsigned *ret_failed, struct sockctl_error *);
#endif
