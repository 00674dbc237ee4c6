/* The race of a dial: which of several addresses wins, and when the next one is tried. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "dial_target.h"

/* Waits until the only attempt under way has failed, at one instant of the test's clock. */
static void fail_at(int64_t now_us)
{
	assert_int_equal(dial_step_when_ready(now_us), -EINPROGRESS);
	assert_int_equal(dial_under_way(), 0);
}

static void the_first_address_that_answers_is_enough(void **state)
{
	struct target six = target_good("[::1]:0"), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "nodelay", NULL);
	fd = dial_step_when_ready(0);
	assert_peer(fd, &six);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(dial_attempt(0).state, SOCKCTL_ATTEMPT_WON);
	assert_int_equal(dial_attempt(1).state, SOCKCTL_ATTEMPT_WAITING);
	assert_int_equal(dial_attempt(1).started_us, -1);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EISCONN);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 0), -1);
	close(fd), target_close(&six), target_close(&four);
}

static void a_silent_address_is_joined_after_the_delay(void **state)
{
	struct target six = target_silent("[::1]:0"), four = target_good("127.0.0.1:0");
	unsigned before = fds_open();
	int fd;

	(void)state;
	dial_to(&six, &four, "", NULL);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5000), 0);
	assert_int_equal(sockctl_dial_step(&dial, 5000, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5000), 250);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5001), 250); /* rounded up: no step comes too early */
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 254001), 1);
	assert_int_equal(sockctl_dial_step(&dial, 254999, &report), -EINPROGRESS);
	assert_int_equal(dial_under_way(), 1);
	fd = dial_step_when_ready(255000);
	assert_peer(fd, &four);
	assert_int_equal(dial_attempt(0).state, SOCKCTL_ATTEMPT_LOST);
	assert_int_equal(dial_attempt(1).started_us, 255000);
	assert_int_equal(fds_open(), before + 1);
	close(fd), target_close(&six), target_close(&four);
}

/* The first one answers after the second was started: it still wins, and the other is closed. */
static void a_slow_address_can_still_win(void **state)
{
	struct target slow = target_silent("127.0.0.1:0"), dead = target_silent("[::1]:0");
	unsigned before;
	int fd;

	(void)state;
	before = fds_open();
	dial_to(&slow, &dead, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 250000, &report), -EINPROGRESS);
	assert_int_equal(dial_under_way(), 2);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 250000), -1);
	close(accept(slow.listener, NULL, NULL)); /* makes room: the retransmitted handshake gets through */
	fd = dial_step_when_ready(1250000);
	assert_peer(fd, &slow);
	assert_int_equal(fds_open(), before + 1);
	close(fd), target_close(&slow), target_close(&dead);
}

static void a_refusal_brings_the_next_one_forward(void **state)
{
	struct target six = target_refusing("[::1]:0"), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "", NULL);
	fail_at(1000000);
	assert_int_equal(dial_attempt(0).error, ECONNREFUSED);
	assert_string_equal(dial_attempt(0).call, "connect");
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 1000000), 10);
	assert_int_equal(sockctl_dial_step(&dial, 1009999, &report), -EINPROGRESS);
	assert_int_equal(dial_under_way(), 0);
	fd = dial_step_when_ready(1010000);
	assert_peer(fd, &four);
	close(fd), target_close(&four);
}

static void an_address_without_a_route_costs_no_time(void **state)
{
	struct target away = target_unreachable(), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&away, &four, "", NULL);
	fd = dial_step_when_ready(7);
	assert_peer(fd, &four);
	assert_int_equal(dial_attempt(0).error, ENETUNREACH);
	assert_int_equal(dial_attempt(0).ended_us, 7);
	assert_int_equal(dial_attempt(1).started_us, 7);
	close(fd), target_close(&four);
}

/* A device whose peer ignores what comes: handshakes vanish on the wire. And routes that refuse, each in its own
 * way. */
static bool roads_make(void)
{
	return !system("ip link add to-nowhere type veth peer name nowhere && ip link set nowhere up && "
		       "ip link set to-nowhere up && ip addr add 198.51.100.1/24 dev to-nowhere && "
		       "ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:01 dev to-nowhere && "
		       "ip route add blackhole 203.0.113.1 && ip route add unreachable 203.0.113.2 && "
		       "ip route add prohibit 203.0.113.3");
}

static struct target away(const char *host)
{
	struct target target = target_unreachable();
	struct sockaddr_in *four = (void *)&target.address;

	assert_int_equal(inet_pton(AF_INET, host, &four->sin_addr), 1);
	return target;
}

static void roads_that_lead_nowhere(void **state)
{
	static const struct {
		const char *host;
		int error;
	} refused[] = {{"203.0.113.1", EINVAL}, {"203.0.113.2", EHOSTUNREACH}, {"203.0.113.3", EACCES}};
	struct target vanishes = away("198.51.100.2"), six = target_good("[::1]:0"),
		      closed = target_refusing("127.0.0.1:0");
	int fd;

	(void)state;
	if (!roads_make()) {
		printf("skip: no veth device, or no ip command\n");
		skip();
	}
	dial_to(&vanishes, &six, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 249999, &report), -EINPROGRESS);
	assert_int_equal(dial_under_way(), 1);
	fd = dial_step_when_ready(250000);
	assert_peer(fd, &six);
	close(fd);
	for (unsigned i = 0; i < 3; i++) {
		struct target road = away(refused[i].host);

		dial_to(&road, &six, "", NULL);
		fd = dial_step_when_ready(0);
		assert_peer(fd, &six);
		assert_int_equal(dial_attempt(0).error, refused[i].error);
		close(fd);
		dial_to(&road, &closed, "", NULL);
		assert_int_equal(dial_step_when_ready(0), -ECONNREFUSED); /* the other one never left this host */
	}
	assert_int_equal(system("ip link del to-nowhere"), 0);
	target_close(&six);
}

static void where_all_fail_the_one_with_a_route_is_told(void **state)
{
	struct target away = target_unreachable(), six = target_refusing("[::1]:0");
	unsigned before = fds_open();

	(void)state;
	dial_to(&away, &six, "nodelay", NULL);
	assert_int_equal(dial_step_when_ready(0), -ECONNREFUSED);
	assert_string_equal(report.error.op, "connect");
	assert_non_null(strstr(report.error.subject, "[::1]:"));
	assert_non_null(strstr(report.error.hint, "1 more failed"));
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_DEFERRED);
	assert_int_equal(fds_open(), before);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -ECONNREFUSED);
}

/* An answer of the resolver that came after everything had failed. */
static void a_late_address_revives_the_dial(void **state)
{
	struct target six = target_refusing("[::1]:0"), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, NULL, "", NULL);
	assert_int_equal(dial_step_when_ready(0), -ECONNREFUSED);
	dial_add(&four);
	fd = dial_step_when_ready(20000);
	assert_peer(fd, &four);
	close(fd), target_close(&four);
}

static void a_cancelled_dial_leaves_nothing_open(void **state)
{
	struct target six = target_silent("[::1]:0"), four = target_silent("127.0.0.1:0");
	unsigned before = fds_open();

	(void)state;
	dial_to(&six, &four, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 250000, NULL), -EINPROGRESS);
	assert_int_equal(fds_open(), before + 2);
	sockctl_dial_cancel(&dial);
	sockctl_dial_cancel(&dial);
	assert_int_equal(fds_open(), before);
	assert_int_equal(dial_attempt(1).state, SOCKCTL_ATTEMPT_LOST);
	assert_int_equal(sockctl_dial_step(&dial, 250000, NULL), -ECANCELED);
	assert_int_equal(sockctl_dial_step(&dial, 250000, &report), -ECANCELED);
	assert_int_equal(report.error.code, -ECANCELED);
	assert_string_equal(report.error.op, "dial");
	target_close(&six), target_close(&four);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct sockctl_attempt none;

	(void)state;
	sockctl_dial_init(&dial, NULL, NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -EDESTADDRREQ);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EDESTADDRREQ);
	assert_int_equal(report.error.code, -EDESTADDRREQ);
	assert_int_equal(sockctl_dial_add(&dial, &other, sizeof other), -EAFNOSUPPORT);
	assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, 7), -EINVAL);
	assert_int_equal(sockctl_dial_add(&dial, NULL, 0), -EINVAL);
	assert_int_equal(sockctl_dial_pace(&dial, 9999, 0), -ERANGE);
	assert_int_equal(sockctl_dial_pace(&dial, 2000001, 0), -ERANGE);
	assert_int_equal(sockctl_dial_pace(&dial, 100000, 2), 0);
	for (unsigned i = 0; i <= SOCKCTL_DIAL_ADDRESSES; i++) {
		four.sin_port = htons((uint16_t)(1000 + i));
		assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, sizeof four),
				 i < SOCKCTL_DIAL_ADDRESSES ? 0 : -ENOSPC);
	}
	four.sin_port = htons(1000); /* getaddrinfo without a socktype names each address three times */
	assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, sizeof four), 0);
	assert_int_equal(sockctl_dial_attempt(&dial, SOCKCTL_DIAL_ADDRESSES, &none), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_address_that_answers_is_enough),
		cmocka_unit_test(a_silent_address_is_joined_after_the_delay),
		cmocka_unit_test(a_slow_address_can_still_win),
		cmocka_unit_test(a_refusal_brings_the_next_one_forward),
		cmocka_unit_test(an_address_without_a_route_costs_no_time),
		cmocka_unit_test(roads_that_lead_nowhere),
		cmocka_unit_test(where_all_fail_the_one_with_a_route_is_told),
		cmocka_unit_test(a_late_address_revives_the_dial),
		cmocka_unit_test(a_cancelled_dial_leaves_nothing_open),
		cmocka_unit_test(what_makes_no_sense_is_refused),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
