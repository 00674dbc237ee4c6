/* Scenes beside the two that each rule has: what once was judged wrongly. */
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "samples.h"

/* The one finding of the rule, or NULL; examined or not. */
static const struct finding *ask(const struct scene *scene, enum rule_id id)
{
	const struct finding *finding;
	struct tally tally;
	unsigned count;

	finding = scene_ask(scene, id, &count, &tally);
	assert_in_range(count, 0, 1);
	return count ? finding : NULL;
}

static void assert_says(const struct finding *finding, const char *words)
{
	assert_non_null(finding);
	if (!strstr(finding->evidence, words))
		fail_msg("not in the evidence: %s: %s", words, finding->evidence);
}

/* A client that lost its network: an old, long RTT, a full window, and nothing acknowledged, or next to nothing. */
static void a_vanished_client_fills_no_queue(void **state)
{
	struct scene scene;
	struct scene_socket *socket;

	(void)state;
	scene_init(&scene);
	socket = scene_remote(&scene, 443, 40000);
	socket->first.tcp.rtt_us = 400000;
	scene_settle(&scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.unacked_segs = 300;
	socket->second.tcp.notsent_bytes = 500000;
	assert_null(ask(&scene, RULE_bufferbloat));
	socket->second.tcp.bytes_acked = 1448;
	assert_null(ask(&scene, RULE_bufferbloat));
	scene_end();
}

/* Requests of a segment over 5 ms, which are answered after 30 ms; so many of 500 were lost. */
static void asks_with_losses(struct scene *scene, uint64_t lost)
{
	struct scene_socket *socket;

	scene_init(scene);
	socket = scene_remote(scene, 40000, 8080);
	socket->first.tcp.bytes_acked = 1000000;
	socket->first.tcp.ssthresh_segs = 20;
	socket->first.tcp.min_rtt_us = 5000;
	socket->first.tcp.rtt_us = 30000;
	scene_settle(scene);
	socket->second.tcp.busy_time_us = 1500000;
	socket->second.tcp.bytes_sent = 100000;
	socket->second.tcp.bytes_acked += 98000;
	socket->second.tcp.data_segs_out = 500;
	socket->second.tcp.retrans_total_segs = lost;
}

static void the_peers_thinking_is_no_queue(void **state)
{
	struct scene scene;

	(void)state;
	asks_with_losses(&scene, 40);
	assert_says(ask(&scene, RULE_retransmissions), "too little in flight");
	asks_with_losses(&scene, 15);
	assert_non_null(ask(&scene, RULE_retransmissions));
	asks_with_losses(&scene, 9);
	assert_null(ask(&scene, RULE_retransmissions));
	scene_end();
}

/* A full queue at both looks, and full segments: there the same 3 % are the price of filling it. */
static void who_fills_a_queue_loses_some(void **state)
{
	struct scene scene;
	struct scene_socket *socket;

	(void)state;
	asks_with_losses(&scene, 15);
	socket = &scene.socket[0];
	socket->second.tcp.bytes_sent = 720000;
	socket->second.tcp.bytes_acked = socket->first.tcp.bytes_acked + 700000;
	assert_null(ask(&scene, RULE_retransmissions));
	socket->second.tcp.retrans_total_segs = 40;
	assert_says(ask(&scene, RULE_retransmissions), "a queue on the way is full");
	scene_end();
}

/* Silent for so long after three timeouts, without user-timeout. */
static const struct finding *silent_for(uint64_t silent_ms, uint64_t idle_us)
{
	static struct scene scene;
	struct scene_socket *socket;

	scene_init(&scene);
	scene.host.idle_us = idle_us;
	socket = scene_remote(&scene, 443, 40000);
	socket->first.tcp.unacked_segs = 2;
	socket->first.tcp.retransmits = 4;
	socket->first.tcp.last_ack_received_ms = silent_ms;
	scene_settle(&scene);
	scene_option(socket, OPTION_keepalive, 0);
	scene_option(socket, OPTION_keepalive_idle, 7200);
	scene_option(socket, OPTION_keepalive_interval, 75);
	scene_option(socket, OPTION_keepalive_count, 9);
	scene_option(socket, OPTION_user_timeout, 0);
	return ask(&scene, RULE_user_timeout);
}

static void a_phone_in_a_tunnel_is_no_finding(void **state)
{
	const uint64_t usual_us = 600 * 1000000ull;

	(void)state;
	assert_null(silent_for(4000, usual_us));
	assert_null(silent_for(61000, usual_us));
	assert_int_equal(silent_for(121000, usual_us)->severity, SEVERITY_WARNING);
	assert_says(silent_for(4000, 3000000), "unless the program's own timeout");
	scene_end();
}

/* 60 kB arrive in each round trip of 20 ms, all that fits a window without a scale, into a much larger buffer. */
static void receives(struct scene *scene, uint64_t negotiated)
{
	struct scene_socket *socket;

	scene_init(scene);
	scene_sysctl(scene, SYSCTL_window_scaling, 1);
	socket = scene_remote(scene, 8080, 40000);
	socket->first.skmem[SK_MEMINFO_RCVBUF] = 425984;
	socket->first.tcp.rcv_rtt_us = 20500;
	socket->first.tcp.rcv_wscale = 0;
	socket->first.tcp.negotiated_bits = negotiated;
	scene_settle(scene);
	socket->second.tcp.bytes_received = 6000000;
}

static void a_missing_window_scale_is_whose_fault(void **state)
{
	const uint64_t without = 3, with = 7;
	const struct finding *finding;
	struct scene scene;

	(void)state;
	receives(&scene, without);
	finding = ask(&scene, RULE_window_scale);
	assert_says(finding, "settled no window scale");
	assert_string_equal(finding->fix.spec, "");
	assert_non_null(strstr(finding->fix.advice, "the peer"));
	scene_sysctl(&scene, SYSCTL_window_scaling, 0);
	assert_string_equal(ask(&scene, RULE_window_scale)->fix.sysctl, "net.ipv4.tcp_window_scaling=1");
	scene.socket[0].second.tcp.bytes_received = 60000;
	assert_null(ask(&scene, RULE_window_scale));
	receives(&scene, with);
	scene_option(&scene.socket[0], OPTION_rcvbuf, 425984);
	assert_string_equal(ask(&scene, RULE_window_scale)->fix.spec, "rcvbuf=auto");
	scene.host.sysctls.fact[SYSCTL_tcp_rmem].known = false;
	assert_null(strstr(ask(&scene, RULE_window_scale)->fix.advice, "for 0"));
	scene_option_auto(&scene.socket[0], OPTION_rcvbuf, 425984);
	finding = ask(&scene, RULE_window_scale);
	assert_string_equal(finding->fix.spec, "");
	assert_non_null(strstr(finding->fix.advice, "no program has fixed it"));
	scene_end();
}

/* Eighty connections out of a hundred ports, to two destinations: the first of these is returned. */
static struct scene_socket *binds_ports(struct scene *scene)
{
	scene_init(scene);
	port_range_count(&scene->host.ports, 40000, 40099, "");
	scene->host.sysctls.fact[SYSCTL_port_range].number[0] = 40000;
	scene->host.sysctls.fact[SYSCTL_port_range].number[1] = 40099;
	for (uint16_t i = 0; i < 80; i++)
		scene_remote(scene, 40000 + i, i % 2 ? 80 : 443);
	return &scene->socket[0];
}

/* A resolver's UDP socket has one of the ports too, and one connection of another program has another. */
static void a_coincidence_of_ports_hides_nothing(void **state)
{
	struct scene scene;

	(void)state;
	binds_ports(&scene);
	scene_remote(&scene, 40001, 8080);
	scene_remote(&scene, 40002, 53)->first.protocol = IPPROTO_UDP;
	scene_settle(&scene);
	assert_says(ask(&scene, RULE_bound_ports), "80 of 100 ports");
	scene_end();
}

static void map(uint8_t *address)
{
	memmove(address + 12, address, 4);
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
}

/* Half of the connections are those of dual-stack sockets: still one destination. */
static void mapped_addresses_are_the_same(void **state)
{
	struct scene scene;

	(void)state;
	binds_ports(&scene);
	for (unsigned i = 0; i < scene.count; i++) {
		struct socket_fact *fact = &scene.socket[i].first;

		fact->destination_port = 80;
		if (i % 2)
			continue;
		fact->family = AF_INET6;
		map(fact->source);
		map(fact->destination);
	}
	scene_settle(&scene);
	assert_says(ask(&scene, RULE_ports), "80 of 100 ports");
	for (unsigned i = 0; i < 40; i++)
		scene.socket[i].second.protocol = IPPROTO_UDP;
	assert_null(ask(&scene, RULE_ports));
	scene_end();
}

/* A request in two writes every 42 ms; nothing was held when looked at. */
static void what_the_looks_missed_is_unknown(void **state)
{
	struct scene scene;
	struct scene_socket *socket;
	struct tally tally;
	unsigned count;

	(void)state;
	scene_init(&scene);
	socket = scene_remote(&scene, 40000, 8080);
	socket->first.tcp.min_rtt_us = 1000;
	socket->first.tcp.rtt_us = 21000;
	scene_settle(&scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.data_segs_out = 90;
	socket->second.tcp.data_segs_in = 45;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 9000;
	scene_option(socket, OPTION_nodelay, 0);
	scene_ask(&scene, RULE_nagle, &count, &tally);
	assert_int_equal(count, 0);
	assert_int_equal(tally.unknown, 1);
	socket->second.tcp.data_segs_in = 90; /* one write, one answer */
	scene_ask(&scene, RULE_nagle, &count, &tally);
	assert_int_equal(tally.unknown, 0);
	socket->second.tcp.data_segs_out = 9;
	scene_option(socket, OPTION_cork, 1);
	scene_ask(&scene, RULE_cork, &count, &tally);
	assert_int_equal(count, 0);
	assert_int_equal(tally.unknown, 1);
	scene_option(socket, OPTION_cork, 0);
	scene_ask(&scene, RULE_cork, &count, &tally);
	assert_int_equal(tally.unknown, 0);
	scene_end();
}

/* A request in two writes every 120 ms, the second of which waits for 40 ms; the path takes 1 ms. Each segment took 21 ms
 * before the first look too. */
static struct scene_socket *pausing_asker(struct scene *scene)
{
	struct scene_socket *socket;

	scene_init(scene);
	socket = scene_remote(scene, 40000, 8080);
	socket->first.tcp.min_rtt_us = 1000;
	socket->first.tcp.rtt_us = 21000;
	socket->first.tcp.data_segs_out = 100;
	socket->first.tcp.bytes_sent = socket->first.tcp.bytes_acked = 10000;
	socket->first.tcp.busy_time_us = 2100000;
	scene_settle(scene);
	socket->second.tcp.data_segs_out += 33;
	socket->second.tcp.data_segs_in = 16;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked += 3300;
	socket->second.tcp.busy_time_us += 33 * 21000;
	socket->second.tcp.unacked_segs = 1;
	socket->second.tcp.notsent_bytes = 100;
	scene_option(socket, OPTION_nodelay, 0);
	return socket;
}

/* What is held for a third of the time is seen at a third of the looks in between, and then the evidence counts them. A
 * single look that finds a rest says nothing, nor do many that find none. */
static void rests_that_come_and_go_are_counted(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	socket->between = 37;
	socket->between_well = 25;
	assert_says(ask(&scene, RULE_nagle), "at 13 of 39 looks");
	socket->between_well = 37;
	assert_null(ask(&scene, RULE_nagle)); /* the second look found one, and no other */
	socket->second.tcp.notsent_bytes = 0;
	assert_null(ask(&scene, RULE_nagle));
	scene_end();
}

/* Small messages over 15 ms, of which each waits for the last one's acknowledgement: nobody delays that. */
static void a_rest_that_waits_for_the_path_alone_is_none(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	socket->first.tcp.min_rtt_us = socket->second.tcp.min_rtt_us = 15000;
	socket->second.tcp.data_segs_out = 100 + 133;
	socket->second.tcp.busy_time_us = 2100000 + 2000000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 10000 + 13300;
	socket->between = 37;
	assert_null(ask(&scene, RULE_nagle));
	scene_end();
}

/* A cork whose rest waits 200 ms of each 600. */
static void a_cork_that_is_seen_between_the_looks(void **state)
{
	struct scene scene;
	struct scene_socket *socket = pausing_asker(&scene);

	(void)state;
	socket->second.tcp.data_segs_out = 103;
	socket->second.tcp.busy_time_us = 2100000 + 600000;
	socket->second.tcp.unacked_segs = 0;
	scene_option(socket, OPTION_cork, 1);
	socket->between = 37;
	socket->between_well = 25;
	assert_says(ask(&scene, RULE_cork), "at 13 of 39 looks");
	socket->second.tcp.notsent_bytes = 0;
	assert_null(ask(&scene, RULE_cork));
	scene_end();
}

/* More than can be looked at in between: those with a rest take the places of those without one. */
static void suspects_are_few(void **state)
{
	struct scene scene;
	struct scene_socket *last;
	struct doctor *doctor;
	unsigned count = 0;

	(void)state;
	pausing_asker(&scene);
	assert_int_equal(doctor_new(&doctor, &scene.host, 0), 0);
	for (unsigned i = 0; i < 100; i++) {
		last = &scene.socket[0];
		last->first.cookie = 1000 + i;
		last->first.tcp.notsent_bytes = i == 99 ? 100 : 0;
		assert_int_equal(doctor_first(doctor, &last->first), 0);
	}
	assert_int_equal(doctor_suspect(doctor, 0)->cookie, 1099);
	while (doctor_suspect(doctor, count))
		count++;
	assert_int_equal(count, 64);
	doctor_free(doctor);
}

/* Twelve in CLOSE_WAIT, twelve more at the second look: what tells a leak from a slow program, and how urgent it is. */
static void what_is_not_closed_is_judged_by_what_it_waits_for(void **state)
{
	static const struct process_fact process = {.files_known = true, .files = {1024, 4096, 900}};
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	assert_int_equal(ask(&scene, RULE_close_wait_growth)->severity, SEVERITY_WARNING);
	for (unsigned i = 1; i < scene.count; i++)
		scene.socket[i].owner.process = &process;
	assert_int_equal(ask(&scene, RULE_close_wait_growth)->severity, SEVERITY_FAULT);
	assert_says(ask(&scene, RULE_close_wait_growth), "900 files open of 1024, reached in 21 s if");
	for (unsigned i = 1; i <= 12; i++) /* a minute later it is the other rule's */
		scene.socket[i].second.tcp.last_ack_received_ms = 70000;
	assert_null(ask(&scene, RULE_close_wait_growth));
	assert_int_equal(ask(&scene, RULE_close_wait)->severity, SEVERITY_FAULT);
	for (unsigned i = 1; i <= 12; i++) /* a moment ago is no proof */
		scene.socket[i].second.tcp.last_ack_received_ms = 3000;
	assert_null(ask(&scene, RULE_close_wait_growth));
	for (unsigned i = 1; i <= 12; i++) { /* the last question is not answered yet */
		scene.socket[i].second.tcp.last_ack_received_ms = 12000;
		scene.socket[i].second.tcp.last_data_received_ms = 11000;
	}
	assert_null(ask(&scene, RULE_close_wait_growth));
	scene_end();
}

/* The end is not read: of a program that hangs nothing follows, one that serves others has forgotten it. */
static void an_end_that_is_not_read(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	sick_close_wait_growth(&scene);
	for (unsigned i = 1; i <= 12; i++)
		scene.socket[i].second.rqueue_bytes = 1;
	for (unsigned i = 13; i <= 24; i++)
		scene.socket[i].second.tcp.bytes_sent = 0;
	assert_null(ask(&scene, RULE_close_wait_growth));
	scene.socket[20].second.tcp.bytes_sent = 100;
	assert_non_null(ask(&scene, RULE_close_wait_growth));
	scene_end();
}

/* A silent connection between two addresses of this host, one of them as a dual-stack socket has it: nobody can vanish. */
static void two_addresses_of_one_host_are_local(void **state)
{
	struct scene scene;
	struct scene_socket *here, *there;

	(void)state;
	scene_init(&scene);
	here = scene_remote(&scene, 40000, 5432);
	there = scene_remote(&scene, 5432, 40000);
	memcpy(there->first.source, here->first.destination, 4);
	memcpy(there->first.destination, here->first.source, 4);
	there->first.family = AF_INET6;
	map(there->first.source);
	map(there->first.destination);
	for (unsigned i = 0; i < 2; i++) {
		struct tcp_fact *tcp = &scene.socket[i].first.tcp;

		tcp->last_data_sent_ms = tcp->last_data_received_ms = 1200000;
	}
	scene_settle(&scene);
	assert_null(ask(&scene, RULE_keepalive_off));
	scene.count = 1; /* without the other end the peer is another host's */
	assert_non_null(ask(&scene, RULE_keepalive_off));
	scene_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vanished_client_fills_no_queue),
		cmocka_unit_test(the_peers_thinking_is_no_queue),
		cmocka_unit_test(who_fills_a_queue_loses_some),
		cmocka_unit_test(a_phone_in_a_tunnel_is_no_finding),
		cmocka_unit_test(a_missing_window_scale_is_whose_fault),
		cmocka_unit_test(a_coincidence_of_ports_hides_nothing),
		cmocka_unit_test(mapped_addresses_are_the_same),
		cmocka_unit_test(two_addresses_of_one_host_are_local),
		cmocka_unit_test(rests_that_come_and_go_are_counted),
		cmocka_unit_test(a_rest_that_waits_for_the_path_alone_is_none),
		cmocka_unit_test(a_cork_that_is_seen_between_the_looks),
		cmocka_unit_test(suspects_are_few),
		cmocka_unit_test(what_is_not_closed_is_judged_by_what_it_waits_for),
		cmocka_unit_test(an_end_that_is_not_read),
		cmocka_unit_test(what_the_looks_missed_is_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
