/* What sock_diag tells of sockets, against what getsockopt() says of the same ones; and filters, which have one answer,
 * however their facts were read. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "look.h"
#include "namespace.h"
#include "observe/cgroup_names.h"
#include "observe/borrow.h"
#include "observe/diag.h"
#include "observe/diag_options.h"

enum { RECVERR = 11, FREEBIND = 15, TRANSPARENT = 19, NO_PORT = 24, MULTICAST_LOOP = 34, MULTICAST_ALL = 49 };

static void set(int fd, int level, int number, int value)
{
	if (setsockopt(fd, level, number, &value, sizeof value))
		fail_msg("setsockopt %d %d: %s", level, number, strerror(errno));
}

/* Every option that sock_diag told is what getsockopt() says; whether a buffer is fixed, only the latter tells. */
static unsigned compare(int fd)
{
	const struct sockets_query query = {
		.tcp = true, .udp = true, .states = UINT32_MAX, .diag_options = true, .privileged = true};
	const struct owner_fact me = {.pid = getpid(), .fd = fd};
	static struct option_fact read[OPTION_COUNT];
	static struct look seen;
	unsigned told = 0;

	look_for(fd, &query, &seen);
	assert_int_equal(borrow_options(&me, seen.cookie, read), 0);
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		char ours[64], theirs[64];

		if (seen.options[id].source == SOURCE_NONE)
			continue;
		assert_int_equal(seen.options[id].source, SOURCE_DIAG);
		told++;
		if (read[id].source == SOURCE_NONE)
			fail_msg("%s: sock_diag tells, getsockopt does not", catalogue[id].name);
		if (read[id].value.form == FORM_AUTO)
			read[id].value.form = FORM_NUMBER;
		value_format(&catalogue[id], &seen.options[id].value, ours, sizeof ours);
		value_format(&catalogue[id], &read[id].value, theirs, sizeof theirs);
		if (!value_equal(&read[id].value, &seen.options[id].value))
			fail_msg("%s: sock_diag has %s, getsockopt %s", catalogue[id].name, ours, theirs);
	}
	return told;
}

static void options_of_listeners(void **state)
{
	struct sockaddr_in6 address;
	int fd = bound(AF_INET, SOCK_STREAM, "127.0.0.1", &address, false);

	(void)state;
	set(fd, IPPROTO_IP, IP_TOS, 0xb8);
	set(fd, IPPROTO_IP, FREEBIND, 1);
	set(fd, SOL_SOCKET, SO_MARK, 0x2a);
	set(fd, SOL_SOCKET, SO_RCVBUF, 50000);
	assert_int_equal(listen(fd, 17), 0);
	assert_true(compare(fd) >= 11);
	close(fd);
	for (int only = 0; only < 2; only++) {
		fd = bound(AF_INET6, SOCK_STREAM, "::", &address, only);
		set(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x28);
		set(fd, IPPROTO_IP, IP_TOS, 0x88);
		set(fd, IPPROTO_IP, TRANSPARENT, 1);
		assert_int_equal(listen(fd, 5), 0);
		assert_true(compare(fd) >= 11);
		close(fd);
	}
}

static void options_of_connections(void **state)
{
	static const int families[] = {AF_INET, AF_INET6};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct sockaddr_in6 address;
		int listener = bound(families[i], SOCK_STREAM, i ? "::1" : "127.0.0.1", &address, false), client,
		    server;

		assert_int_equal(listen(listener, 5), 0);
		client = socket(families[i], SOCK_STREAM | SOCK_CLOEXEC, 0);
		set(client, IPPROTO_IP, NO_PORT, 1);
		set(client, IPPROTO_IP, IP_TOS, 0x10);
		if (i)
			set(client, IPPROTO_IPV6, IPV6_TCLASS, 0x20);
		assert_int_equal(setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, "reno", 4), 0);
		assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
		server = accept(listener, NULL, NULL);
		assert_true(compare(client) >= 8);
		assert_true(compare(server) >= 8);
		close(server), close(client), close(listener);
	}
}

static void options_of_datagram_sockets(void **state)
{
	struct sockaddr_in6 address;
	int fd = bound(AF_INET, SOCK_DGRAM, "127.0.0.1", &address, false);

	(void)state;
	set(fd, IPPROTO_IP, MULTICAST_ALL, 0);
	set(fd, IPPROTO_IP, MULTICAST_LOOP, 0);
	set(fd, IPPROTO_IP, RECVERR, 1);
	set(fd, IPPROTO_IP, IP_TOS, 0x0b);
	assert_true(compare(fd) >= 10);
	close(fd);
	fd = bound(AF_INET6, SOCK_DGRAM, "::1", &address, true);
	set(fd, IPPROTO_IPV6, IPV6_TCLASS, 0x0b);
	assert_true(compare(fd) >= 5);
	close(fd);
}

static void facts_of_connections(void **state)
{
	const struct sockets_query query = {.tcp = true, .states = UINT32_MAX, .privileged = true};
	struct sockaddr_in6 address;
	int listener = bound(AF_INET, SOCK_STREAM, "127.0.0.1", &address, false), client, server;
	static struct look seen;

	(void)state;
	assert_int_equal(listen(listener, 5), 0);
	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
	look_for(listener, &query, &seen);
	assert_true(seen.fact.known & KNOWN_QUEUE);
	assert_int_equal(seen.fact.queue, 1);
	assert_int_equal(seen.fact.queue_limit, 5);
	assert_int_equal(seen.fact.rqueue_bytes, 0);
	server = accept(listener, NULL, NULL);
	assert_int_equal(shutdown(client, SHUT_WR), 0);
	look_for(client, &query, &seen);
	assert_true(seen.fact.known & KNOWN_SHUTDOWN);
	assert_int_equal(seen.fact.shutdown, SHUTDOWN_SEND);
	assert_int_equal(seen.fact.type, SOCK_STREAM);
	assert_true(seen.fact.known & KNOWN_ULP && !*seen.fact.ulp);
	assert_true(seen.fact.known & KNOWN_UID && seen.fact.uid == geteuid());
	assert_true(!(seen.fact.known & KNOWN_MARK) == !(seen.fact.known & KNOWN_MD5));
	look_for(server, &query, &seen);
	assert_int_equal(seen.fact.shutdown, SHUTDOWN_RECEIVE);
	close(server), close(client), close(listener);
}

static void what_bbr_tells(void **state)
{
	const struct sockets_query query = {.tcp = true, .states = UINT32_MAX};
	struct sockaddr_in6 address;
	int listener = bound(AF_INET, SOCK_STREAM, "127.0.0.1", &address, false);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	static struct look seen;

	(void)state;
	assert_int_equal(listen(listener, 5), 0);
	if (setsockopt(client, IPPROTO_TCP, TCP_CONGESTION, "bbr", 3)) {
		close(client), close(listener);
		printf("skip: this kernel has no bbr, or not for us\n");
		skip();
	}
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
	look_for(client, &query, &seen);
	assert_string_equal(seen.fact.congestion, "bbr");
	assert_int_equal(seen.fact.cc.kind, CONGESTION_BBR);
	assert_true(seen.fact.cc.bbr.pacing_gain >= 256);
	close(client), close(listener);
}

/* --- with and without options, by either way, a filter lets the same sockets through --------------------------- */

static int shown(void *arg, const struct socket_fact *socket)
{
	(void)arg;
	(void)socket;
	return 0;
}

static unsigned long long shown_by(const char *text, bool options, unsigned long long *ret_undecided)
{
	struct sockets_query query = {.tcp = true, .states = UINT32_MAX, .options = options, .privileged = true};
	static struct filter filter;
	struct sockets_outcome outcome;
	struct sockctl_error error;

	if (filter_parse(&filter, text, &filter_names_system, &error))
		fail_msg("%s: %s", text, error.hint);
	query.filter = &filter;
	assert_int_equal(sockets_walk(&query, shown, NULL, &outcome, &error), 0);
	*ret_undecided = outcome.undecided;
	return outcome.shown;
}

/* A getsockopt() of TCP's or UDP's own is answered on sockets of the other kind too, with what means nothing there. */
static void options_are_those_of_the_protocol(void **state)
{
	static struct option_fact read[OPTION_COUNT];

	(void)state;
	for (unsigned udp = 0; udp < 2; udp++) {
		int fd = socket(AF_INET, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);
		const struct owner_fact me = {.pid = getpid(), .fd = fd};
		unsigned own = 0;

		assert_int_equal(borrow_options(&me, cookie_of(fd), read), 0);
		for (unsigned id = 1; id < OPTION_COUNT; id++) {
			bool is_own = option_protocols(&catalogue[id]) & (udp ? PROTOCOL_UDP : PROTOCOL_TCP);

			if (read[id].source != SOURCE_NONE && !is_own)
				fail_msg("%s of a %s socket", catalogue[id].name, udp ? "UDP" : "TCP");
			own += read[id].source != SOURCE_NONE;
		}
		assert_true(own > 20);
		close(fd);
	}
}

/* For an interface that is named by its number, getsockopt() of IPv4 answers with the address that was not given. */
static void what_getsockopt_tells_otherwise_is_not_told(void **state)
{
	static struct option_fact read[OPTION_COUNT];

	(void)state;
	for (unsigned six = 0; six < 2; six++) {
		int fd = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
		const struct owner_fact me = {.pid = getpid(), .fd = fd};
		const struct ip_mreqn loopback = {.imr_ifindex = 1};

		if (six)
			set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, 1);
		else
			assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &loopback, sizeof loopback), 0);
		assert_int_equal(borrow_options(&me, cookie_of(fd), read), 0);
		assert_int_equal(read[OPTION_multicast_if].source, six ? SOURCE_GETSOCKOPT : SOURCE_NONE);
		assert_true(!six || read[OPTION_multicast_if].value.number == 1);
		assert_int_equal(read[OPTION_mtu].source, SOURCE_NONE);
		close(fd);
	}
}

static int remnant_seen(void *arg, const struct socket_fact *socket)
{
	assert_int_equal(socket->options_code, -ENODATA);
	++*(unsigned *)arg;
	return 0;
}

/* The end that closes first. */
static uint16_t time_wait_make(void)
{
	struct sockaddr_in6 address;
	int listener = bound(AF_INET, SOCK_STREAM, "127.0.0.1", &address, false), client, server;
	unsigned long long undecided;
	char text[64];
	char byte;

	client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(client);
	assert_int_equal(read(server, &byte, 1), 0);
	close(server), close(listener);
	snprintf(text, sizeof text, "state time-wait and dport = :%u", ntohs(address.sin6_port));
	for (unsigned i = 0; i < 100000 && shown_by(text, false, &undecided) != 1; i++)
		sched_yield();
	assert_int_equal(shown_by(text, false, &undecided), 1);
	return ntohs(address.sin6_port);
}

static void without_options_it_is_said_why(void **state)
{
	const struct sockets_query query = {.tcp = true, .states = 1 << TCP_TIME_WAIT, .options = true};
	struct sockets_outcome outcome;
	struct sockctl_error error;
	unsigned seen = 0;

	(void)state;
	time_wait_make();
	assert_int_equal(sockets_walk(&query, remnant_seen, &seen, &outcome, &error), 0);
	assert_true(seen > 0);
}

static void a_filter_has_one_answer(void **state)
{
	static const char *const conditions[] = {"autobound",
						 "not autobound",
						 "cgroup /",
						 "not cgroup /",
						 "(autobound or rtt gt 1h)",
						 "(not cgroup / or rtt gt 1h)"};
	uint16_t port = time_wait_make();

	(void)state;
	for (unsigned i = 0; i < sizeof conditions / sizeof *conditions; i++) {
		unsigned long long one, other, undecided[2];
		char text[128];

		if (strstr(conditions[i], "cgroup") && !cgroup_root())
			continue; /* no such name to ask for */
		snprintf(text, sizeof text, "dport = :%u and %s", port, conditions[i]);
		one = shown_by(text, false, &undecided[0]);
		other = shown_by(text, true, &undecided[1]);
		if (one != other || undecided[0] || undecided[1])
			fail_msg("%s: %llu without options, %llu with, undecided %llu and %llu", text, one, other,
				 undecided[0], undecided[1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_has_one_answer),
		cmocka_unit_test(options_are_those_of_the_protocol),
		cmocka_unit_test(what_getsockopt_tells_otherwise_is_not_told),
		cmocka_unit_test(without_options_it_is_said_why),
		cmocka_unit_test(options_of_listeners),
		cmocka_unit_test(options_of_connections),
		cmocka_unit_test(options_of_datagram_sockets),
		cmocka_unit_test(facts_of_connections),
		cmocka_unit_test(what_bbr_tells),
	};

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
