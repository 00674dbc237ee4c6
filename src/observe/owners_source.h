/* The two ways to the owners of sockets. For owners.c, and for tests that compare them. */
#ifndef OBSERVE_OWNERS_SOURCE_H
#define OBSERVE_OWNERS_SOURCE_H
#include "observe/owner_table.h"
#include "sockctl.h"

/* Adds what is in `proc` ("/proc"), up to about `most` entries, beyond which it ends with -E2BIG, which is no
 * error to tell anybody. *ret_hidden: processes that could not be looked into. 0 or -errno. */
int owners_from_proc(struct owner_table *, const char *proc, size_t most, unsigned *ret_hidden, struct sockctl_error *);
/* The same from the kernel's own tables by iter/task_file: of every process of our pid namespace.
 * 0 or -errno: as iterator_open(). */
int owners_from_bpf(struct owner_table *, struct sockctl_error *);
#endif
