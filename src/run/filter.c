/* Generates and loads the filter. Knows traps and system calls, nothing of sockets. */
#include "run/filter.h"
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/error.h"
#include "run/decode.h"

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

/* A C int arrives in a 64-bit register whose upper half is anything: compare the lower one. */
static struct scmp_arg_cmp int_equals(unsigned argument, int value)
{
	return (struct scmp_arg_cmp){argument, SCMP_CMP_MASKED_EQ, UINT32_MAX, (uint32_t)value};
}

/* libseccomp takes the native number and finds that of the context's architecture. */
static int call_number(enum call call)
{
	return architectures[0].number[call];
}

static int calls_trap(scmp_filter_ctx context, const struct trap_set *traps)
{
	int r = 0;

	for (enum call call = CALL_BIND; call < CALL_SETSOCKOPT && !r; call++)
		if (trap_needed(traps, call))
			r = seccomp_rule_add(context, SCMP_ACT_NOTIFY, call_number(call), 0);
	return r;
}

static int pins_trap(scmp_filter_ctx context, const struct architecture *a, const struct trap_set *traps)
{
	int r = 0;

	/* socketcall's arguments lie in memory, where no filter can look. */
	if (a->multiplexer >= 0)
		return traps->pins ? seccomp_rule_add(context, SCMP_ACT_NOTIFY, call_number(CALL_SETSOCKOPT), 0) : 0;
	for (unsigned i = 0; i < traps->pins && !r; i++) {
		const struct pin *pin = &traps->pin[i];
		struct scmp_arg_cmp where[] = {int_equals(1, pin->level), int_equals(2, pin->number)};

		r = seccomp_rule_add_array(context, pin->in_filter ? SCMP_ACT_ERRNO(0) : SCMP_ACT_NOTIFY,
					   call_number(CALL_SETSOCKOPT), 2, where);
	}
	return r;
}

/* One context per architecture: a rule of libseccomp's holds for all of a context's, and i386 needs others. */
static int architecture_add(scmp_filter_ctx into, const struct architecture *a, const struct trap_set *traps)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int r = context ? 0 : -ENOMEM;

	if (!r)
		r = seccomp_arch_remove(context, SCMP_ARCH_NATIVE);
	if (!r)
		r = seccomp_arch_add(context, a->token);
	if (!r)
		r = calls_trap(context, traps);
	if (!r)
		r = pins_trap(context, a, traps);
	if (!r)
		r = seccomp_merge(into, context);
	if (r && context)
		seccomp_release(context);
	return r;
}

static int filter_export(struct filter *filter, scmp_filter_ctx context)
{
	int fd = memfd_create("sockctl-filter", MFD_CLOEXEC);
	ssize_t size;
	int r;

	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(context, fd);
	size = r ? r : pread(fd, filter->code, sizeof filter->code, 0);
	close(fd);
	if (size < 0)
		return r ? r : -EIO;
	if (size == sizeof filter->code)
		return -E2BIG;
	filter->count = (unsigned short)((size_t)size / sizeof *filter->code);
	return 0;
}

int filter_make(struct filter *filter, const struct trap_set *traps, struct sockctl_error *error)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
	int r = context ? 0 : -ENOMEM;

	/* Programs of architectures that are not listed run unsupervised. */
	if (!r)
		r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ALLOW);
	if (!r)
		r = calls_trap(context, traps);
	if (!r)
		r = pins_trap(context, &architectures[0], traps);
	for (const struct architecture *a = architectures + 1; a->audit && !r; a++)
		r = architecture_add(context, a, traps);
	if (!r)
		r = filter_export(filter, context);
	if (context)
		seccomp_release(context);
	if (r == -EOPNOTSUPP || r == -EINVAL)
		return error_set(error, -ENOSYS, "seccomp", "filter",
				 "there is no seccomp notification here (Linux 5.5 or newer), or a profile forbids it");
	return r ? error_set(error, r, "seccomp", "filter", NULL) : 0;
}

/* SPEC_ALLOW: this is no sandbox, so the program keeps its speed where the kernel would mitigate for sandboxes. */
static int filter_install(const struct filter *filter)
{
	const unsigned long needed = SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	const unsigned long flags[] = {needed | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, needed}; /* before 5.19 */
	struct sock_fprog program = {filter->count, (struct sock_filter *)filter->code};
	long fd = -1;

	for (unsigned i = 0; i < sizeof flags / sizeof *flags; i++) {
		fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags[i], &program);
		if (fd >= 0 || errno != EINVAL)
			break;
	}
	return fd < 0 ? -errno : (int)fd;
}

int filter_load(const struct filter *filter)
{
	int fd = filter_install(filter);

	/* Without CAP_SYS_ADMIN the kernel wants no_new_privs first: set-user-ID programs then gain nothing. */
	if (fd == -EACCES && !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		fd = filter_install(filter);
	return fd;
}
