/* Scenes beside the two that each rule has: what it must not say, and what it must say in the end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <cmocka.h>
#include "samples.h"

static struct scene scene;
static struct tally tally;
static const struct finding *finding;

static void is_asked(enum rule_id id, unsigned expected)
{
	unsigned count;

	finding = scene_ask(&scene, id, &count, &tally);
	if (count != expected)
		fail_msg("%s: %u findings where %u are right: %s", rules[id].name, count, expected,
			 count ? finding->evidence : "");
}

static int begin(void **state)
{
	(void)state;
	scene_init(&scene);
	return 0;
}

static int end(void **state)
{
	(void)state;
	scene_end();
	return 0;
}

static struct scene_socket *unread(uint16_t port, uint32_t bytes)
{
	struct scene_socket *socket = scene_connection(&scene, port, 443);

	socket->first.rqueue_bytes = bytes;
	socket->first.tcp.bytes_received = bytes;
	return socket;
}

/* What a server says at the end of an idle connection (close_notify and its FIN), and a session ticket. */
static void few_unread_bytes_are_well(void **state)
{
	(void)state;
	unread(40000, 25)->first.state = TCP_CLOSE_WAIT;
	unread(40001, 500);
	scene_settle(&scene);
	is_asked(RULE_unread, 0);
	assert_int_equal(tally.examined, 2);
	scene.socket[1].second.tcp.rcv_wnd_bytes = 0; /* the peer has to wait, by however few */
	is_asked(RULE_unread, 1);
}

/* The interval that is left when a signal has ended it. */
static void a_moment_says_nothing_of_reading(void **state)
{
	(void)state;
	unread(40000, 60000);
	scene_settle(&scene);
	scene.host.interval_us = 1000;
	is_asked(RULE_unread, 0);
	assert_int_equal(tally.unknown, 1);
}

static struct scene_socket *stalled(uint16_t port)
{
	struct scene_socket *socket = scene_connection(&scene, port, 50000);

	socket->first.wqueue_bytes = 9000;
	socket->first.tcp.snd_wnd_bytes = 0;
	return socket;
}

/* Of two workers of one program one waits for its own peer; the worst is its. */
static void one_stalled_worker_excuses_no_other(void **state)
{
	(void)state;
	unread(8080, 60000)->owner.pid = 200;
	stalled(8080)->owner.pid = 200;
	unread(8080, 50000)->owner.pid = 300;
	unread(8080, 40000)->owner.pid = 300;
	scene_settle(&scene);
	is_asked(RULE_unread, 1);
	assert_string_equal(finding->who, "python3[300]");
	assert_int_equal(finding->sockets, 2);
	assert_int_equal(tally.sick, 2);
	assert_int_equal(tally.unknown, 1);
}

/* A program that has stopped reading, of many services: each counts, wherever it is told. */
static void what_is_held_counts_over_many_ports(void **state)
{
	uint64_t sockets = 0;
	unsigned told;

	(void)state;
	for (uint16_t i = 0; i < 40; i++)
		unread((uint16_t)(8000 + i), 60000);
	scene_settle(&scene);
	finding = scene_ask(&scene, RULE_unread, &told, &tally);
	assert_in_range(told, 1, 40);
	for (unsigned i = 0; i < told; i++)
		sockets += finding[i].sockets;
	assert_int_equal(sockets, 40);
	assert_int_equal(tally.sick, 40);
}

/* Something unacknowledged is on the way of every program that answers. */
static void what_is_only_unacknowledged_excuses_nothing(void **state)
{
	(void)state;
	unread(8080, 60000);
	stalled(8080)->first.tcp.snd_wnd_bytes = 65536;
	scene_settle(&scene);
	is_asked(RULE_unread, 1);
}

/* A pool whose server has closed what was idle: kept until it would be used next. */
static void pools_of_closed_connections_are_a_note(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 12; i++) {
		struct scene_socket *socket = scene_connection(&scene, (uint16_t)(40000 + i), 443);

		socket->first.state = TCP_CLOSE_WAIT;
		socket->first.tcp.last_ack_received_ms = 65000;
	}
	scene_settle(&scene);
	is_asked(RULE_close_wait, 1);
	assert_int_equal(finding->severity, SEVERITY_NOTE);
	assert_non_null(strstr(finding->fix.advice, "pool"));
}

/* Clients that have said all that they want, of a server that works at the answer for half a minute. */
static void half_closed_clients_may_wait(void **state)
{
	(void)state;
	sick_close_wait(&scene);
	for (unsigned i = 0; i < scene.count; i++)
		scene.socket[i].second.tcp.last_ack_received_ms = 30000;
	is_asked(RULE_close_wait, 0);
}

/* A container: tcp_mem is the first namespace's, and what it counts is counted there. */
static void pressure_that_cannot_be_seen_is_unknown(void **state)
{
	(void)state;
	scene_settle(&scene);
	is_asked(RULE_tcp_memory, 0);
	assert_int_equal(tally.unknown, 1);
}

/* An hour of it is counted at its end. */
static void pressure_is_not_said_to_be_longer_than_the_interval(void **state)
{
	(void)state;
	well_tcp_memory(&scene);
	scene.counted.memory_pressure_ms = 3600000;
	is_asked(RULE_tcp_memory, 1);
	assert_null(strstr(finding->evidence, "3600000 ms of"));
	assert_non_null(strstr(finding->evidence, "left it after 3600000 ms, which may have begun before"));
}

/* RcvPruned and TCPRcvQDrop rise for one and the same segment. */
static void a_dropped_segment_counts_once(void **state)
{
	(void)state;
	sick_receive_prunes(&scene);
	scene.counted.rcv_prune_drops = 30;
	is_asked(RULE_receive_prunes, 1);
	assert_int_equal(finding->number[0].value, 50);
	scene.counted.rcv_queue_drops = scene.counted.ofo_queue_drops = 0;
	is_asked(RULE_receive_prunes, 0);
}

static void what_is_not_counted_is_unknown(void **state)
{
	static const enum rule_id of_the_host[] = {RULE_syn_queue, RULE_no_memory, RULE_receive_prunes};

	(void)state;
	scene.counted.have = 0;
	for (unsigned i = 0; i < sizeof of_the_host / sizeof *of_the_host; i++) {
		is_asked(of_the_host[i], 0);
		assert_int_equal(tally.unknown, 1);
		assert_int_equal(tally.examined, 0);
	}
	sick_udp_drops(&scene);
	sick_accept_queue_overflow(&scene);
	scene.socket[0].second.skmem[SK_MEMINFO_DROPS] = 100; /* the other one has settled it */
	scene.counted.have = 0;
	is_asked(RULE_udp_drops, 0);
	assert_int_equal(tally.unknown, 1);
	is_asked(RULE_accept_queue_overflow, 0);
	assert_int_equal(tally.unknown, 1);
}

/* All UDP sockets together hold too much: no receive buffer is to blame. */
static void udp_memory_is_not_a_receive_buffer(void **state)
{
	(void)state;
	sick_udp_drops(&scene);
	scene.counted.udp_rcvbuf_errors = 0;
	scene.counted.udp_memory_errors = 1000;
	scene.host.sysctls.fact[SYSCTL_udp_mem] = (struct sysctl_fact){
		.known = true, .count = 3, .number = {100, 200, 300}};
	is_asked(RULE_udp_drops, 1);
	assert_string_equal(finding->fix.spec, "");
	assert_string_equal(finding->fix.sysctl, "net.ipv4.udp_mem=200 400 600");
}

/* tcp_syncookies=2: each SYN is answered by one, and counted. */
static void cookies_for_all_are_no_full_queue(void **state)
{
	(void)state;
	sick_syn_queue(&scene);
	scene_sysctl(&scene, SYSCTL_syncookies, 2);
	is_asked(RULE_syn_queue, 0);
}

static void a_longer_syn_queue_needs_somaxconn(void **state)
{
	(void)state;
	sick_syn_queue(&scene);
	scene_sysctl(&scene, SYSCTL_somaxconn, 128);
	is_asked(RULE_syn_queue, 1);
	assert_string_equal(finding->fix.spec, "backlog=4096");
	assert_string_equal(finding->fix.sysctl, "net.core.somaxconn=4096");
}

/* One handshake under way is nothing to a listener that may have 128. */
static void a_listener_with_room_is_not_named(void **state)
{
	(void)state;
	sick_syn_queue(&scene);
	scene.socket[0].second.tcp.sacked_segs = 128;
	is_asked(RULE_syn_queue, 1);
	assert_null(strstr(finding->evidence, "port 80"));
	assert_string_equal(finding->fix.spec, "");
}

static void overflow_over(uint64_t seconds)
{
	scene_init(&scene);
	sick_accept_queue_overflow(&scene);
	scene.host.interval_us = seconds * 1000000;
	scene.socket[0].second.skmem[SK_MEMINFO_DROPS] = (uint32_t)(1000 * seconds);
	is_asked(RULE_accept_queue_overflow, 1);
}

static void a_longer_look_advises_no_longer_queue(void **state)
{
	(void)state;
	overflow_over(2);
	assert_string_equal(finding->fix.spec, "backlog=2048");
	overflow_over(60);
	assert_string_equal(finding->fix.spec, "backlog=2048");
}

static void a_queue_full_at_both_looks_needs_more_workers(void **state)
{
	(void)state;
	sick_accept_queue_overflow(&scene);
	scene.socket[0].first.tcp.unacked_segs = 129;
	is_asked(RULE_accept_queue_overflow, 1);
	assert_string_equal(finding->fix.spec, "");
	assert_non_null(strstr(finding->fix.advice, "workers"));
}

/* nginx was not restarted after the sysctl was raised; one that is told to have 64 has chosen. */
static void a_cap_that_was_raised_later_is_a_note(void **state)
{
	(void)state;
	sick_backlog_clamped(&scene);
	scene_sysctl(&scene, SYSCTL_somaxconn, 4096);
	is_asked(RULE_backlog_clamped, 1);
	assert_int_equal(finding->severity, SEVERITY_NOTE);
	scene.socket[0].second.tcp.sacked_segs = 64;
	is_asked(RULE_backlog_clamped, 0);
}

/* `doctor pid = N`: what waits in a queue has no owner. */
static void a_filter_that_leaves_out_what_waits_is_told(void **state)
{
	(void)state;
	sick_not_accepting(&scene);
	scene.count = 1;
	scene.host.filtered = true;
	is_asked(RULE_not_accepting, 0);
	assert_int_equal(tally.unknown, 1);
	assert_int_equal(tally.examined, 0);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(few_unread_bytes_are_well),
		TEST(a_moment_says_nothing_of_reading),
		TEST(one_stalled_worker_excuses_no_other),
		TEST(what_is_held_counts_over_many_ports),
		TEST(what_is_only_unacknowledged_excuses_nothing),
		TEST(pools_of_closed_connections_are_a_note),
		TEST(half_closed_clients_may_wait),
		TEST(pressure_that_cannot_be_seen_is_unknown),
		TEST(pressure_is_not_said_to_be_longer_than_the_interval),
		TEST(a_dropped_segment_counts_once),
		TEST(what_is_not_counted_is_unknown),
		TEST(udp_memory_is_not_a_receive_buffer),
		TEST(cookies_for_all_are_no_full_queue),
		TEST(a_longer_syn_queue_needs_somaxconn),
		TEST(a_listener_with_room_is_not_named),
		TEST(a_longer_look_advises_no_longer_queue),
		TEST(a_queue_full_at_both_looks_needs_more_workers),
		TEST(a_cap_that_was_raised_later_is_a_note),
		TEST(a_filter_that_leaves_out_what_waits_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
