/* Why new namespaces are refused. Knows the sysctls by which distributions restrict them; creates nothing. */
#include "lab/restriction.h"
#include <errno.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <linux/seccomp.h>
#include "base/error.h"
#include "base/sysctl.h"

static int64_t number_or_none(const char *path)
{
	int64_t value;

	return sysctl_read_number(path, 0, &value) ? -1 : value;
}

/* prctl(PR_GET_SECCOMP) answers 2 under a filter; where the filter itself forbids prctl, that is an answer too. */
static bool filter_holds_us(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != SECCOMP_MODE_DISABLED;
}

void restriction_read(struct restriction *restriction)
{
	restriction->max_user_namespaces = number_or_none("user/max_user_namespaces");
	restriction->unprivileged_userns_clone = number_or_none("kernel/unprivileged_userns_clone");
	restriction->apparmor_restricts = number_or_none("kernel/apparmor_restrict_unprivileged_userns");
	restriction->seccomp = filter_holds_us();
}

static const char *restriction_hint(const struct restriction *r, int code)
{
	if (code == -EINVAL || code == -ENOSYS)
		return "this kernel is built without namespaces (CONFIG_USER_NS, CONFIG_NET_NS, CONFIG_PID_NS)";
	if (code == -ENOSPC && r->max_user_namespaces == 0)
		return "user.max_user_namespaces is 0; an administrator can raise it: sysctl user.max_user_namespaces=10000";
	if (code == -ENOSPC)
		return "the limit of namespaces is reached; see user.max_user_namespaces, user.max_net_namespaces and "
		       "user.max_pid_namespaces";
	if (code != -EPERM && code != -EACCES)
		return NULL;
	if (r->unprivileged_userns_clone == 0)
		return "kernel.unprivileged_userns_clone is 0; an administrator can set it to 1, or run this as root";
	if (r->apparmor_restricts > 0)
		return "kernel.apparmor_restrict_unprivileged_userns is 1; an administrator can set it to 0, or give "
		       "sockctl an AppArmor profile with `userns`; root is not held by it";
	if (r->seccomp)
		return "a seccomp filter forbids it, as those of container runtimes do; an administrator can start the container "
		       "with --security-opt seccomp=unconfined, or run this outside";
	return "not permitted: a security module or a chroot forbids user namespaces; run this as root outside of it";
}

int restriction_explain(const struct restriction *r, int code, const char *step, struct sockctl_error *error)
{
	const char *hint = restriction_hint(r, code);

	if (code == -EACCES)
		code = -EPERM;
	if (!hint)
		return error_set(error, code, step, NULL, NULL);
	return error_set(error, code, step, NULL, "%s", hint);
}
