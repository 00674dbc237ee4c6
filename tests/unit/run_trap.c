/* Which calls of a program are intercepted for which spec: traps, the filter that libseccomp makes of them,
 * decoding. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "run/decode.h"
#include "run/filter.h"
#include "run/trap.h"

static void derive(struct trap_set *traps, const char *text, bool pinned)
{
	struct sockctl_error error;
	struct sockctl_spec spec = {0};

	if (sockctl_spec_parse(&spec, text, &error))
		fail_msg("%s: %s", text, error.hint);
	trap_derive(traps, &spec, pinned);
}

/* What the spec does not need is not trapped. */
static void trap_derive_samples(void **state)
{
	static const struct {
		const char *spec;
		bool pinned, needed[CALL_COUNT];     /* none, bind, connect, listen, setsockopt */
	} samples[] = {
		{"", true, {false, false, false, false, false}},
		{"nodelay", true, {false, false, true, true, true}},
		{"nodelay", false, {false, false, true, true, false}},
		{"backlog=10", true, {false, false, false, true, false}},
		{"shards=4", true, {false, false, false, false, false}},
		{"defer-accept=5s", true, {false, false, false, true, true}},
		{"v6only", true, {false, true, true, false, true}},
		{"reuseport", true, {false, true, true, false, true}},
		{"reuseaddr,backlog=5", false, {false, true, true, true, false}},
		{"keepalive=30s/10s/3", true, {false, false, true, true, true}},
	};
	struct trap_set traps;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		derive(&traps, samples[i].spec, samples[i].pinned);
		for (enum call call = CALL_BIND; call < CALL_COUNT; call++)
			if (trap_needed(&traps, call) != samples[i].needed[call])
				fail_msg("%s: trap of %s: %d", samples[i].spec, call_name(call),
					 trap_needed(&traps, call));
	}
}

/* Each setting of a catalogue full of them is made somewhere, or is known to be made nowhere. */
static void trap_derive_forgets_nothing(void **state)
{
	(void)state;
	for (unsigned id = OPTION_NONE + 1; id < OPTION_COUNT; id++) {
		struct sockctl_spec spec = {0};
		struct value value = {.form = FORM_NUMBER, .number = 1};
		struct trap_set traps;
		unsigned made = 0;

		assert_int_equal(spec_put(spec_of(&spec), id, false, &value), 0);
		trap_derive(&traps, &spec, true);
		for (enum call call = CALL_NONE; call < CALL_SETSOCKOPT; call++)
			made += spec_find(spec_view(&traps.made_at[call]), id) != NULL;
		made += spec_find(spec_view(&traps.listening), id) != NULL;
		if (!made || (made > 1 && spec_find(spec_view(&traps.made_at[CALL_NONE]), id)))
			fail_msg("%s: made at %u calls", catalogue[id].name, made);
	}
}

/* The filter may answer only where all TCP sockets carry the value, and only for options that mean nothing to
 * others. */
static void trap_pins_in_filter(void **state)
{
	static const struct {
		const char *spec;
		int level, number;
		bool in_filter;
	} samples[] = {
		{"nodelay", IPPROTO_TCP, 1, true},
		{"keepalive", SOL_SOCKET, 9, true},
		{"rcvbuf=64K", SOL_SOCKET, 8, false},
		{"rcvbuf=64K", SOL_SOCKET, 33, false},
		{"rcvbuf-force=64K", SOL_SOCKET, 33, false},
		{"rcvbuf-force=64K", SOL_SOCKET, 8, false},
		{"sndbuf=64K", SOL_SOCKET, 32, false},
		{"bind-device=lo", SOL_SOCKET, 62, false},
		{"tos=0x10", IPPROTO_IP, 1, false},
		{"defer-accept=5s", IPPROTO_TCP, 9, false},      /* accepted sockets do not inherit it */
		{"fastopen=5", IPPROTO_TCP, 23, false},
	};
	struct trap_set traps;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		int found = -1;

		derive(&traps, samples[i].spec, true);
		for (unsigned p = 0; p < traps.pins; p++)
			if (traps.pin[p].level == samples[i].level && traps.pin[p].number == samples[i].number)
				found = traps.pin[p].in_filter;
		if (found != samples[i].in_filter)
			fail_msg("%s: pin of %d:%d is %d", samples[i].spec, samples[i].level, samples[i].number, found);
	}
}

static void trap_unpin_forgets(void **state)
{
	struct trap_set traps;

	(void)state;
	derive(&traps, "rcvbuf=64K,nodelay", true);
	assert_int_equal(trap_pinned(&traps, SOL_SOCKET, 33), OPTION_rcvbuf);
	trap_unpin(&traps, OPTION_rcvbuf);
	assert_int_equal(trap_pinned(&traps, SOL_SOCKET, 8), OPTION_NONE);
	assert_int_equal(trap_pinned(&traps, SOL_SOCKET, 33), OPTION_NONE);
	assert_int_equal(trap_pinned(&traps, IPPROTO_TCP, 1), OPTION_nodelay);
}

/* --- the filter, run as the kernel runs it (net/core/filter.c) --- */

static uint32_t filter_run(const struct filter *filter, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (unsigned pc = 0; pc < filter->count; pc++) {
		const struct sock_filter *f = &filter->code[pc];
		bool jump;

		switch (f->code) {
		case BPF_LD | BPF_W | BPF_ABS: memcpy(&a, (const char *)data + f->k, sizeof a); continue;
		case BPF_ALU | BPF_AND | BPF_K: a &= f->k; continue;
		case BPF_RET | BPF_K: return f->k;
		case BPF_JMP | BPF_JA: pc += f->k; continue;
		case BPF_JMP | BPF_JEQ | BPF_K: jump = a == f->k; break;
		case BPF_JMP | BPF_JGE | BPF_K: jump = a >= f->k; break;
		case BPF_JMP | BPF_JGT | BPF_K: jump = a > f->k; break;
		case BPF_JMP | BPF_JSET | BPF_K: jump = a & f->k; break;
		default: fail_msg("unknown instruction 0x%x", f->code); return 0;
		}
		pc += jump ? f->jt : f->jf;
	}
	fail_msg("the filter does not end");
	return 0;
}

static void filter_decides(void **state)
{
	const uint64_t dirty = 0xdeadbeef00000000;   /* the upper half of a register with an int in it */
	const uint32_t allow = SECCOMP_RET_ALLOW, notify = SECCOMP_RET_USER_NOTIF, zero = SECCOMP_RET_ERRNO;
	const struct architecture *native = &architectures[0];
	const struct {
		int nr;
		uint64_t args[6];
		uint32_t action;
	} samples[] = {
		{__NR_listen, {3, 5}, notify},
		{__NR_connect, {3}, notify},
		{__NR_bind, {3}, allow},
		{__NR_accept4, {3}, allow},
		{__NR_socket, {2, 1}, allow},
		{__NR_getsockopt, {3, IPPROTO_TCP, 1}, allow},
		{__NR_setsockopt, {3, IPPROTO_TCP, 1}, zero},
		{__NR_setsockopt, {3, dirty | IPPROTO_TCP, dirty | 1}, zero},
		{__NR_setsockopt, {3, IPPROTO_TCP, 2}, allow},
		{__NR_setsockopt, {3, SOL_SOCKET, 9}, zero},
		{__NR_setsockopt, {3, SOL_SOCKET, 8}, notify},
		{__NR_setsockopt, {3, IPPROTO_IP, 8}, allow},
	};
	struct trap_set traps;
	struct filter filter;

	(void)state;
	derive(&traps, "nodelay,keepalive,rcvbuf=64K", true);
	assert_int_equal(filter_make(&filter, &traps, NULL), 0);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct seccomp_data data = {.nr = samples[i].nr, .arch = native->audit};
		uint32_t action;

		memcpy(data.args, samples[i].args, sizeof data.args);
		action = filter_run(&filter, &data);
		if (action != samples[i].action)
			fail_msg("call %d (%llu, %llu): 0x%x, not 0x%x", data.nr, (unsigned long long)data.args[1],
				 (unsigned long long)data.args[2], action, samples[i].action);
	}
}

/* A program of an architecture that we know is served on it; where its arguments hide, the supervisor decides. */
static void filter_knows_architectures(void **state)
{
	const struct seccomp_data unknown = {.arch = AUDIT_ARCH_S390X, .nr = 1};
	struct trap_set traps;
	struct filter filter;

	(void)state;
	derive(&traps, "nodelay", true);
	assert_int_equal(filter_make(&filter, &traps, NULL), 0);
	for (const struct architecture *a = architectures; a->audit; a++) {
		struct seccomp_data data = {.arch = a->audit, .args = {3, IPPROTO_TCP, 1}};
		uint32_t pinned = a->multiplexer < 0 ? SECCOMP_RET_ERRNO : SECCOMP_RET_USER_NOTIF;

		data.nr = a->number[CALL_LISTEN];
		assert_int_equal(filter_run(&filter, &data), SECCOMP_RET_USER_NOTIF);
		data.nr = a->number[CALL_SETSOCKOPT];
		assert_int_equal(filter_run(&filter, &data), pinned);
		data.nr = a->multiplexer;
		data.args[0] = 14;
		if (a->multiplexer >= 0)
			assert_int_equal(filter_run(&filter, &data), SECCOMP_RET_USER_NOTIF);
	}
	assert_int_equal(filter_run(&filter, &unknown), SECCOMP_RET_ALLOW);
}

static void decode_native(void **state)
{
	const struct architecture *native = &architectures[0];
	struct seccomp_data data = {.arch = native->audit, .nr = __NR_setsockopt, .args = {7, 6, 1, 0, 4}};
	struct call_made call;

	(void)state;
	call_decode(&data, getpid(), &call);
	assert_int_equal(call.call, CALL_SETSOCKOPT);
	assert_true(call.fd == 7 && call.level == 6 && call.number == 1);
	data.nr = __NR_connect;
	data.args[1] = 0x1234;
	data.args[2] = 16;
	call_decode(&data, getpid(), &call);
	assert_int_equal(call.call, CALL_CONNECT);
	assert_true(call.fd == 7 && call.address == 0x1234 && call.address_length == 16);
	data.nr = __NR_getpid;
	call_decode(&data, getpid(), &call);
	assert_int_equal(call.call, CALL_NONE);
	data = (struct seccomp_data){.arch = AUDIT_ARCH_S390X, .nr = __NR_listen};
	call_decode(&data, getpid(), &call);
	assert_int_equal(call.call, CALL_NONE);
}

static void decode_socketcall(void **state)
{
	static const struct {
		int number;
		enum call call;
	} samples[] = {{2, CALL_BIND}, {3, CALL_CONNECT}, {4, CALL_LISTEN}, {14, CALL_SETSOCKOPT},
		       {1, CALL_NONE}, {99, CALL_NONE}};
	uint32_t words[5] = {9, 6, 1, 0, 4};
	struct call_made call;

	(void)state;
	for (const struct architecture *a = architectures; a->audit; a++)
		for (size_t i = 0; i < sizeof samples / sizeof *samples && a->multiplexer >= 0; i++) {
			struct seccomp_data data = {.arch = a->audit, .nr = a->multiplexer,
						    .args = {(uint64_t)samples[i].number, (uintptr_t)words}};

			call_decode(&data, getpid(), &call);
			assert_int_equal(call.call, samples[i].call);
			if (call.call != CALL_NONE)
				assert_int_equal(call.fd, 9);
			data.args[1] = 8;            /* an address that nobody can read */
			call_decode(&data, getpid(), &call);
			assert_int_equal(call.call, CALL_NONE);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(trap_derive_samples),
		cmocka_unit_test(trap_derive_forgets_nothing),
		cmocka_unit_test(trap_pins_in_filter),
		cmocka_unit_test(trap_unpin_forgets),
		cmocka_unit_test(filter_decides),
		cmocka_unit_test(filter_knows_architectures),
		cmocka_unit_test(decode_native),
		cmocka_unit_test(decode_socketcall),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
