/* Settings whose kind or truth is out of the common: what the library makes of them, beside what the kernel says. In a
 * network namespace of our own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/sysctl.h"
#include "fixture.h"

static void outcome_is(const char *option, enum sockctl_outcome outcome)
{
	const struct sockctl_verdict *v = verdict_of(option);
	char text[256];

	sockctl_verdict_text(v, text, sizeof text);
	if (v->outcome != outcome)
		fail_msg("%s, and not %s", text, sockctl_outcome_name(outcome));
}

static void default_is_whatever_the_kernel_chooses(void **state)
{
	int fd = listen_one("[::]:0", "ttl=default,linger2=default,addr-preferences=default");

	(void)state;
	outcome_is("ttl", SOCKCTL_GRANTED);
	outcome_is("linger2", SOCKCTL_GRANTED);
	outcome_is("addr-preferences", SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("linger2")->granted, kernel_value(fd, IPPROTO_TCP, TCP_LINGER2));
	close(fd);
	fd = listen_one("127.0.0.1:0", "linger2=off");
	outcome_is("linger2", SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_LINGER2), -1);
	close(fd);
}

static void a_dead_option_costs_nothing_and_is_called_inert(void **state)
{
	int fd = listen_one("127.0.0.1:0", "thin-dupack,nodelay");
	char text[256];

	(void)state;
	outcome_is("thin-dupack", SOCKCTL_INERT);
	outcome_is("nodelay", SOCKCTL_GRANTED);
	sockctl_verdict_text(verdict_of("thin-dupack"), text, sizeof text);
	assert_non_null(strstr(text, "nothing looks at it"));
	close(fd);
}

static void times_are_rounded_up_to_the_tick(void **state)
{
	int64_t tick_us = clock_tick_us();
	int fd = listen_one("127.0.0.1:0", "try:rto-min=20001us");

	(void)state;
	if (verdict_of("rto-min")->outcome == SOCKCTL_UNSUPPORTED) {
		close(fd);
		print_message("skip: Linux 6.15 has it\n");
		skip();
	}
	outcome_is("rto-min", SOCKCTL_ROUNDED);
	assert_int_equal(verdict_of("rto-min")->granted, (20001 + tick_us - 1) / tick_us * tick_us);
	close(fd);
	fd = listen_one("127.0.0.1:0", "try:rto-min=1001us");
	outcome_is("rto-min", tick_us > 1000 ? SOCKCTL_REFUSED : SOCKCTL_ROUNDED);
	close(fd);
}

static void an_interface_is_taken_by_its_number(void **state)
{
	int fd = listen_one("[::]:0", "unicast-if=1");

	(void)state;
	outcome_is("unicast-if", SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, IPPROTO_IP, 50), htonl(1));   /* IP_UNICAST_IF */
	assert_int_equal(kernel_value(fd, IPPROTO_IPV6, 76), htonl(1)); /* IPV6_UNICAST_IF */
	close(fd);
}

static void a_refusal_names_the_sysctl_behind_it(void **state)
{
	struct sockctl_spec spec = spec_of_text("fastopen-connect");
	struct sockaddr_in to;
	char text[400];
	int fd = listen_one("127.0.0.1:0", "nodelay");

	(void)state;
	to = address_of(fd);
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "2"), 0);
	assert_int_equal(sockctl_connect((struct sockaddr *)&to, sizeof to, 0, &spec, NULL, &report), -EOPNOTSUPP);
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "1"), 0);
	outcome_is("fastopen-connect", SOCKCTL_UNSUPPORTED);
	sockctl_error_text(&report.error, text, sizeof text);
	assert_non_null(strstr(text, "net.ipv4.tcp_fastopen = 2 keeps it off"));
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_whatever_the_kernel_chooses),
		cmocka_unit_test(a_dead_option_costs_nothing_and_is_called_inert),
		cmocka_unit_test(times_are_rounded_up_to_the_tick),
		cmocka_unit_test(an_interface_is_taken_by_its_number),
		cmocka_unit_test(a_refusal_names_the_sysctl_behind_it),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
