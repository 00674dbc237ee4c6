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
#include "catalog/option.h"
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

/* The default range of a new namespace. */
static void ports_outside_the_host_s_range_are_noticed(void **state)
{
	static const struct {
		const char *spec;
		enum sockctl_outcome outcome;
	} cases[] = {
		{"try:local-port-range=40000-40010", SOCKCTL_GRANTED},
		{"try:local-port-range=40000-0", SOCKCTL_GRANTED},
		{"try:local-port-range=0-0", SOCKCTL_GRANTED},
		{"try:local-port-range=20000-40000", SOCKCTL_CLAMPED},
		{"try:local-port-range=1024-65535", SOCKCTL_CLAMPED},
		{"try:local-port-range=10000-20000", SOCKCTL_INERT},
		{"try:local-port-range=0-20000", SOCKCTL_INERT},
		{"try:local-port-range=65000-0", SOCKCTL_INERT},
	};
	enum { CUT_AT_40000 = 3 };
	char text[256];

	(void)state;
	assert_int_equal(sysctl_write("net/ipv4/ip_local_port_range", "32768 60999"), 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int fd = listen_one("127.0.0.1:0", cases[i].spec);
		struct sockaddr_in at = address_of(fd);

		close(fd);
		if (verdict_of("local-port-range")->outcome == SOCKCTL_UNSUPPORTED) {
			print_message("skip: Linux 6.3 has it\n");
			skip();
		}
		outcome_is("local-port-range", cases[i].outcome);
		assert_in_range(ntohs(at.sin_port), 32768, i == CUT_AT_40000 ? 40000 : 60999);
	}
	sockctl_verdict_text(verdict_of("local-port-range"), text, sizeof text);
	assert_non_null(strstr(text, "net.ipv4.ip_local_port_range = 32768-60999"));
}

static void an_interface_is_taken_by_its_number(void **state)
{
	int fd = listen_one("udp:[::]:0", "unicast-if=1");

	(void)state;
	outcome_is("unicast-if", SOCKCTL_GRANTED);
	assert_int_equal(kernel_value(fd, IPPROTO_IP, 50), htonl(1));   /* IP_UNICAST_IF */
	assert_int_equal(kernel_value(fd, IPPROTO_IPV6, 76), htonl(1)); /* IPV6_UNICAST_IF */
	close(fd);
}

/* There is no route to 203.0.113.9 (RFC 5737) here: only who names a device takes it to be on that device's link. */
static int unrouted_connect(int type)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0xcb007109)};
	int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), loopback = htonl(1), error;

	assert_int_equal(setsockopt(fd, IPPROTO_IP, 50 /* IP_UNICAST_IF */, &loopback, sizeof loopback), 0);
	error = connect(fd, (struct sockaddr *)&to, sizeof to) ? errno : 0;
	close(fd);
	return error;
}

/* TCP takes it without an error and never looks at it: so the row is one of UDP. */
static void only_datagrams_leave_through_it(void **state)
{
	(void)state;
	assert_int_equal(unrouted_connect(SOCK_DGRAM), 0);
	assert_int_equal(unrouted_connect(SOCK_STREAM), ENETUNREACH);
	assert_int_equal(option_protocols(&catalogue[OPTION_unicast_if]), PROTOCOL_UDP);
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

/* The flow label that a datagram of a socket with this spec arrives with; its verdicts are in `report`. */
static uint32_t flow_label_of(const char *text)
{
	enum { IPV6_FLOWINFO_TOLD = 11, LABEL_MASK = 0xfffff }; /* IPV6_FLOWINFO of linux/in6.h */
	struct sockctl_spec spec = spec_of_text(text);
	int from = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), to = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0),
	    on = 1;
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	socklen_t length = sizeof address;
	char control[CMSG_SPACE(sizeof(uint32_t))] __attribute__((aligned(8))), byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	uint32_t flowinfo = 0;

	report.size = sizeof report;
	assert_int_equal(sockctl_apply(from, SOCKCTL_CREATED, &spec, &report), 0);
	assert_int_equal(setsockopt(to, IPPROTO_IPV6, IPV6_FLOWINFO_TOLD, &on, sizeof on), 0);
	assert_int_equal(bind(to, (struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(getsockname(to, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(sendto(from, &byte, 1, 0, (struct sockaddr *)&address, sizeof address), 1);
	assert_int_equal(recvmsg(to, &message, 0), 1);
	if (CMSG_FIRSTHDR(&message)) /* without a label there is nothing to tell */
		memcpy(&flowinfo, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof flowinfo);
	close(from), close(to);
	return ntohl(flowinfo) & LABEL_MASK;
}

static void flow_labels_hang_on_their_sysctl(void **state)
{
	(void)state;
	if (sysctl_write("net/ipv6/auto_flowlabels", "1")) {
		print_message("skip: no IPv6 here\n");
		skip();
	}
	assert_int_not_equal(flow_label_of("autoflowlabel"), 0);
	outcome_is("autoflowlabel", SOCKCTL_GRANTED);
	assert_int_equal(flow_label_of("autoflowlabel=off"), 0);
	assert_int_equal(sysctl_write("net/ipv6/auto_flowlabels", "0"), 0);
	assert_int_equal(flow_label_of("autoflowlabel"), 0);
	outcome_is("autoflowlabel", SOCKCTL_INERT);
	assert_string_equal(verdict_of("autoflowlabel")->limit, "net/ipv6/auto_flowlabels");
	assert_int_equal(sysctl_write("net/ipv6/auto_flowlabels", "3"), 0);
	assert_int_not_equal(flow_label_of("autoflowlabel=off"), 0); /* forced: the page says so */
	assert_int_equal(sysctl_write("net/ipv6/auto_flowlabels", "1"), 0);
}

/* Without a route for the group, only the interface says where it goes. IPv4 takes a struct, IPv6 an int. */
static void multicast_leaves_through_its_interface(void **state)
{
	struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {htonl(0xef010203)}};
	struct sockctl_spec spec = spec_of_text("multicast-if=1");
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), six = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&group, sizeof group), -1);
	assert_int_equal(errno, ENETUNREACH);
	assert_int_equal(sockctl_apply(fd, SOCKCTL_CREATED, &spec, &report), 0);
	outcome_is("multicast-if", SOCKCTL_UNVERIFIABLE);
	assert_int_equal(sendto(fd, "x", 1, 0, (struct sockaddr *)&group, sizeof group), 1);
	assert_int_equal(sockctl_apply(six, SOCKCTL_CREATED, &spec, &report), 0);
	assert_int_equal(kernel_value(six, IPPROTO_IPV6, IPV6_MULTICAST_IF), 1);
	spec = spec_of_text("multicast-if=99999");
	assert_int_equal(sockctl_apply(fd, SOCKCTL_CREATED, &spec, &report), -EADDRNOTAVAIL);
	close(fd), close(six);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(default_is_whatever_the_kernel_chooses),
		cmocka_unit_test(a_dead_option_costs_nothing_and_is_called_inert),
		cmocka_unit_test(times_are_rounded_up_to_the_tick),
		cmocka_unit_test(ports_outside_the_host_s_range_are_noticed),
		cmocka_unit_test(an_interface_is_taken_by_its_number),
		cmocka_unit_test(only_datagrams_leave_through_it),
		cmocka_unit_test(a_refusal_names_the_sysctl_behind_it),
		cmocka_unit_test(flow_labels_hang_on_their_sysctl),
		cmocka_unit_test(multicast_leaves_through_its_interface),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
