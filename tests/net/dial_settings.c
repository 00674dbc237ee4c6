/* What a dial sets: the winner's report, the hook, local addresses and ports, TCP Fast Open. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "dial_target.h"

/* --- spec and hook ----------------------------------------------------------------------------------------------- */

static void the_report_is_the_winners(void **state)
{
	struct target six = target_silent("[::1]:0"), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "rcvbuf=64K,nodelay,try:cc=nonesuch,try:v6only,quickack=off", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	fd = dial_step_when_ready(250000);
	assert_peer(fd, &four);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("cc")->outcome, SOCKCTL_REFUSED);
	assert_int_equal(verdict_of("cc")->error, ENOENT);
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_UNSUPPORTED); /* of the IPv4 socket that won */
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(report.error.code, 0);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	close(fd), target_close(&six), target_close(&four);
}

static void a_required_setting_that_is_refused_fails_the_attempt(void **state)
{
	struct target six = target_good("[::1]:0"), four = target_good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "nodelay,cc=nonesuch", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -ENOENT);
	assert_string_equal(report.error.op, "setsockopt");
	assert_string_equal(report.error.subject, "cc");
	assert_string_equal(dial_attempt(1).call, "setsockopt");
	dial_to(&four, &six, "v6only", NULL); /* only one of them can have it */
	fd = dial_step_when_ready(0);
	assert_peer(fd, &six);
	assert_int_equal(dial_attempt(0).error, ENOPROTOOPT);
	close(fd), target_close(&six), target_close(&four);
}

struct trace {
	char text[400];
	enum sockctl_phase fail_at;
	unsigned fail_attempt;
};

static int trace_phase(void *arg, int fd, enum sockctl_phase phase, unsigned attempt_number)
{
	struct trace *trace = arg;
	size_t used = strlen(trace->text);

	assert_true(fcntl(fd, F_GETFD) >= 0);
	snprintf(trace->text + used, sizeof trace->text - used, "%u:%s ", attempt_number, sockctl_phase_name(phase));
	return phase == trace->fail_at && attempt_number == trace->fail_attempt ? -EPERM : 0;
}

static void the_hook_sees_every_attempt(void **state)
{
	struct target six = target_silent("[::1]:0"), four = target_good("127.0.0.1:0");
	struct trace trace = {.fail_attempt = 9};
	struct sockctl_control control = {trace_phase, &trace};
	int fd;

	(void)state;
	dial_to(&six, &four, "", &control);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	fd = dial_step_when_ready(250000);
	assert_peer(fd, &four);
	assert_string_equal(trace.text, "0:created 0:pre-connect 1:created 1:pre-connect 1:connected ");
	close(fd), target_close(&six), target_close(&four);
}

static void an_attempt_that_the_hook_refuses_gives_way(void **state)
{
	const enum sockctl_phase phases[] = {SOCKCTL_CREATED, SOCKCTL_PRE_CONNECT, SOCKCTL_CONNECTED};
	struct target six = target_good("[::1]:0"), four = target_good("127.0.0.1:0");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct trace trace = {.fail_at = phases[i]};
		struct sockctl_control control = {trace_phase, &trace};
		unsigned before = fds_open();
		int fd;

		dial_to(&six, &four, "", &control);
		fd = dial_step_when_ready(0);
		if (fd == -EINPROGRESS) /* what had been sent keeps the floor of 10 ms */
			fd = dial_step_when_ready(10000);
		assert_peer(fd, &four);
		assert_int_equal(dial_attempt(0).error, EPERM);
		assert_string_equal(dial_attempt(0).call, "control hook");
		assert_int_equal(fds_open(), before + 1);
		close(fd);
	}
	target_close(&six), target_close(&four);
}

/* --- local addresses and ports ----------------------------------------------------------------------------------- */

static void one_local_port(const char *port)
{
	char range[32];

	snprintf(range, sizeof range, "%s %s", port, port);
	assert_int_equal(sysctl_write("net/ipv4/ip_local_port_range", range), 0);
}

static void all_local_ports(void)
{
	assert_int_equal(sysctl_write("net/ipv4/ip_local_port_range", "32768 60999"), 0);
}

/* With one local port in all, two destinations are reached from one source address: the port is not taken by bind(). */
static void a_source_address_leaves_the_port_to_connect(void **state)
{
	struct target a = target_good("127.0.0.1:0"), b = target_good("127.0.0.1:0"), six = target_good("[::1]:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
	int fd[3];

	(void)state;
	one_local_port("40000");
	for (unsigned i = 0; i < 3; i++) {
		dial_to(i == 1 ? &b : &a, i < 2 ? NULL : &six, "", NULL);
		assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
		fd[i] = dial_step_when_ready(0);
	}
	assert_peer(fd[0], &a), assert_peer(fd[1], &b);
	assert_int_equal(address_of(fd[1]).sin_addr.s_addr, local.sin_addr.s_addr);
	assert_int_equal(address_of(fd[1]).sin_port, htons(40000));
	assert_int_equal(kernel_value(fd[1], IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), 1);
	assert_peer(fd[2], &six); /* from 127.0.0.2 no port is left for a second connection to the same listener */
	assert_int_equal(dial_attempt(0).error, EADDRNOTAVAIL);
	for (unsigned i = 0; i < 3; i++)
		close(fd[i]);
	all_local_ports();
	target_close(&a), target_close(&b), target_close(&six);
}

static void a_spec_may_let_bind_take_the_port(void **state)
{
	struct target a = target_good("127.0.0.1:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
	int fd;

	(void)state;
	dial_to(&a, NULL, "bind-address-no-port=off", NULL);
	assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
	fd = dial_step_when_ready(0);
	assert_peer(fd, &a);
	assert_int_equal(kernel_value(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), 0);
	close(fd), target_close(&a);
}

static void a_source_address_that_is_not_here(void **state)
{
	struct target four = target_good("127.0.0.1:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};

	(void)state;
	dial_to(&four, NULL, "", NULL);
	assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EADDRNOTAVAIL);
	assert_string_equal(report.error.op, "bind");
	target_close(&four);
}

/* The kernel gives the socket the very port that it connects to, and both ends are the same socket. */
static void a_socket_that_met_itself_is_no_connection(void **state)
{
	struct target self = {.listener = -1, .filler = -1};
	struct sockaddr_in *four = (void *)&self.address;
	unsigned before = fds_open();

	(void)state;
	*four = (struct sockaddr_in){AF_INET, htons(40000), {htonl(INADDR_LOOPBACK)}, {0}};
	one_local_port("40000");
	dial_to(&self, NULL, "", NULL);
	assert_int_equal(dial_step_when_ready(0), -ECONNREFUSED);
	all_local_ports();
	assert_int_equal(fds_open(), before);
}

/* --- whom the report blames --------------------------------------------------------------------------------------- */

static int hook_refuses_connected(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	(void)arg, (void)fd, (void)shard;
	return phase == SOCKCTL_CONNECTED ? -EACCES : 0;
}

/* From now on this process cannot read TCP_NODELAY. */
static void nodelay_hide(void)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(context);
	assert_int_equal(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(getsockopt), 2,
					  SCMP_A1(SCMP_CMP_EQ, IPPROTO_TCP), SCMP_A2(SCMP_CMP_EQ, TCP_NODELAY)),
			 0);
	assert_int_equal(seccomp_load(context), 0);
	seccomp_release(context);
}

/* In a child, as the filter stays. */
static void what_cannot_be_read_is_not_to_blame(void **state)
{
	const struct sockctl_control control = {hook_refuses_connected, NULL};
	struct target four = target_good("127.0.0.1:0");
	int status;
	pid_t pid;

	(void)state;
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		nodelay_hide();
		dial_to(&four, NULL, "nodelay", &control);
		_exit(dial_step_when_ready(0) != -EACCES || strcmp(report.error.op, "control hook") ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	target_close(&four);
}

/* --- TCP Fast Open ----------------------------------------------------------------------------------------------- */

/* The first connection gets the cookie; the second one is there before anything was sent, and carries data all the
 * same. */
static void fast_open_wins_before_anything_is_sent(void **state)
{
	struct target server;
	char text[8] = "";
	int fd;

	(void)state;
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "3"), 0);
	server = target_of(listen_one("127.0.0.1:0", "fastopen=16"));
	for (unsigned i = 0; i < 2; i++) {
		int accepted;

		dial_to(&server, NULL, "nodelay,fastopen-connect", NULL);
		fd = dial_step_when_ready(0);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "first", 6), 6);
		accepted = accept(server.listener, NULL, NULL);
		assert_int_equal(read(accepted, text, sizeof text), 6);
		assert_string_equal(text, "first");
		assert_int_equal(verdict_of("fastopen-connect")->outcome, SOCKCTL_GRANTED);
		assert_int_equal(kernel_info(fd).tcpi_options & TCPI_OPT_SYN_DATA, i ? TCPI_OPT_SYN_DATA : 0);
		close(accepted), close(fd);
	}
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "1"), 0);
	target_close(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_report_is_the_winners),
		cmocka_unit_test(a_required_setting_that_is_refused_fails_the_attempt),
		cmocka_unit_test(the_hook_sees_every_attempt),
		cmocka_unit_test(an_attempt_that_the_hook_refuses_gives_way),
		cmocka_unit_test(a_source_address_leaves_the_port_to_connect),
		cmocka_unit_test(a_spec_may_let_bind_take_the_port),
		cmocka_unit_test(a_source_address_that_is_not_here),
		cmocka_unit_test(a_socket_that_met_itself_is_no_connection),
		cmocka_unit_test(what_cannot_be_read_is_not_to_blame),
		cmocka_unit_test(fast_open_wins_before_anything_is_sent),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
