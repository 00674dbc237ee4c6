/* What becomes of settings, in a network namespace of our own whose limits are lowered: what the library says is
 * compared with what getsockopt, called from here, says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "fixture.h"

static void everything_is_granted_and_there(void **state)
{
	int fd = listen_one("127.0.0.1:0",
			    "nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=64K,backlog=8,dscp=ef,linger=3s");
	int client = connect_with(fd, "nodelay"), accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

	(void)state;
	assert_int_equal(sockctl_worst(&report), SOCKCTL_GRANTED);
	for (int i = 0; i < 2; i++) {
		int at = i ? accepted : fd;

		assert_int_equal(kernel_value(at, IPPROTO_TCP, TCP_NODELAY), 1);
		assert_int_equal(kernel_value(at, SOL_SOCKET, SO_KEEPALIVE), 1);
		assert_int_equal(kernel_value(at, IPPROTO_TCP, TCP_KEEPIDLE), 30);
		assert_int_equal(kernel_value(at, IPPROTO_TCP, TCP_KEEPINTVL), 10);
		assert_int_equal(kernel_value(at, IPPROTO_TCP, TCP_KEEPCNT), 3);
		assert_int_equal(kernel_value(at, IPPROTO_TCP, TCP_USER_TIMEOUT), 55000);
		assert_int_equal(kernel_value(at, SOL_SOCKET, SO_RCVBUF), 2 * 65536);
		assert_int_equal(kernel_value(at, IPPROTO_IP, IP_TOS), 46 << 2);
	}
	assert_int_equal(kernel_value(client, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(fcntl(fd, F_GETFD) & fcntl(client, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(fd), close(client), close(accepted);
}

static void buffers_are_clamped_by_their_sysctl(void **state)
{
	int64_t limit = -1;
	bool seen = !sysctl_read_number("net/core/rmem_max", 0, &limit);
	int fd = listen_one("127.0.0.1:0", "rcvbuf=1000M");
	const struct sockctl_verdict *v = verdict_of("rcvbuf");

	(void)state;
	assert_int_equal(v->outcome, SOCKCTL_CLAMPED);
	assert_string_equal(v->limit, "net/core/rmem_max");
	assert_int_equal(v->limit_value, limit);
	assert_int_equal(v->granted, kernel_value(fd, SOL_SOCKET, SO_RCVBUF));
	assert_int_equal(v->asked, 1000 << 20);
	if (seen)
		assert_int_equal(v->granted, 2 * limit);
	assert_int_equal(v->usable, v->granted / 2);
	close(fd);
}

static void a_tiny_buffer_is_rounded_up(void **state)
{
	int fd = listen_one("127.0.0.1:0", "sndbuf=1");

	(void)state;
	assert_int_equal(verdict_of("sndbuf")->outcome, SOCKCTL_ROUNDED);
	assert_int_equal(verdict_of("sndbuf")->granted, kernel_value(fd, SOL_SOCKET, SO_SNDBUF));
	close(fd);
}

static void the_backlog_is_clamped_by_somaxconn(void **state)
{
	struct sockctl_spec spec = spec_of_text("backlog=100");
	int fd;

	(void)state;
	assert_int_equal(sysctl_write("net/core/somaxconn", "16"), 0);
	fd = listen_one("127.0.0.1:0", "backlog=100");
	assert_int_equal(verdict_of("backlog")->outcome, SOCKCTL_CLAMPED);
	assert_string_equal(verdict_of("backlog")->limit, "net/core/somaxconn");
	assert_int_equal(verdict_of("backlog")->limit_value, 16);
	assert_int_equal(verdict_of("backlog")->granted, kernel_info(fd).tcpi_sacked);
	assert_int_equal(sysctl_write("net/core/somaxconn", "4096"), 0);
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0); /* raising it alone changes nothing */
	assert_int_equal(verdict_of("backlog")->outcome, SOCKCTL_DIFFERS);
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0); /* listen() again does */
	assert_int_equal(verdict_of("backlog")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_info(fd).tcpi_sacked, 100);
	close(fd);
}

static void fastopen_is_inert_without_its_gate(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "1"), 0);
	fd = listen_one("127.0.0.1:0", "fastopen=5");
	assert_int_equal(verdict_of("fastopen")->outcome, SOCKCTL_INERT);
	assert_string_equal(verdict_of("fastopen")->limit, "net/ipv4/tcp_fastopen");
	assert_int_equal(verdict_of("fastopen")->limit_value, 1);
	close(fd);
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "3"), 0);
	fd = listen_one("127.0.0.1:0", "fastopen=5");
	assert_int_equal(verdict_of("fastopen")->outcome, SOCKCTL_GRANTED);
	close(fd);
}

static void a_dual_stack_listener_has_both_traffic_classes(void **state)
{
	int fd = listen_one("[::]:0", "tos=0x10"), six = listen_one("[::1]:0", "tos=0x10");

	(void)state;
	assert_int_equal(kernel_value(fd, IPPROTO_IP, IP_TOS), 0x10);
	assert_int_equal(kernel_value(fd, IPPROTO_IPV6, IPV6_TCLASS), 0x10);
	assert_int_equal(kernel_value(six, IPPROTO_IPV6, IPV6_TCLASS), 0x10);
	close(six);
	six = listen_one("[::1]:0", "tos=0x13"); /* the two lowest bits are the kernel's */
	assert_int_equal(verdict_of("tos")->outcome, SOCKCTL_ROUNDED);
	assert_int_equal(verdict_of("tos")->granted, 0x10);
	close(six);
	close(fd);
}

static void half_a_traffic_class_is_noticed(void **state)
{
	struct sockctl_spec spec = spec_of_text("tos=0x10");
	int fd = listen_one("[::]:0", "backlog=1"), tos = 0x10;

	(void)state;
	assert_int_equal(setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos), 0);
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("tos")->outcome, SOCKCTL_DIFFERS);
	assert_string_equal(verdict_of("tos")->limit, "IPV6_TCLASS");
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("tos")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, IPPROTO_IPV6, IPV6_TCLASS), 0x10);
	close(fd);
}

/* In a child whose kernel refuses one of the two places: 0 if the library says so, else the step that was wrong. */
static int half_refused(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	struct sockctl_spec optional = spec_of_text("try:tos=0x10"), required = spec_of_text("tos=0x10");
	int fd;

	if (!filter ||
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(setsockopt), 2, SCMP_A1(SCMP_CMP_EQ, IPPROTO_IPV6),
			     SCMP_A2(SCMP_CMP_EQ, IPV6_TCLASS)) ||
	    seccomp_load(filter))
		return 77;
	if (sockctl_listen("[::]:0", &optional, NULL, &fd, 1, &report) != 1)
		return 1;
	if (kernel_value(fd, IPPROTO_IP, IP_TOS) != 0x10 || report.verdict[0].outcome != SOCKCTL_REFUSED ||
	    report.verdict[0].error != EPERM || strcmp(report.verdict[0].limit, "IPV6_TCLASS"))
		return 2;
	if (sockctl_listen("[::]:0", &required, NULL, &fd, 1, &report) != -EPERM ||
	    !strstr(report.error.hint, "IPV6_TCLASS"))
		return 3;
	return 0;
}

static void one_refused_place_is_named(void **state)
{
	pid_t child;
	int status;

	(void)state;
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (!child)
		_exit(half_refused());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77) {
		puts("skip: no seccomp filter can be loaded here");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A window scale that was agreed on for a small buffer caps the large one for good; one for a large buffer does
 * not. */
static void a_late_receive_buffer_meets_the_window_scale(void **state)
{
	static const struct {
		const char *listener;
		enum sockctl_outcome late;
	} cases[] = {{"rcvbuf=100K", SOCKCTL_TOO_LATE}, {"nodelay", SOCKCTL_GRANTED}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sockctl_spec spec = spec_of_text("rcvbuf=200K");
		int fd = listen_one("127.0.0.1:0", cases[i].listener), client = connect_with(fd, "nodelay");
		int accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		int64_t cap = (int64_t)65535 << kernel_info(accepted).tcpi_rcv_wscale;
		const struct sockctl_verdict *v;

		assert_int_equal(sockctl_adopt(accepted, &spec, &report), 0);
		v = verdict_of("rcvbuf");
		assert_int_equal(v->outcome, cases[i].late);
		assert_int_equal(v->granted, 400 << 10);
		assert_int_equal(v->granted, kernel_value(accepted, SOL_SOCKET, SO_RCVBUF));
		if (cases[i].late == SOCKCTL_TOO_LATE) {
			assert_string_equal(v->limit, "window scale");
			assert_int_equal(v->limit_value, cap);
			assert_int_equal(v->usable, cap);
		}
		close(fd), close(client), close(accepted);
	}
}

static void autotuning_is_given_back(void **state)
{
	struct sockctl_spec spec = spec_of_text("rcvbuf=auto");
	int fd = listen_one("127.0.0.1:0", "rcvbuf=64K,sndbuf=64K");

	(void)state;
	assert_int_equal(kernel_value(fd, SOL_SOCKET, 72), 3);
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_DIFFERS);
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, 72), 1); /* the send buffer keeps its lock */
	close(fd);
}

static void priority_costs_a_call_per_connection(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay,priority=5");
	int fd = listen_one("127.0.0.1:0", "nodelay,priority=5"), client, accepted;

	(void)state;
	assert_int_equal(verdict_of("priority")->per_connection, 1);
	assert_int_equal(verdict_of("nodelay")->per_connection, 0);
	client = connect_with(fd, "nodelay");
	accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(kernel_value(accepted, SOL_SOCKET, SO_PRIORITY), 0);
	assert_int_equal(sockctl_apply(accepted, SOCKCTL_ACCEPTED, &spec, &report), 0);
	assert_int_equal(kernel_value(accepted, SOL_SOCKET, SO_PRIORITY), 5);
	assert_int_equal(verdict_of("priority")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_INHERITED);
	close(client), close(accepted);
	client = connect_with(fd, "nodelay");
	accepted = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(sockctl_apply(accepted, SOCKCTL_ACCEPTED, &spec, NULL), 0);
	assert_int_equal(kernel_value(accepted, SOL_SOCKET, SO_PRIORITY), 5);
	close(fd), close(client), close(accepted);
}

/* Closed descriptors answer every call with EBADF: so nothing at all was called for what is inherited. */
static void what_is_inherited_costs_no_call(void **state)
{
	struct sockctl_spec inherited = spec_of_text("nodelay,keepalive=30s/10s/3,tos=0x10"),
			    own = spec_of_text("priority=5");

	(void)state;
	assert_int_equal(sockctl_apply(-1, SOCKCTL_ACCEPTED, &inherited, NULL), 0);
	assert_int_equal(sockctl_apply(-1, SOCKCTL_ACCEPTED, &own, NULL), -EBADF);
}

static void tos_does_not_undo_priority(void **state)
{
	int fd = listen_one("127.0.0.1:0", "priority=5,tos=0x10");

	(void)state;
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_PRIORITY), 5);
	assert_int_equal(sockctl_worst(&report), SOCKCTL_GRANTED);
	close(fd);
}

static void required_settings_fail_and_optional_ones_do_not(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(listen_with("127.0.0.1:0", "nodelay,v6only", &fd, 1), -ENOPROTOOPT);
	assert_string_equal(report.error.subject, "v6only");
	assert_non_null(strstr(report.error.hint, "try:v6only"));
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_UNSUPPORTED);
	assert_int_equal(listen_with("127.0.0.1:0", "cc=nonesuch", &fd, 1), -ENOENT);
	assert_string_equal(report.error.subject, "cc");
	fd = listen_one("127.0.0.1:0", "try:cc=nonesuch,try:v6only,nodelay");
	assert_int_equal(verdict_of("cc")->outcome, SOCKCTL_REFUSED);
	assert_int_equal(verdict_of("cc")->error, ENOENT);
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_UNSUPPORTED);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(report.error.code, 0);
	close(fd);
}

static void foreign_sockets_are_adopted_and_audited(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay,v6only,user-timeout=5s"), six = spec_of_text("v6only");
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_DIFFERS);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_NODELAY), 0); /* an audit changes nothing */
	assert_int_equal(sockctl_adopt(fd, &spec, &report), 0);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_TOO_LATE);
	assert_string_equal(verdict_of("v6only")->limit, "bind()");
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 5000);
	close(fd);
	fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
	assert_int_equal(sockctl_adopt(fd, &six, &report), 0); /* its owner was in time */
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_GRANTED);
	close(fd);
}

static void what_is_no_ip_socket_is_refused(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay"), buffer = spec_of_text("rcvbuf=64K,priority=2,try:nodelay");
	int file = open("/dev/null", O_RDONLY | O_CLOEXEC), local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(sockctl_adopt(file, &spec, &report), -ENOTSOCK);
	assert_int_equal(sockctl_audit(local, &spec, &report), -EAFNOSUPPORT);
	assert_int_equal(sockctl_apply(-1, SOCKCTL_CREATED, &spec, &report), -EBADF);
	assert_int_equal(sockctl_apply(udp, SOCKCTL_CREATED, &spec, &report), -ENOPROTOOPT);
	assert_int_equal(sockctl_adopt(udp, &buffer, &report), 0);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_UNSUPPORTED);
	assert_int_equal(kernel_value(udp, SOL_SOCKET, SO_RCVBUF), 128 << 10);
	assert_int_equal(verdict_of("priority")->per_connection, 0); /* it accepts nothing */
	close(file), close(local), close(udp);
}

static void one_liners_say_what_became_of_them(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(sockctl_set_nodelay(fd, 1), 0);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(sockctl_set_nodelay(fd, 0), 0);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_NODELAY), 0);
	assert_int_equal(sockctl_set_buffers(fd, 65536, 0), 0);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_RCVBUF), 2 * 65536);
	assert_int_equal(sockctl_set_buffers(fd, 1 << 30, 65536), 1); /* clamped */
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_SNDBUF), 2 * 65536);
	assert_int_equal(sockctl_set_keepalive(fd, 30, 10, 200), -EINVAL);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
	assert_int_equal(sockctl_set_keepalive(fd, 30, 10, 3), 0);
	assert_int_equal(kernel_value(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_KEEPINTVL), 10);
	assert_int_equal(sockctl_set_nodelay(file, 1), -ENOTSOCK);
	close(fd), close(file);
}

static void a_report_that_was_never_initialised_is_refused(void **state)
{
	struct sockctl_report blank;
	int fd;

	(void)state;
	memset(&blank, 0, sizeof blank);
	assert_int_equal(sockctl_listen("127.0.0.1:0", NULL, NULL, &fd, 1, &blank), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_is_granted_and_there),
		cmocka_unit_test(buffers_are_clamped_by_their_sysctl),
		cmocka_unit_test(a_tiny_buffer_is_rounded_up),
		cmocka_unit_test(the_backlog_is_clamped_by_somaxconn),
		cmocka_unit_test(fastopen_is_inert_without_its_gate),
		cmocka_unit_test(a_dual_stack_listener_has_both_traffic_classes),
		cmocka_unit_test(half_a_traffic_class_is_noticed),
		cmocka_unit_test(one_refused_place_is_named),
		cmocka_unit_test(a_late_receive_buffer_meets_the_window_scale),
		cmocka_unit_test(autotuning_is_given_back),
		cmocka_unit_test(priority_costs_a_call_per_connection),
		cmocka_unit_test(what_is_inherited_costs_no_call),
		cmocka_unit_test(tos_does_not_undo_priority),
		cmocka_unit_test(required_settings_fail_and_optional_ones_do_not),
		cmocka_unit_test(foreign_sockets_are_adopted_and_audited),
		cmocka_unit_test(what_is_no_ip_socket_is_refused),
		cmocka_unit_test(one_liners_say_what_became_of_them),
		cmocka_unit_test(a_report_that_was_never_initialised_is_refused),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
