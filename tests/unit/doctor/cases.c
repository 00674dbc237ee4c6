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
#include "asking.h"

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

/* Limited by a peer's window of so many bytes at the looks: what is said of it? 3 MB/s over 20 ms are 60 kB. */
static const struct finding *limited_by(struct scene *scene, uint64_t first_bytes, uint64_t second_bytes)
{
	struct scene_socket *socket;

	scene_init(scene);
	socket = scene_remote(scene, 40000, 8080);
	socket->first.tcp.snd_wnd_bytes = first_bytes;
	scene_settle(scene);
	socket->second.tcp.snd_wnd_bytes = second_bytes;
	socket->second.tcp.busy_time_us = socket->second.tcp.rwnd_limited_us = 2000000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 6000000;
	return ask(scene, RULE_peer_window);
}

/* A window that was larger before is not as small as that: it closes. */
static void a_window_is_small_or_closes(void **state)
{
	struct scene scene;

	(void)state;
	assert_says(limited_by(&scene, 65000, 65000), "as small as that");
	assert_says(limited_by(&scene, 60000, 65000), "as small as that");
	assert_says(limited_by(&scene, 400000, 65000), "reads slowly");
	assert_says(limited_by(&scene, 65000, 1000), "reads slowly");
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
		cmocka_unit_test(a_window_is_small_or_closes),
		cmocka_unit_test(a_coincidence_of_ports_hides_nothing),
		cmocka_unit_test(mapped_addresses_are_the_same),
		cmocka_unit_test(two_addresses_of_one_host_are_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
