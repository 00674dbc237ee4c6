/* Listening on any mix of addresses: families, protocols, interfaces, shards and how they are steered; all or
 * nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "fixture.h"

enum { INCOMING_CPU = 49, SHARDS_MAX = 8 };

static int port_of(int fd)
{
	return ntohs(address_of(fd).sin_port); /* it lies at the same place for both families */
}

static int opens(const char *addresses, const char *spec, int fd[], unsigned max)
{
	int count = listen_with(addresses, spec, fd, max);

	if (count < 0)
		print_message("%s: %s %s: %s\n", addresses, report.error.op, report.error.subject, report.error.hint);
	return count;
}

/* A client of either protocol, at this port of the loopback address. */
static int client_of(int family, int type, int port)
{
	struct sockaddr_in four = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback, .sin6_port = htons(port)};
	bool v4 = family == AF_INET;
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	if (connect(fd, v4 ? (struct sockaddr *)&four : (struct sockaddr *)&six, v4 ? sizeof four : sizeof six)) {
		close(fd);
		return -errno;
	}
	return fd;
}

static bool answers(int family, int port)
{
	int fd = client_of(family, SOCK_STREAM, port);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void close_all(const int fd[], int count)
{
	for (int i = 0; i < count; i++)
		close(fd[i]);
}

static void every_address_of_a_list_is_opened(void **state)
{
	int fd[SHARDS_MAX];

	(void)state;
	assert_int_equal(opens("127.0.0.1:0 [::1]:0, udp:[::]:0", "shards=2,reuseaddr", fd, SHARDS_MAX), 6);
	for (int i = 0; i < 6; i++) {
		assert_int_equal(kernel_value(fd[i], SOL_SOCKET, SO_DOMAIN), i < 2 ? AF_INET : AF_INET6);
		assert_int_equal(kernel_value(fd[i], SOL_SOCKET, SO_TYPE), i < 4 ? SOCK_STREAM : SOCK_DGRAM);
		assert_int_equal(kernel_value(fd[i], SOL_SOCKET, SO_ACCEPTCONN), i < 4);
		assert_int_equal(port_of(fd[i]), port_of(fd[i & ~1])); /* shards share theirs */
		assert_true(fcntl(fd[i], F_GETFD) & FD_CLOEXEC);
	}
	assert_int_equal(sockctl_worst(&report), SOCKCTL_GRANTED);
	close_all(fd, 6);
}

static void no_host_is_both_families_whatever_the_sysctl_says(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(sysctl_write("net/ipv6/bindv6only", "1"), 0);
	assert_int_equal(opens(":0", "", &fd, 1), 1);
	assert_true(answers(AF_INET, port_of(fd)) && answers(AF_INET6, port_of(fd)));
	close(fd);
	assert_int_equal(opens("[::]:0", "", &fd, 1), 1); /* as written: the sysctl decides */
	assert_true(!answers(AF_INET, port_of(fd)) && answers(AF_INET6, port_of(fd)));
	close(fd);
	assert_int_equal(opens(":0", "v6only", &fd, 1), 1); /* the spec has the last word */
	assert_true(!answers(AF_INET, port_of(fd)) && answers(AF_INET6, port_of(fd)));
	close(fd);
	assert_int_equal(sysctl_write("net/ipv6/bindv6only", "0"), 0);
}

static void an_interface_bounds_a_listener(void **state)
{
	char name[16] = "";
	socklen_t length = sizeof name;
	int fd[2];

	(void)state;
	assert_int_equal(opens("%lo:0 udp:[::1%lo]:0", "", fd, 2), 2);
	assert_int_equal(getsockopt(fd[0], SOL_SOCKET, SO_BINDTODEVICE, name, &length), 0);
	assert_string_equal(name, "lo");
	assert_true(answers(AF_INET, port_of(fd[0])) && answers(AF_INET6, port_of(fd[0])));
	close_all(fd, 2);
	assert_int_equal(listen_with("127.0.0.1%nonesuch0:0", "", fd, 2), -ENODEV);
	assert_string_equal(report.error.subject, "127.0.0.1%nonesuch0:0");
}

static void a_setting_must_suit_one_of_the_addresses(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(opens("127.0.0.1:0 udp:127.0.0.1:0", "nodelay,backlog=5", fd, 2), 2);
	assert_int_equal(sockctl_worst(&report), SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd[0], IPPROTO_TCP, TCP_NODELAY), 1);
	close_all(fd, 2);
	assert_int_equal(listen_with("udp:127.0.0.1:0 udp:[::1]:0", "nodelay", fd, 2), -ENOPROTOOPT);
	assert_string_equal(report.error.subject, "nodelay");
	assert_int_equal(opens("udp:127.0.0.1:0", "try:nodelay,rcvbuf=32K", fd, 2), 1);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_UNSUPPORTED);
	assert_int_equal(kernel_value(fd[0], SOL_SOCKET, SO_RCVBUF), 2 * 32768);
	close(fd[0]);
}

/* Traffic through [::ffff:a.b.c.d] is IPv4, and through [::] may be: what governs it belongs there, too. */
static void ipv4_through_ipv6_has_its_settings(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(opens("[::ffff:127.0.0.1]:0", "tos=0x10", &fd, 1), 1);
	assert_int_equal(kernel_value(fd, IPPROTO_IP, IP_TOS), 0x10);
	close(fd);
	assert_int_equal(opens("udp::0", "broadcast", &fd, 1), 1);
	assert_int_equal(verdict_of("broadcast")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_BROADCAST), 1);
	close(fd);
	assert_int_equal(listen_with("udp:[::]:0", "broadcast,v6only", &fd, 1), -ENOPROTOOPT);
}

struct notes {
	char text[300];
	int fd[3], opened;
};

static int phase_note(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	struct notes *notes = arg;
	size_t used = strlen(notes->text);

	if (phase == SOCKCTL_CREATED)
		notes->fd[notes->opened++] = fd;
	if (phase == SOCKCTL_LISTENING)
		for (int i = 0; i < 3; i++)
			assert_true(port_of(notes->fd[i]) != 0);
	snprintf(notes->text + used, sizeof notes->text - used, "%u:%s ", shard, sockctl_phase_name(phase));
	return 0;
}

static void all_are_bound_before_one_listens(void **state)
{
	struct notes notes = {""};
	struct sockctl_control control = {phase_note, &notes};
	int fd[3];

	(void)state;
	assert_int_equal(sockctl_listen("127.0.0.1:0 udp:127.0.0.1:0 [::1]:0", NULL, &control, fd, 3, &report), 3);
	assert_string_equal(notes.text, "0:created 0:pre-bind 0:pre-listen 1:created 1:pre-bind 1:pre-listen "
					"2:created 2:pre-bind 2:pre-listen 0:listening 2:listening ");
	close_all(fd, 3);
}

static void on_failure_nothing_stays_open(void **state)
{
	int taken = listen_one("127.0.0.1:0", ""), fd[4];
	unsigned before = fds_open();
	char text[100];

	(void)state;
	snprintf(text, sizeof text, "[::1]:0 udp:127.0.0.1:0 127.0.0.1:%d", port_of(taken));
	assert_int_equal(listen_with(text, "", fd, 4), -EADDRINUSE);
	assert_string_equal(report.error.op, "bind");
	assert_string_equal(report.error.subject, strrchr(text, ' ') + 1);
	assert_int_equal(listen_with("[::1]:0 :0", "shards=2", fd, 3), -E2BIG);
	assert_int_equal(listen_with("[::1]:0 localhost:0", "", fd, 3), -EINVAL);
	assert_string_equal(report.error.subject, "localhost:0");
	assert_int_equal(fds_open(), before);
	close(taken);
}

/* --- steering ------------------------------------------------------------------------------------------------- */

static bool cpu_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return !sched_setaffinity(0, sizeof set, &set);
}

/* On loopback the sender's CPU receives: this many connections or datagrams from that CPU; how many came to each
 * shard. */
static void sent_from(int cpu, int type, const int fd[], int shards, unsigned got[])
{
	enum { COUNT = 20 };
	int client[COUNT];

	memset(got, 0, (size_t)shards * sizeof *got);
	assert_true(cpu_pin(cpu));
	for (int i = 0; i < COUNT; i++) {
		client[i] = client_of(AF_INET, type, port_of(fd[0]));
		assert_true(client[i] >= 0);
		if (type == SOCK_DGRAM)
			assert_int_equal(send(client[i], "x", 1, 0), 1);
	}
	for (int i = 0; i < shards; i++)
		for (struct pollfd waits = {.fd = fd[i], .events = POLLIN}; poll(&waits, 1, 0) == 1; got[i]++) {
			char byte;

			if (type == SOCK_DGRAM)
				assert_int_equal(recv(fd[i], &byte, 1, 0), 1);
			else
				close(accept4(fd[i], NULL, NULL, SOCK_CLOEXEC));
		}
	close_all(client, COUNT);
}

static void check_steered(const char *address, int type, const char *spec)
{
	enum { SHARDS = 2 };
	cpu_set_t before;
	int fd[SHARDS];
	unsigned got[SHARDS];

	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	assert_int_equal(opens(address, spec, fd, SHARDS), SHARDS);
	for (int cpu = 0; cpu < SHARDS; cpu++) {
		if (!CPU_ISSET(cpu, &before))
			continue;
		sent_from(cpu, type, fd, SHARDS, got);
		assert_int_equal(got[cpu], 20);
		assert_int_equal(got[!cpu], 0);
	}
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	close_all(fd, SHARDS);
}

static void a_cpu_has_its_shard(void **state)
{
	(void)state;
	check_steered("127.0.0.1:0", SOCK_STREAM, "shards=2,steer=cpu");
	assert_int_equal(verdict_of("steer")->outcome, SOCKCTL_UNVERIFIABLE);
	check_steered("udp:127.0.0.1:0", SOCK_DGRAM, "shards=2,steer=cpu");
	check_steered(":0", SOCK_STREAM, "shards=2,steer=cpu");
}

static void a_shard_has_its_incoming_cpu(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(opens("127.0.0.1:0", "shards=2,steer=incoming-cpu", fd, 2), 2);
	close_all(fd, 2);
	if (verdict_of("steer")->outcome == SOCKCTL_INERT) {
		printf("skip: this kernel is older than 6.2, and does not choose shards by SO_INCOMING_CPU\n");
		skip();
	}
	assert_int_equal(verdict_of("steer")->outcome, SOCKCTL_GRANTED);
	check_steered("127.0.0.1:0", SOCK_STREAM, "shards=2,steer=incoming-cpu");
	check_steered("udp:127.0.0.1:0", SOCK_DGRAM, "shards=2,steer=incoming-cpu");
}

static void the_hash_spreads_what_was_steered(void **state)
{
	struct sockctl_spec by_cpu = spec_of_text("steer=cpu"), by_hash = spec_of_text("steer=hash");
	unsigned got[2], seen[2] = {0};
	cpu_set_t before;
	int fd[2];

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
	assert_int_equal(opens("127.0.0.1:0", "shards=2,steer=incoming-cpu", fd, 2), 2);
	assert_int_equal(sockctl_steer(fd, 2, &by_hash, &report), 0);
	assert_int_equal(verdict_of("steer")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd[1], SOL_SOCKET, INCOMING_CPU), -1);
	for (int i = 0; i < 20 && !(seen[0] && seen[1]); i++) {
		sent_from(sched_getcpu(), SOCK_STREAM, fd, 2, got);
		seen[0] += got[0], seen[1] += got[1];
	}
	assert_true(seen[0] && seen[1]);
	assert_int_equal(sockctl_steer(fd, 2, &by_cpu, &report), 0);
	sent_from(sched_getcpu(), SOCK_STREAM, fd, 2, got);
	assert_int_equal(got[0] + got[1], 20);
	assert_true(!got[0] || !got[1]);
	assert_int_equal(sched_setaffinity(0, sizeof before, &before), 0);
	close_all(fd, 2);
}

static void steering_needs_shards(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(opens("127.0.0.1:0", "steer=cpu", &fd, 1), 1);
	assert_int_equal(verdict_of("steer")->outcome, SOCKCTL_INERT);
	assert_string_equal(verdict_of("steer")->limit, "shards");
	close(fd);
}

static void a_lone_socket_cannot_be_steered(void **state)
{
	struct sockctl_spec spec = spec_of_text("steer=cpu");
	int fd[2] = {socket(AF_INET, SOCK_STREAM, 0), socket(AF_INET, SOCK_STREAM, 0)};

	(void)state;
	assert_int_equal(sockctl_steer(fd, 2, &spec, &report), -EINVAL); /* they share no port */
	assert_string_equal(report.error.subject, "steer");
	close_all(fd, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_address_of_a_list_is_opened),
		cmocka_unit_test(no_host_is_both_families_whatever_the_sysctl_says),
		cmocka_unit_test(an_interface_bounds_a_listener),
		cmocka_unit_test(a_setting_must_suit_one_of_the_addresses),
		cmocka_unit_test(ipv4_through_ipv6_has_its_settings),
		cmocka_unit_test(all_are_bound_before_one_listens),
		cmocka_unit_test(on_failure_nothing_stays_open),
		cmocka_unit_test(a_cpu_has_its_shard),
		cmocka_unit_test(a_shard_has_its_incoming_cpu),
		cmocka_unit_test(the_hash_spreads_what_was_steered),
		cmocka_unit_test(steering_needs_shards),
		cmocka_unit_test(a_lone_socket_cannot_be_steered),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
