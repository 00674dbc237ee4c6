/* What is made of an answer of the kernel: the relations, the merging of verdicts, and their sentences. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "base/sysctl.h"
#include "socket/relation.h"
#include "socket/report.h"

static struct sockctl_verdict judged(const struct option *option, int64_t asked, int64_t got)
{
	struct value wanted = {.number = asked}, answer = {.number = got};
	struct sockctl_verdict verdict = {.option = option->name};

	relation_judge(option, &wanted, &answer, &verdict);
	return verdict;
}

static void relations_tell_what_is_in_effect(void **state)
{
	static const struct {
		enum reads reads;
		int64_t asked, got;
		enum sockctl_outcome outcome;
	} cases[] = {
		{READS_SAME, 30, 30, SOCKCTL_GRANTED},          {READS_SAME, 30, 31, SOCKCTL_DIFFERS},
		{READS_SAME, 30, 29, SOCKCTL_DIFFERS},          {READS_DOUBLED, 65536, 131072, SOCKCTL_GRANTED},
		{READS_DOUBLED, 65536, 65536, SOCKCTL_DIFFERS}, {READS_DOUBLED, 1, 4608, SOCKCTL_ROUNDED},
		{READS_DOUBLED, 1, 131072, SOCKCTL_DIFFERS},    {READS_MASKED, 0x10, 0x10, SOCKCTL_GRANTED},
		{READS_MASKED, 0x13, 0x10, SOCKCTL_ROUNDED},    {READS_MASKED, 0x10, 0x12, SOCKCTL_GRANTED},
		{READS_MASKED, 0x13, 0x13, SOCKCTL_GRANTED},    {READS_MASKED, 0x13, 0x12, SOCKCTL_ROUNDED},
		{READS_MASKED, 0x10, 0x20, SOCKCTL_DIFFERS},    {READS_BACKOFF, 2, 3, SOCKCTL_ROUNDED},
		{READS_BACKOFF, 5, 7, SOCKCTL_ROUNDED},         {READS_BACKOFF, 30, 31, SOCKCTL_ROUNDED},
		{READS_BACKOFF, 7, 7, SOCKCTL_GRANTED},         {READS_BACKOFF, 5, 15, SOCKCTL_DIFFERS},
		{READS_BACKOFF, 0, 0, SOCKCTL_GRANTED},         {READS_BACKOFF, 128, 247, SOCKCTL_ROUNDED},
		{READS_BACKOFF, 0, 1, SOCKCTL_DIFFERS},         {READS_AT_MOST, 1000, 1000, SOCKCTL_GRANTED},
		{READS_AT_MOST, 1000, 988, SOCKCTL_ROUNDED},    {READS_AT_MOST, 1000, 1012, SOCKCTL_DIFFERS},
		{READS_RAISED, 4000, 4000, SOCKCTL_GRANTED},    {READS_RAISED, 1, 1152, SOCKCTL_ROUNDED},
		{READS_RAISED, 4000, 3999, SOCKCTL_DIFFERS},    {READS_RAISED, 1, 65536, SOCKCTL_DIFFERS},
		{READS_JIFFIES, 5000, 8000, SOCKCTL_ROUNDED},   {READS_JIFFIES, 8000, 8000, SOCKCTL_GRANTED},
		{READS_JIFFIES, 5000, 15000, SOCKCTL_DIFFERS},  {READS_JIFFIES, 5000, 4000, SOCKCTL_DIFFERS},
		{READS_JIFFIES, 0, 4000, SOCKCTL_DIFFERS},      {READS_JIFFIES, 0, 0, SOCKCTL_GRANTED},
		{READS_AT_MOST, 1000, 0, SOCKCTL_DIFFERS},      {READS_NEVER, 3, 3, SOCKCTL_UNVERIFIABLE},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct option row = {.name = "row", .kind = KIND_NUMBER, .reads = cases[i].reads, .mask = 0xfc};
		struct sockctl_verdict verdict = judged(&row, cases[i].asked, cases[i].got);

		if (verdict.outcome != cases[i].outcome)
			fail_msg("relation %d, asked %lld, got %lld: %s instead of %s", cases[i].reads,
				 (long long)cases[i].asked, (long long)cases[i].got,
				 sockctl_outcome_name(verdict.outcome), sockctl_outcome_name(cases[i].outcome));
		assert_int_equal(verdict.granted, cases[i].got);
		assert_int_equal(verdict.usable, cases[i].reads == READS_DOUBLED ? cases[i].got / 2 : cases[i].got);
	}
}

/* kernel/pid_max stands for any limit: it is on every system, and above any value here. */
static void only_what_the_limit_explains_is_a_clamp(void **state)
{
	struct option row = {.name = "row", .kind = KIND_NUMBER, .limit = "kernel/pid_max"};
	int64_t limit;

	(void)state;
	assert_int_equal(sysctl_read_number("kernel/pid_max", 0, &limit), 0);
	assert_int_equal(judged(&row, limit + 1, limit).outcome, SOCKCTL_CLAMPED);
	assert_int_equal(judged(&row, limit + 1, limit).limit_value, limit);
	assert_string_equal(judged(&row, limit + 1, limit).limit, "kernel/pid_max");
	assert_int_equal(judged(&row, limit + 1, limit - 1).outcome, SOCKCTL_DIFFERS);
	assert_int_equal(judged(&row, limit, limit).outcome, SOCKCTL_GRANTED);
	assert_null(judged(&row, limit, limit).limit);
	row.reads = READS_DOUBLED;
	assert_int_equal(judged(&row, limit + 1, 2 * limit).outcome, SOCKCTL_CLAMPED);
	assert_int_equal(judged(&row, limit + 1, limit).outcome, SOCKCTL_DIFFERS);
	row.limit = "no/such/limit";
	assert_int_equal(judged(&row, 65536, 65536).outcome, SOCKCTL_CLAMPED);
	assert_int_equal(judged(&row, 65536, 65536).limit_value, -1);
}

static void a_shut_gate_makes_inert(void **state)
{
	struct option row = {.name = "row", .kind = KIND_NUMBER, .gate = "kernel/pid_max", .gate_bit = 1 << 30};

	(void)state;
	assert_int_equal(judged(&row, 5, 5).outcome, SOCKCTL_INERT);
	assert_string_equal(judged(&row, 5, 5).limit, "kernel/pid_max");
	assert_int_equal(judged(&row, 0, 0).outcome, SOCKCTL_GRANTED); /* off needs no gate */
	row.gate = "no/such/gate";
	assert_int_equal(judged(&row, 5, 5).outcome, SOCKCTL_UNVERIFIABLE);
}

static void bdp_is_judged_by_what_was_sent(void **state)
{
	struct value asked = {.form = FORM_BDP, .number = 100000000, .second = 40000}, got = {.number = 1000000};
	struct sockctl_verdict verdict = {0};

	(void)state;
	assert_int_equal(relation_asked(&catalogue[OPTION_sndbuf], &asked), 500000);
	relation_judge(&catalogue[OPTION_sndbuf], &asked, &got, &verdict);
	assert_int_equal(verdict.outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict.usable, 500000);
}

static void the_worst_is_kept(void **state)
{
	struct sockctl_verdict kept = {.outcome = SOCKCTL_DEFERRED, .option = "tos"};
	struct sockctl_verdict good = {.outcome = SOCKCTL_GRANTED, .option = "tos", .shard = 0, .per_connection = 1};
	struct sockctl_verdict bad = {.outcome = SOCKCTL_CLAMPED, .option = "tos", .shard = 2};

	(void)state;
	report_merge(&kept, &good);
	assert_int_equal(kept.outcome, SOCKCTL_GRANTED);
	report_merge(&kept, &bad);
	assert_int_equal(kept.shard, 2);
	good.shard = 3;
	report_merge(&kept, &good);
	assert_int_equal(kept.outcome, SOCKCTL_CLAMPED);
	assert_int_equal(kept.shard, 2);
	assert_int_equal(kept.per_connection, 1);
	good.outcome = SOCKCTL_DEFERRED;
	report_merge(&kept, &good);
	assert_int_equal(kept.outcome, SOCKCTL_CLAMPED);
}

static const char *sentence(const struct sockctl_verdict *verdict)
{
	static char text[400];

	assert_true(sockctl_verdict_text(verdict, text, sizeof text) < (int)sizeof text);
	return text;
}

static const struct {
	struct sockctl_verdict verdict;
	const char *text;
} sentences[] = {
	{{.option = "nodelay", .asked_text = "on", .granted_text = "on"}, "nodelay: granted; asked on, got on"},
	{{.option = "backlog",
	  .outcome = SOCKCTL_CLAMPED,
	  .asked_text = "4096",
	  .granted_text = "128",
	  .limit = "net/core/somaxconn",
	  .limit_value = 128},
	 "backlog: clamped by net.core.somaxconn = 128; asked 4096, got 128"},
	{{.option = "rcvbuf",
	  .outcome = SOCKCTL_CLAMPED,
	  .asked = 8 << 20,
	  .asked_text = "8M",
	  .granted_text = "208K",
	  .granted = 416 << 10,
	  .usable = 208 << 10,
	  .limit = "net/core/rmem_max",
	  .limit_value = -1,
	  .shard = 1},
	 "rcvbuf: clamped by net.core.rmem_max, which cannot be read here (raise the maximum in net.ipv4.tcp_rmem to "
	 "16777216 and use auto, or raise net.core.rmem_max to 8388608); asked 8M, got 208K (416K as the kernel counts), at shard 1"},
	{{.option = "rcvbuf",
	  .outcome = SOCKCTL_AUTOTUNED,
	  .asked = 5000000,
	  .asked_text = "bdp:1gbit:40ms",
	  .granted_text = "auto",
	  .granted = 128 << 10,
	  .usable = 5000000,
	  .limit = "net/ipv4/tcp_rmem",
	  .limit_value = 33554432},
	 "rcvbuf: left to autotuning: net.ipv4.tcp_rmem maximum 33554432 >= 2 x 5000000; asked bdp:1gbit:40ms, "
	 "got auto (now 128K as the kernel counts), usable about 4.77M"},
	{{.option = "sndbuf",
	  .outcome = SOCKCTL_CLAMPED,
	  .asked = 5000000,
	  .asked_text = "bdp:1gbit:40ms",
	  .granted_text = "auto",
	  .granted = 16 << 10,
	  .usable = 2 << 20,
	  .limit = "net/ipv4/tcp_wmem",
	  .limit_value = 4 << 20},
	 "sndbuf: clamped by the maximum of autotuning, net.ipv4.tcp_wmem = 4194304 (raise the maximum in "
	 "net.ipv4.tcp_wmem to 10000000); asked bdp:1gbit:40ms, got auto (now 16K as the kernel counts), "
	 "usable about 2M"},
	{{.option = "fastopen",
	  .outcome = SOCKCTL_INERT,
	  .asked_text = "5",
	  .granted_text = "5",
	  .limit = "net/ipv4/tcp_fastopen",
	  .limit_value = 1},
	 "fastopen: inert: net.ipv4.tcp_fastopen = 1 keeps it off; asked 5, got 5"},
	{{.option = "keepalive-idle",
	  .outcome = SOCKCTL_INERT,
	  .asked_text = "30s",
	  .granted_text = "30s",
	  .limit = "keepalive",
	  .limit_value = -1},
	 "keepalive-idle: inert: it needs keepalive, which is off; asked 30s, got 30s"},
	{{.option = "nodelay",
	  .outcome = SOCKCTL_INERT,
	  .asked_text = "on",
	  .granted_text = "on",
	  .limit = "cork",
	  .limit_value = -1},
	 "nodelay: inert: cork decides instead; asked on, got on"},
	{{.option = "keepalive-count",
	  .outcome = SOCKCTL_OVERRULED,
	  .asked_text = "3",
	  .granted_text = "3",
	  .limit = "user-timeout",
	  .limit_value = -1},
	 "keepalive-count: overruled: user-timeout decides instead; asked 3, got 3"},
	{{.option = "rcvbuf-force",
	  .outcome = SOCKCTL_REFUSED,
	  .error = EPERM,
	  .asked_text = "8M",
	  .granted_text = "?",
	  .limit_value = -1},
	 "rcvbuf-force: refused: Operation not permitted; it needs CAP_NET_ADMIN of the host; "
	 "a container's own is not enough; asked 8M"},
	{{.option = "debug",
	  .outcome = SOCKCTL_REFUSED,
	  .error = EACCES,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit_value = -1},
	 "debug: refused: Permission denied; it needs CAP_NET_ADMIN of the host; a container's own is not enough; asked on"},
	{{.option = "sndlowat",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = ENOPROTOOPT,
	  .asked_text = "1",
	  .granted_text = "?",
	  .limit_value = -1},
	 "sndlowat: unsupported: Protocol not available; Linux only tells it, and lets nobody set it; asked 1"},
	{{.option = "reserve-mem",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = EOPNOTSUPP,
	  .asked_text = "64K",
	  .granted_text = "?",
	  .limit_value = -1},
	 "reserve-mem: unsupported: Operation not supported; it needs a TCP socket, and Linux 5.16; it needs a memory cgroup "
	 "that accounts for sockets; asked 64K"},
	{{.option = "udp-gro",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = ENOPROTOOPT,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit_value = -1},
	 "udp-gro: unsupported: Protocol not available; it needs a UDP socket, and Linux 5.0; asked on"},
	{{.option = "v6only",
	  .outcome = SOCKCTL_TOO_LATE,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit = "bind()",
	  .limit_value = -1},
	 "v6only: too late: it must precede bind(); asked on"},
	{{.option = "rcvbuf",
	  .outcome = SOCKCTL_TOO_LATE,
	  .asked_text = "4M",
	  .granted_text = "4M",
	  .granted = 8 << 20,
	  .usable = 65535,
	  .limit = "window scale",
	  .limit_value = 65535},
	 "rcvbuf: too late: the window scale of the handshake lets through at most 64.0K; "
	 "asked 4M, got 4M (8M as the kernel counts), usable about 64.0K"},
	{{.option = "mark",
	  .outcome = SOCKCTL_REFUSED,
	  .error = EPERM,
	  .asked_text = "0x2a",
	  .granted_text = "?",
	  .limit_value = -1},
	 "mark: refused: Operation not permitted; it needs CAP_NET_ADMIN or CAP_NET_RAW; asked 0x2a"},
	{{.option = "v6only",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = ENOPROTOOPT,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit_value = -1},
	 "v6only: unsupported: Protocol not available; it needs an IPv6 socket, and Linux 2.6; asked on"},
	{{.option = "nodelay",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = ENOPROTOOPT,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit_value = -1},
	 "nodelay: unsupported: Protocol not available; it needs a TCP socket; asked on"},
	{{.option = "quickack",
	  .outcome = SOCKCTL_UNSUPPORTED,
	  .error = ENOPROTOOPT,
	  .asked_text = "on",
	  .granted_text = "?",
	  .limit_value = -1},
	 "quickack: unsupported: Protocol not available; it needs a TCP socket, and Linux 2.4.4; asked on"},
	{{.option = "bind-device",
	  .outcome = SOCKCTL_REFUSED,
	  .error = ENODEV,
	  .asked_text = "lo7",
	  .granted_text = "?",
	  .limit_value = -1},
	 "bind-device: refused: No such device; no interface here has that name; asked lo7"},
	{{.option = "tos",
	  .outcome = SOCKCTL_DIFFERS,
	  .asked_text = "0x10",
	  .granted_text = "0x0",
	  .limit = "IPV6_TCLASS",
	  .limit_value = -1},
	 "tos: differs: IPV6_TCLASS reads back another value; asked 0x10, got 0x0"},
	{{.option = "priority", .asked_text = "5", .granted_text = "5", .per_connection = 1},
	 "priority: granted; asked 5, got 5; not inherited: each accepted connection costs a call"},
	{{.option = "quickack", .asked_text = "off", .granted_text = "off", .per_connection = 1},
	 "quickack: granted; asked off, got off; "
	 "the kernel changes it with the traffic, so it has to be set again"},
};

static void sentences_say_what_a_person_needs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sentences / sizeof *sentences; i++)
		assert_string_equal(sentence(&sentences[i].verdict), sentences[i].text);
}

static void a_short_buffer_is_cut_not_overrun(void **state)
{
	struct sockctl_verdict verdict = {.option = "nodelay", .asked_text = "on", .granted_text = "on"};
	char text[8] = "1234567";
	int whole = sockctl_verdict_text(&verdict, NULL, 0);

	(void)state;
	assert_int_equal(sockctl_verdict_text(&verdict, text, 4), whole);
	assert_string_equal(text, "nod");
	assert_string_equal(text + 4, "567");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(relations_tell_what_is_in_effect),
		cmocka_unit_test(only_what_the_limit_explains_is_a_clamp),
		cmocka_unit_test(a_shut_gate_makes_inert),
		cmocka_unit_test(bdp_is_judged_by_what_was_sent),
		cmocka_unit_test(the_worst_is_kept),
		cmocka_unit_test(sentences_say_what_a_person_needs),
		cmocka_unit_test(a_short_buffer_is_cut_not_overrun),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
