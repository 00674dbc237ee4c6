/* The seccomp filter for a set of traps: libseccomp generates it, we load it ourselves, because libseccomp 2.5 does
 * not know WAIT_KILLABLE_RECV. Supervision, no sandbox: whatever is not trapped is allowed. */
#ifndef RUN_FILTER_H
#define RUN_FILTER_H
#include <linux/filter.h>
#include "run/trap.h"

struct filter {
	unsigned short count;        /* 0: nothing to load */
	struct sock_filter code[BPF_MAXINSNS];
};

/* 0 or -errno: -ENOSYS (this kernel has no seccomp notification), -ENOMEM, -E2BIG. */
int filter_make(struct filter *, const struct trap_set *, struct sockctl_error *);
/* Loads it for the calling thread and all its descendants; sets no_new_privs only if the kernel insists. Returns the
 * notification fd (CLOEXEC), or -errno of seccomp(2). Safe between fork and exec. */
int filter_load(const struct filter *);
#endif
