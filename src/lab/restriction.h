/* Why this kernel or this system refuses new namespaces to us, and what an administrator can do about it. */
#ifndef LAB_RESTRICTION_H
#define LAB_RESTRICTION_H
#include <stdbool.h>
#include "sockctl.h"

/* What bears on the refusal; -1 where the kernel has no such sysctl. */
struct restriction {
	int64_t max_user_namespaces;         /* user.max_user_namespaces */
	int64_t unprivileged_userns_clone;   /* kernel.unprivileged_userns_clone (Debian) */
	int64_t apparmor_restricts;          /* kernel.apparmor_restrict_unprivileged_userns (Ubuntu) */
	bool seccomp;                        /* a system call filter holds us */
};

void restriction_read(struct restriction *);
/* Fills error for `step` ("create namespaces") that failed with code (-errno); returns code, EACCES made EPERM. */
int restriction_explain(const struct restriction *, int code, const char *step, struct sockctl_error *);
#endif
