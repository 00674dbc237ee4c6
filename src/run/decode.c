/* From (architecture, number, arguments) to one of our calls. */
#include "run/decode.h"
#include <linux/audit.h>
#include <seccomp.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define NATIVE_NUMBERS \
	{ \
		[CALL_NONE] = -1, [CALL_BIND] = __NR_bind, [CALL_CONNECT] = __NR_connect, [CALL_LISTEN] = __NR_listen, \
		[CALL_SETSOCKOPT] = __NR_setsockopt \
	}

#define X32_BIT 0x40000000

/* Foreign numbers are the kernel's ABI: arch/x86/entry/syscalls/syscall_32.tbl and syscall_64.tbl (x32). */
const struct architecture architectures[] = {
#if defined(__x86_64__) && !defined(__ILP32__)
	{AUDIT_ARCH_X86_64, SCMP_ARCH_X86_64, NATIVE_NUMBERS, -1},
	{AUDIT_ARCH_X86_64, SCMP_ARCH_X32, {-1, X32_BIT + 49, X32_BIT + 42, X32_BIT + 50, X32_BIT + 541}, -1},
	{AUDIT_ARCH_I386, SCMP_ARCH_X86, {-1, 361, 362, 363, 366}, 102},
#elif defined(__aarch64__)
	{AUDIT_ARCH_AARCH64, SCMP_ARCH_AARCH64, NATIVE_NUMBERS, -1},
#elif defined(__riscv) && __riscv_xlen == 64
	{AUDIT_ARCH_RISCV64, SCMP_ARCH_RISCV64, NATIVE_NUMBERS, -1},
#else
#error "run: add this architecture's row"
#endif
	{0},
};

/* socketcall(2)'s first argument, include/uapi/linux/net.h. */
static const enum call multiplexed[] = {[2] = CALL_BIND, [3] = CALL_CONNECT, [4] = CALL_LISTEN, [14] = CALL_SETSOCKOPT};

static enum call call_of_number(const struct architecture *architecture, int number)
{
	for (enum call call = CALL_BIND; call < CALL_COUNT; call++)
		if (architecture->number[call] == number)
			return call;
	return CALL_NONE;
}

/* The arguments of a socketcall(2) lie in the program's memory, four bytes each. */
static enum call socketcall_read(const struct seccomp_data *data, pid_t pid, uint64_t args[5])
{
	uint32_t words[5];
	struct iovec here = {words, sizeof words};
	struct iovec there = {(void *)(uintptr_t)data->args[1], sizeof words};
	bool known = data->args[0] < sizeof multiplexed / sizeof *multiplexed;
	enum call call = known ? multiplexed[data->args[0]] : CALL_NONE;

	if (call == CALL_LISTEN)
		here.iov_len = there.iov_len = 2 * sizeof *words;
	else if (call != CALL_SETSOCKOPT)
		here.iov_len = there.iov_len = 3 * sizeof *words;
	memset(words, 0, sizeof words);
	if (call == CALL_NONE || process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)here.iov_len)
		return CALL_NONE;
	for (unsigned i = 0; i < 5; i++)
		args[i] = words[i];
	return call;
}

void call_decode(const struct seccomp_data *data, pid_t pid, struct call_made *ret)
{
	uint64_t args[5];

	memset(ret, 0, sizeof *ret);
	memcpy(args, data->args, sizeof args);
	for (const struct architecture *a = architectures; a->audit && ret->call == CALL_NONE; a++) {
		if (a->audit != data->arch)
			continue;
		ret->call = a->multiplexer == data->nr ? socketcall_read(data, pid, args) : call_of_number(a, data->nr);
	}
	ret->fd = (int)args[0];
	if (ret->call == CALL_BIND || ret->call == CALL_CONNECT) {
		ret->address = args[1];
		ret->address_length = (unsigned)args[2];
	} else if (ret->call == CALL_LISTEN) {
		ret->backlog = (int)args[1];
	} else if (ret->call == CALL_SETSOCKOPT) {
		ret->level = (int)args[1];
		ret->number = (int)args[2];
	}
}
