/* Host facts: the parser on texts good and bad, and the running kernel's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "observe/counters.h"

static bool has(const struct host_fact *fact, enum host_fact_id id)
{
	return fact->have >> id & 1;
}

static void pairs_are_matched(void **state)
{
	struct host_fact fact = {0};

	(void)state;
	counters_parse("TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 5 18446744073709551615 7\n"
		       "IpExt: ListenDrops\nIpExt: 9\nTcp: RetransSegs MaxConn\nTcp: 11 -1\n",
		       &fact);
	assert_true(has(&fact, HOST_FACT_syncookies_sent));
	assert_int_equal(fact.syncookies_sent, 5);
	assert_true(fact.listen_overflows == UINT64_MAX);
	assert_int_equal(fact.listen_drops, 7);
	assert_int_equal(fact.retrans_segs, 11);
	assert_false(has(&fact, HOST_FACT_delayed_acks));
}

static void bad_texts_give_nothing(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n\n",
		"TcpExt:",
		"TcpExt: ListenDrops",
		"TcpExt: ListenDrops\n",
		"TcpExt: ListenDrops\nTcpExt:\n",
		"TcpExt: ListenDrops\nTcp: 4\n",
		"TcpExt: ListenDrops\nTcpExt: -4\n",
		"TcpExt: ListenDrops\nTcpExt: x\n",
		"TcpExt: ListenDrops\nTcpExt: 123456789012345678901234567890\n",
		"TcpExt ListenDrops\nTcpExt 4\n",
		": ListenDrops\n: 4\n",
		"ListenDrops\n4\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct host_fact fact = {0};

		counters_parse(texts[i], &fact);
		if (fact.have)
			fail_msg("\"%s\" was taken for a counter", texts[i]);
	}
}

static void lines_of_snmp6(void **state)
{
	struct host_fact fact = {0};

	(void)state;
	counters_parse6("Ip6InReceives 5\nUdp6InDatagrams                 \t17\nUdp6 4\nUdp6NoPorts\nUdp6InErrors x\n"
			"Udp6RcvbufErrors 3",
			&fact);
	assert_int_equal(fact.udp6_in, 17);
	assert_int_equal(fact.udp6_rcvbuf_errors, 3);
	assert_false(has(&fact, HOST_FACT_udp6_no_ports) || has(&fact, HOST_FACT_udp6_in_errors));
	assert_false(has(&fact, HOST_FACT_udp_in));
}

static void this_kernel_has_them(void **state)
{
	struct host_fact before, after;

	(void)state;
	assert_int_equal(counters_read(&before), 0);
	assert_int_equal(counters_read(&after), 0);
	assert_true(has(&before, HOST_FACT_listen_overflows));
	assert_true(has(&before, HOST_FACT_delayed_acks));
	assert_true(has(&before, HOST_FACT_out_segs));
	assert_true(has(&before, HOST_FACT_udp_rcvbuf_errors));
	assert_true(has(&before, HOST_FACT_abort_on_memory));
	assert_true(after.out_segs >= before.out_segs);
	host_fact_subtract(&after, &before);
	assert_true(after.out_segs < 1000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_matched),
		cmocka_unit_test(bad_texts_give_nothing),
		cmocka_unit_test(lines_of_snmp6),
		cmocka_unit_test(this_kernel_has_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
