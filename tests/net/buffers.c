/* Buffers that are asked for by the path: left to autotuning where that reaches as far, set where it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "fixture.h"
#include "socket/autotune.h"

enum { BUF_LOCK = 72, LOCK_SND = 1, LOCK_RCV = 2 };

static void maximum_set(const char *sysctl, long long bytes)
{
	char triple[64];

	snprintf(triple, sizeof triple, "4096 16384 %lld", bytes);
	assert_int_equal(sysctl_write(sysctl, triple), 0);
}

static bool line_has(const char *option, const char *part)
{
	char line[400];

	sockctl_verdict_text(verdict_of(option), line, sizeof line);
	return strstr(line, part) != NULL;
}

static void what_reaches_further_is_preferred(void **state)
{
	(void)state;
	assert_true(autotune_reaches(5000000, 10000000, -1));
	assert_false(autotune_reaches(5000000, 9999998, -1));
	assert_false(autotune_reaches(5000000, 9999998, 5000000));
	/* too little either way: autotuning still beats a size that is cut down further */
	assert_true(autotune_reaches(5000000, 4194304, 212992));
	assert_false(autotune_reaches(5000000, 0, 212992)); /* switched off */
}

/* 100 Mbit/s x 10 ms = 125000 bytes */
static void a_path_that_autotuning_fills_is_left_to_it(void **state)
{
	int fd[2];

	(void)state;
	maximum_set("net/ipv4/tcp_rmem", 250000);
	maximum_set("net/ipv4/tcp_wmem", 4 << 20);
	assert_int_equal(listen_with("127.0.0.1:0", "shards=2,rcvbuf=bdp:100mbit:10ms,sndbuf=bdp:100mbit:10ms", fd, 2),
			 2);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_AUTOTUNED);
	assert_string_equal(verdict_of("rcvbuf")->limit, "net/ipv4/tcp_rmem");
	assert_int_equal(verdict_of("rcvbuf")->limit_value, 250000);
	assert_int_equal(verdict_of("rcvbuf")->asked, 125000);
	assert_true(line_has("rcvbuf", "left to autotuning: net.ipv4.tcp_rmem maximum 250000 >= 2 x 125000"));
	assert_int_equal(verdict_of("sndbuf")->outcome, SOCKCTL_AUTOTUNED);
	assert_int_equal(sockctl_worst(&report), SOCKCTL_AUTOTUNED);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(kernel_value(fd[i], SOL_SOCKET, BUF_LOCK), 0);
		close(fd[i]);
	}
}

static void one_that_it_does_not_fill_is_set(void **state)
{
	int fd;

	(void)state;
	maximum_set("net/ipv4/tcp_rmem", 249998);
	fd = listen_one("127.0.0.1:0", "rcvbuf=bdp:100mbit:10ms");
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_RCVBUF), 250000);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, BUF_LOCK), LOCK_RCV);
	close(fd);
}

static void receive_autotuning_that_is_off_fills_nothing(void **state)
{
	int fd;

	(void)state;
	maximum_set("net/ipv4/tcp_rmem", 32 << 20);
	assert_int_equal(sysctl_write("net/ipv4/tcp_moderate_rcvbuf", "0"), 0);
	fd = listen_one("127.0.0.1:0", "rcvbuf=bdp:100mbit:10ms");
	assert_int_equal(sysctl_write("net/ipv4/tcp_moderate_rcvbuf", "1"), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_RCVBUF), 250000);
	close(fd);
}

/* A path for which neither will do: the verdict names what to raise, and to what. 80 Gbit/s x 100 ms = 10^9 bytes */
static void a_clamp_says_what_to_raise(void **state)
{
	int64_t set_max;
	bool seen = !sysctl_read_number("net/core/wmem_max", 0, &set_max);
	int fd;

	(void)state;
	maximum_set("net/ipv4/tcp_wmem", 1 << 16);
	fd = listen_one("127.0.0.1:0", "sndbuf=bdp:80gbit:100ms");
	assert_int_equal(verdict_of("sndbuf")->outcome, SOCKCTL_CLAMPED);
	assert_string_equal(verdict_of("sndbuf")->limit, "net/core/wmem_max");
	if (seen)
		assert_int_equal(verdict_of("sndbuf")->granted, 2 * set_max);
	assert_true(line_has("sndbuf", "raise the maximum in net.ipv4.tcp_wmem to 2000000000"));
	assert_true(line_has("sndbuf", "or raise net.core.wmem_max to 1000000000"));
	close(fd);
}

/* Where wmem_max is the lower one, setting the size would only do harm. */
static void a_size_that_would_be_cut_down_further_is_not_set(void **state)
{
	int64_t set_max;
	int fd;

	(void)state;
	if (sysctl_read_number("net/core/wmem_max", 0, &set_max)) {
		printf("skip: net.core.wmem_max cannot be read in this namespace\n");
		skip();
	}
	maximum_set("net/ipv4/tcp_wmem", 2 * set_max + 2);
	fd = listen_one("127.0.0.1:0", "sndbuf=bdp:80gbit:100ms");
	assert_int_equal(verdict_of("sndbuf")->outcome, SOCKCTL_CLAMPED);
	assert_string_equal(verdict_of("sndbuf")->limit, "net/ipv4/tcp_wmem");
	assert_int_equal(verdict_of("sndbuf")->usable, set_max + 1);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, BUF_LOCK), 0);
	assert_true(line_has("sndbuf", "clamped by the maximum of autotuning, net.ipv4.tcp_wmem = "));
	close(fd);
	maximum_set("net/ipv4/tcp_wmem", 4 << 20);
}

static void an_explicit_size_is_set_as_asked(void **state)
{
	int fd;

	(void)state;
	maximum_set("net/ipv4/tcp_rmem", 32 << 20);
	fd = listen_one("127.0.0.1:0", "rcvbuf=125000");
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, BUF_LOCK), LOCK_RCV);
	close(fd);
}

static void an_adopted_buffer_is_given_back(void **state)
{
	struct sockctl_spec spec = spec_of_text("rcvbuf=bdp:100mbit:10ms");
	int fd = listen_one("127.0.0.1:0", "rcvbuf=64K,sndbuf=64K");

	(void)state;
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_DIFFERS);
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_AUTOTUNED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, BUF_LOCK), LOCK_SND);
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_AUTOTUNED);
	close(fd);
}

/* Autotuning grows the buffer, but never the window beyond what the handshake's scale lets through. */
static void autotuning_comes_too_late_for_a_small_scale(void **state)
{
	struct sockctl_spec spec = spec_of_text("rcvbuf=bdp:1gbit:40ms");
	int fd = listen_one("127.0.0.1:0", "backlog=4"), client = connect_with(fd, "rcvbuf=32K");

	(void)state;
	assert_true(client >= 0);
	assert_int_equal(sockctl_adopt(client, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_TOO_LATE);
	assert_string_equal(verdict_of("rcvbuf")->limit, "window scale");
	assert_true(verdict_of("rcvbuf")->usable < 5000000);
	close(client), close(fd);
}

/* UDP has no autotuning: whatever tcp_rmem says, the size is set. */
static void a_datagram_socket_gets_the_size(void **state)
{
	struct sockctl_spec spec = spec_of_text("rcvbuf=bdp:100mbit:1ms");
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	(void)state;
	assert_int_equal(sockctl_apply(fd, SOCKCTL_CREATED, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_RCVBUF), 25000);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_reaches_further_is_preferred),
		cmocka_unit_test(a_path_that_autotuning_fills_is_left_to_it),
		cmocka_unit_test(one_that_it_does_not_fill_is_set),
		cmocka_unit_test(receive_autotuning_that_is_off_fills_nothing),
		cmocka_unit_test(a_clamp_says_what_to_raise),
		cmocka_unit_test(a_size_that_would_be_cut_down_further_is_not_set),
		cmocka_unit_test(an_explicit_size_is_set_as_asked),
		cmocka_unit_test(an_adopted_buffer_is_given_back),
		cmocka_unit_test(autotuning_comes_too_late_for_a_small_scale),
		cmocka_unit_test(a_datagram_socket_gets_the_size),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
