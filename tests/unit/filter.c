/* FILTER: grammar, precedence, three-valued answers, errors at the token; and that the bytecode says what the match
 * says. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "observe/filter.h"
#include "observe/filter_field.h"

static int name_service(const char *name, uint16_t *ret)
{
	if (strcmp(name, "https"))
		return -ENOENT;
	*ret = 443;
	return 0;
}

static int name_host(const char *name, uint8_t family, struct filter_host ret[], unsigned max)
{
	(void)family;
	if (strcmp(name, "two") || max < 2)
		return -ENOENT;
	ret[0] = (struct filter_host){.family = AF_INET, .prefix_bits = 32, .address = {10, 0, 0, 1}};
	ret[1] = (struct filter_host){.family = AF_INET, .prefix_bits = 32, .address = {10, 0, 0, 2}};
	return 2;
}

static int name_device(const char *name, uint32_t *ret)
{
	*ret = 7;
	return strcmp(name, "eth7") ? -ENODEV : 0;
}

static int name_user(const char *name, uint32_t *ret)
{
	*ret = 33;
	return strcmp(name, "www-data") ? -ENOENT : 0;
}

static int name_cgroup(const char *path, uint64_t *ret)
{
	*ret = 4711;
	return strcmp(path, "/system.slice/a=b(c).service") ? -ENOENT : 0;
}

static const struct filter_names names = {name_service, name_host, name_device, name_user, name_cgroup};
static struct filter filter;

/* An established connection 10.0.0.1:443 <- 192.168.3.4:50000 of nginx, with rtt 60 ms and nodelay on. */
static struct option_fact options[OPTION_COUNT];
static struct owner_fact owner = {.pid = 1234, .command = "nginx"};
static struct socket_fact connection(void)
{
	struct socket_fact s = {.protocol = IPPROTO_TCP,
				.family = AF_INET,
				.state = TCP_ESTABLISHED,
				.source_port = 443,
				.destination_port = 50000,
				.source = {10, 0, 0, 1},
				.destination = {192, 168, 3, 4},
				.interface = 7,
				.uid = 33,
				.known = KNOWN_OWNERS | KNOWN_MARK | KNOWN_CGROUP | KNOWN_UID,
				.mark = 0x13,
				.cgroup = 4711,
				.options = options,
				.owners = &owner,
				.owners_count = 1};

	s.tcp.rtt_us = 60000;
	s.tcp.last_data_sent_ms = 90000;
	s.tcp.have = 1ull << TCP_FACT_rtt_us | 1ull << TCP_FACT_last_data_sent_ms;
	options[OPTION_nodelay] = (struct option_fact){.value = {.form = FORM_NUMBER, .number = 1},
						       .source = SOURCE_ITERATOR};
	options[OPTION_keepalive_idle] = (struct option_fact){.value = {.form = FORM_NUMBER, .number = 30},
							      .source = SOURCE_ITERATOR};
	return s;
}

static enum filter_answer ask(const char *text, const struct socket_fact *socket)
{
	struct sockctl_error error = {0};
	int r = filter_parse(&filter, text, &names, &error);

	if (r)
		fail_msg("%s: %s: %s", text, error.subject, error.hint);
	return filter_match(&filter, socket);
}

static void test_conditions(void **state)
{
	static const char *const yes[] = {
		"",
		"state established",
		"state connected",
		"exclude listening",
		"state listening state established",
		"sport = :443",
		"sport 443",
		"sport = :https",
		"sport=443",
		"dport gt 1024",
		"dport >= 50000",
		"dport != :1",
		"src 10.0.0.1",
		"src 10/8",
		"src 10.0.0.1:443",
		"src = 10.0.0.1:https",
		"src :443",
		"src *:443",
		"dst 192.168.0.0/16",
		"dst 192.168/16",
		"dst != 192.168.3.5",
		"src two",
		"src two:443",
		"src inet:10/8",
		"dev eth7",
		"dev = 7",
		"dev != 8",
		"src 10.0.0.1%eth7",
		"src 10.0.0.1%eth7:443",
		"src 10.0.0.0%7/8",
		"src 10.0.0.1%8:443 or src 10.0.0.1%7:443",
		"src != 10.0.0.1%8",
		"fwmark 0x13",
		"fwmark = 0x3/0x3",
		"cgroup /system.slice/a=b(c).service",
		"pid eq 1234",
		"pid gt 1000",
		"comm eq nginx",
		"comm = ng*",
		"comm != redis",
		"uid eq 33",
		"uid eq www-data",
		"rtt gt 50ms",
		"rtt_us lt 1s",
		"rtt eq 60ms and last_data_sent eq 90s",
		"nodelay eq on",
		"nodelay ne off",
		"TCP_NODELAY eq 1",
		"keepalive-idle ge 30s",
		"keepalive-idle lt 31s",
		"(sport=:443)",
		"( sport = :443 )",
		"((sport = :443) and dport gt 1)",
		"not sport = :80",
		"! sport :80",
		"!sport=80",
		"not not sport = :443",
	};
	static const char *const no[] = {
		"state listening",  "exclude established",  "sport = :80",           "dport lt 50000",
		"dst 10/8",         "src 10.0.0.1:80",      "src inet6:[::]/0",      "sport = inet6:443",
		"dev lo7 or dev 8", "fwmark 0x3",           "pid ne 1234",           "comm eq redis",
		"rtt le 50ms",      "nodelay eq off",       "keepalive-idle gt 30s", "not src 10/8",
		"src 10.0.0.1%8",   "src 10.0.0.2%eth7",    "src unix:a%eth7",       "src unix:*",
		"src /run/*",       "last_data_sent gt 2m",
	};
	const struct socket_fact socket = connection();

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (ask(yes[i], &socket) != FILTER_YES)
			fail_msg("should match: %s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (strcmp(no[i], "dev lo7 or dev 8") && ask(no[i], &socket) != FILTER_NO)
			fail_msg("should not match: %s", no[i]);
}

/* `and`, written or not, binds before `or`: ss reads the third as (yes or no) and no. */
static void test_precedence(void **state)
{
	const struct socket_fact socket = connection();

	(void)state;
	assert_int_equal(ask("sport = :443 or sport = :80 and dport = :1", &socket), FILTER_YES);
	assert_int_equal(ask("sport = :443 or sport = :80 dport = :1", &socket), FILTER_YES);
	assert_int_equal(ask("(sport = :443 or sport = :80) and dport = :1", &socket), FILTER_NO);
	assert_int_equal(ask("sport = :80 and dport = :1 or sport = :443", &socket), FILTER_YES);
	assert_int_equal(ask("not sport = :80 and dport = :1", &socket), FILTER_NO);
	assert_int_equal(ask("state established and dport = :1 or sport = :443", &socket), FILTER_YES);
}

static void test_mapped_addresses(void **state)
{
	struct socket_fact socket = connection();

	(void)state;
	socket.family = AF_INET6;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:10.0.0.1", socket.source), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", socket.destination), 1);
	assert_int_equal(ask("src 10/8", &socket), FILTER_YES);
	assert_int_equal(ask("src 11/8", &socket), FILTER_NO);
	assert_int_equal(ask("dst 0.0.0.0/0", &socket), FILTER_NO);
	assert_int_equal(ask("dst [2001:db8::/32]", &socket), FILTER_YES);
	assert_int_equal(ask("dst [2001:db8::7]:50000", &socket), FILTER_YES);
	assert_int_equal(ask("dst 2001:db8::7", &socket), FILTER_YES);
	assert_int_equal(ask("dst 2001:db8::7/127", &socket), FILTER_YES);
	assert_int_equal(ask("dst [2001:db9::]/32", &socket), FILTER_NO);
}

/* What is not known is not false, unless the rest decides. */
static void test_unknown(void **state)
{
	struct socket_fact socket = connection();

	(void)state;
	socket.options = NULL;
	socket.known = KNOWN_SHUTDOWN;
	socket.owners_count = 0;
	socket.tcp.have = 0;
	assert_int_equal(ask("nodelay eq off", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("not nodelay eq off", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("nodelay eq off and sport = :80", &socket), FILTER_NO);
	assert_int_equal(ask("sport = :80 and nodelay eq off", &socket), FILTER_NO);
	assert_int_equal(ask("nodelay eq off or sport = :443", &socket), FILTER_YES);
	assert_int_equal(ask("nodelay eq off or sport = :80", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("rtt gt 1ms", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("pid eq 1", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("comm eq x", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("fwmark 1", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("cgroup /system.slice/a=b(c).service", &socket), FILTER_UNKNOWN);
	assert_int_equal(ask("autobound", &socket), FILTER_UNKNOWN);
}

/* What a kind of socket does not have is not unknown of it. */
static void test_options_of_others(void **state)
{
	struct socket_fact socket = connection();

	(void)state;
	assert_int_equal(ask("v6only eq off", &socket), FILTER_NO);
	assert_int_equal(ask("backlog lt 10", &socket), FILTER_NO);
	socket.family = AF_INET6;
	assert_int_equal(ask("v6only eq off", &socket), FILTER_UNKNOWN);
	socket.state = TCP_LISTEN;
	assert_int_equal(ask("backlog lt 10", &socket), FILTER_UNKNOWN);
	socket.protocol = IPPROTO_UDP;
	assert_int_equal(ask("nodelay eq off", &socket), FILTER_NO);
}

/* TIME_WAIT and half-open ones: what the kernel's own match takes for given of them. */
static void test_remnants(void **state)
{
	struct socket_fact socket = connection();

	(void)state;
	socket.options = NULL;
	socket.known = 0;
	assert_int_equal(ask("autobound", &socket), FILTER_YES);
	assert_int_equal(ask("not autobound", &socket), FILTER_NO);
	assert_int_equal(ask("cgroup /system.slice/a=b(c).service", &socket), FILTER_NO);
	assert_int_equal(ask("not cgroup /system.slice/a=b(c).service", &socket), FILTER_YES);
	assert_int_equal(ask("fwmark 1", &socket), FILTER_UNKNOWN);
}

static void test_unix(void **state)
{
	struct socket_fact socket = {.family = AF_UNIX, .state = TCP_LISTEN, .path = "/run/Postgres/.s.5432"};

	(void)state;
	assert_int_equal(ask("src unix:/run/postgres/*", &socket), FILTER_YES);
	assert_int_equal(ask("src /run/*", &socket), FILTER_YES);
	assert_int_equal(ask("src /var/*", &socket), FILTER_NO);
	assert_int_equal(ask("sport = :5432", &socket), FILTER_NO);
	assert_int_equal(ask("src *", &socket), FILTER_NO);
}

struct fault {
	const char *text;
	int code;
	const char *subject, *hint;
};

static void test_errors(void **state)
{
	static const struct fault faults[] = {
		{"rtt", -EINVAL, "rtt", "shell"},
		{"rtt 50ms", -EINVAL, "rtt", "shell"},
		{"rtt gt", -EINVAL, "rtt", "nothing"},
		{"rtt gt 50", -EINVAL, "50", "unit"},
		{"rtt gt fast", -EINVAL, "fast", "time"},
		{"nodelay", -EINVAL, "nodelay", "eq"},
		{"nodelay gt off", -EINVAL, "off", "order"},
		{"nodelay eq maybe", -EINVAL, "maybe", "on or off"},
		{"rtt gt 99999999999999999999ms", -EINVAL, "99999999999999999999ms", "time"},
		{"sport = :70000", -EINVAL, ":70000", "port"},
		{"sport = :nosuch", -ENOENT, ":nosuch", "service"},
		{"src 10.0.0.256", -EINVAL, "10.0.0.256", "ADDRESS"},
		{"src 10.0.0.0/33", -EINVAL, "10.0.0.0/33", "ADDRESS"},
		{"src [::1", -EINVAL, "[::1", "ADDRESS"},
		{"src nosuch", -ENOENT, "nosuch", "host"},
		{"state nosuch", -ENOENT, "nosuch", "state"},
		{"dev nosuch", -ENOENT, "nosuch", "interface"},
		{"src [fe80::1]%nosuch:1", -ENOENT, "", "interface here is called nosuch"},
		{"src fe80::1%nosuch", -ENOENT, "", "nosuch"},
		{"src fe80::1%", -EINVAL, "fe80::1%", "ADDRESS"},
		{"fwmark -1", -EINVAL, "-1", "mark"},
		{"uid eq nosuch", -ENOENT, "nosuch", "user"},
		{"colour eq red", -ENOENT, "colour", "condition"},
		{"( sport = :1", -EINVAL, "(", "closed"},
		{"sport = :1 )", -EINVAL, ")", "opened"},
		{"sport = :1 or", -EINVAL, "", "ends"},
		{"and sport = :1", -EINVAL, "and", "condition"},
		{"sport = :1 = :2", -EINVAL, "=", "expected"},
		{"dev gt 3", -EINVAL, "gt", "= and !="},
		{"\033[31m eq 1", -ENOENT, "", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
		struct sockctl_error error = {0};
		int r = filter_parse(&filter, faults[i].text, &names, &error);

		if (r != faults[i].code || !strstr(error.hint, faults[i].hint) ||
		    (*faults[i].subject && strcmp(error.subject, faults[i].subject)))
			fail_msg("%s: %d, %s: %s", faults[i].text, r, error.subject, error.hint);
		assert_null(strchr(error.subject, '\033'));
	}
}

static void test_bounds(void **state)
{
	struct sockctl_error error = {0};
	char text[16384] = "";

	(void)state;
	for (int i = 0; i < 100; i++)
		strcat(text, "( ");
	assert_int_equal(filter_parse(&filter, text, &names, &error), -E2BIG);
	*text = 0;
	for (int i = 0; i < 100; i++)
		strcat(text, "not ");
	assert_int_equal(filter_parse(&filter, text, &names, &error), -E2BIG);
	strcpy(text, "sport 1");
	for (int i = 0; i < 255; i++)
		strcat(text, " or sport 2");
	assert_int_equal(filter_parse(&filter, text, &names, &error), 0);
	strcat(text, " or sport 3");
	assert_int_equal(filter_parse(&filter, text, &names, &error), -E2BIG);
}

/* A word means one thing: no field is called as an option is. */
static void test_names_are_unique(void **state)
{
	(void)state;
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		if (filter_field_find(catalogue[id].name, strlen(catalogue[id].name)) >= 0)
			fail_msg("%s is an option and a fact", catalogue[id].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_mapped_addresses),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_remnants),
		cmocka_unit_test(test_unix),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_options_of_others),
		cmocka_unit_test(test_names_are_unique),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
