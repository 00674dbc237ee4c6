/* The list of what to vary: what it means, and what is said of a bad one. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "base/sysctl.h"
#include "lab/factor.h"

static const struct path wan = {{20000, 1000000000, 0, 0}, {20000, 1000000000, 0, 0}};
static struct factor factors[TUNE_FACTORS];
static struct sockctl_error error;
static unsigned count;

static int parse(const char *list, const char *base, enum factor_load load)
{
	struct arm arm = {0};

	for (int host = 0; host < HOSTS; host++)
		assert_int_equal(sockctl_spec_parse(&arm.spec[host], base, NULL), 0);
	count = 99;
	memset(&error, 0, sizeof error);
	return factors_parse(factors, &count, list, load, &wan, &arm, &error);
}

static void assert_rungs(const struct factor *factor, const char *expected)
{
	char rungs[1100] = "";

	for (unsigned i = 0; i < factor->rungs; i++)
		snprintf(rungs + strlen(rungs), sizeof rungs - strlen(rungs), "%s%s", i ? "|" : "", factor->rung[i]);
	assert_string_equal(rungs, expected);
}

static void ranges_and_values(void **state)
{
	(void)state;
	assert_int_equal(parse("sndbuf=256K..3M, nodelay cc=cubic|reno,notsent-lowat,TCP_USER_TIMEOUT=10s..40s", "cc=cubic", LOAD_BULK), 0);
	assert_int_equal(count, 5);
	assert_int_equal(factors[0].option, OPTION_sndbuf);
	assert_rungs(&factors[0], "256K|512K|1M|2M|3M");
	assert_true(factors[0].ordered);
	assert_rungs(&factors[1], "on");
	assert_rungs(&factors[2], "reno");              /* cubic is the base's own */
	assert_false(factors[2].ordered);
	assert_rungs(&factors[3], "16K|128K|1M");
	assert_false(factors[3].ordered);
	assert_rungs(&factors[4], "10s|20s|40s");
}

static void hosts(void **state)
{
	(void)state;
	assert_int_equal(parse("client:nodelay,server:sndbuf=1M,backlog=128..256", "", LOAD_REQUESTS), 0);
	assert_int_equal(factors[0].hosts, 1 << HOST_CLIENT);
	assert_int_equal(factors[1].hosts, 1 << HOST_SERVER);
	assert_int_equal(factors[2].hosts, 1 << HOST_SERVER);   /* who else listens */
	assert_string_equal(factors[1].name, "server:sndbuf");
}

static void ladders_from_the_path(void **state)
{
	(void)state;
	assert_int_equal(path_bdp_bytes(&wan), 5000000);
	assert_int_equal(parse("sndbuf", "", LOAD_BULK), 0);
	assert_rungs(&factors[0], "4M|8M|16M|32M");
	assert_int_equal(factors_parse(factors, &count, "sndbuf", LOAD_BULK, NULL, &(struct arm){0}, NULL), 0);
	assert_rungs(&factors[0], "256K|512K|1M|2M|4M|8M|16M");
}

static void sysctl_maximum(void **state)
{
	int64_t low = 0, middle = 0;
	char expected[128];

	(void)state;
	if (sysctl_read_number("net/ipv4/tcp_wmem", 0, &low) || sysctl_read_number("net/ipv4/tcp_wmem", 1, &middle)) {
		print_message("skip: net.ipv4.tcp_wmem cannot be read here\n");
		skip();
	}
	assert_int_equal(parse("sysctl:tcp_wmem=16M..32M", "", LOAD_BULK), 0);
	assert_string_equal(factors[0].sysctl, "net/ipv4/tcp_wmem");
	snprintf(expected, sizeof expected, "%lld %lld 16777216|%lld %lld 33554432", (long long)low, (long long)middle, (long long)low,
		 (long long)middle);
	assert_rungs(&factors[0], expected);
	assert_int_equal(factor_format(&factors[0], 0, expected, sizeof expected) > 0, 1);
	assert_int_equal(strncmp(expected, "net.ipv4.tcp_wmem=", 18), 0);
	assert_int_equal(parse("sysctl:net.ipv4.tcp_wmem=16M,sysctl:somaxconn=128..512", "", LOAD_BULK), 0);
	assert_rungs(&factors[1], "128|256|512");
}

static bool has(const char *name)
{
	for (unsigned i = 0; i < count; i++)
		if (!strcmp(factors[i].name, name))
			return true;
	return false;
}

static void default_lists(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, "", LOAD_BULK), 0);
	assert_true(has("sndbuf") && has("rcvbuf") && has("notsent-lowat") && !has("nodelay"));
	assert_int_equal(parse("", "sndbuf=1M", LOAD_BULK), 0);
	assert_true(!has("sndbuf") && has("rcvbuf"));
	assert_int_equal(parse(" , ", "", LOAD_REQUESTS), 0);
	assert_true(has("nodelay") && has("quickack") && !has("sndbuf"));
}

static const struct {
	const char *list;
	int result;
	const char *subject, *hint;
} wrong[] = {
	{"sndbfu=1M", -ENOENT, "sndbfu=1M", "sndbuf"},
	{"zzzzzzzz", -ENOENT, "zzzzzzzz", "sockctl options"},
	{"sysctl:tcp_wmen=8M", -ENOENT, "sysctl:tcp_wmen=8M", "tcp_wmem"},
	{"sysctl:wmem_max=8M", -EINVAL, "sysctl:wmem_max=8M", "whole host"},
	{"sysctl:../../kernel/hostname=x", -ENOENT, "sysctl:../../kernel/hostname=x", "no such sysctl"},
	{"sysctl:kernel.hostname=x", -ENOENT, "sysctl:kernel.hostname=x", "no such sysctl"},
	{"sndbuf=", -EINVAL, "sndbuf=", "missing"},
	{"sndbuf=4M..1M", -ERANGE, "sndbuf=4M..1M", "goes up"},
	{"sndbuf=1..9223372036854775807", -E2BIG, NULL, "16 rungs"},
	{"sndbuf=2G..4G", -ERANGE, NULL, "takes"},
	{"sndbuf=99999999999999999999..1", -EINVAL, NULL, "LOW..HIGH"},
	{"sndbuf=1..1G", -E2BIG, NULL, "16 rungs"},
	{"sndbuf=1M|", -EINVAL, NULL, "missing"},
	{"sndbuf=huge", -EINVAL, "sndbuf=huge", "size"},
	{"cc=a..b", -EINVAL, "cc=a..b", "a|b|c"},
	{"linger", -EINVAL, "linger", "which values"},
	{"nodelay,nodelay", -EINVAL, "nodelay", "twice"},
	{"nodelay,client:nodelay", -EINVAL, "client:nodelay", "twice"},
	{"client:backlog=5", -EINVAL, "client:backlog=5", "only a server"},
	{"peer:nodelay", -ENOENT, "peer:nodelay", NULL},
	{"=", -ENOENT, "=", NULL},
	{":", -ENOENT, ":", NULL},
	{"sysctl:", -ENOENT, "sysctl:", NULL},
	{"sysctl:tcp_wmem=1K", -ERANGE, NULL, "default"},
};

static void errors_point_at_the_token(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		int r = parse(wrong[i].list, "", LOAD_BULK);

		if (r != wrong[i].result)
			fail_msg("%s: %d, not %d (%s)", wrong[i].list, r, wrong[i].result, error.hint);
		assert_int_equal(count, 99);
		assert_string_equal(error.op, "vary");
		if (wrong[i].subject)
			assert_string_equal(error.subject, wrong[i].subject);
		if (wrong[i].hint && !strstr(error.hint, wrong[i].hint))
			fail_msg("%s: \"%s\" does not say \"%s\"", wrong[i].list, error.hint, wrong[i].hint);
	}
	assert_int_equal(parse("nodelay", "nodelay", LOAD_BULK), -EINVAL);
	assert_non_null(strstr(error.hint, "base"));
}

static void arms_get_their_rung(void **state)
{
	struct arm arm = {0};
	char text[200];

	(void)state;
	assert_int_equal(parse("sndbuf=1M|2M,server:nodelay,sysctl:somaxconn=128|256", "", LOAD_BULK), 0);
	assert_int_equal(factor_apply(&factors[0], 1, &arm, NULL), 0);
	assert_int_equal(factor_apply(&factors[1], 0, &arm, NULL), 0);
	assert_int_equal(factor_apply(&factors[2], 0, &arm, NULL), 0);
	assert_int_equal(factor_apply(&factors[2], 1, &arm, NULL), 0);
	assert_int_equal(arm.sysctls, 1);
	assert_string_equal(arm.sysctl[0].value, "256");
	sockctl_spec_format(&arm.spec[HOST_CLIENT], text, sizeof text);
	assert_string_equal(text, "sndbuf=2M");
	sockctl_spec_format(&arm.spec[HOST_SERVER], text, sizeof text);
	assert_string_equal(text, "sndbuf=2M,nodelay");
	assert_true(factor_freezes(&factors[0]) && !factor_freezes(&factors[1]) && !factor_freezes(&factors[2]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_and_values),
		cmocka_unit_test(hosts),
		cmocka_unit_test(ladders_from_the_path),
		cmocka_unit_test(sysctl_maximum),
		cmocka_unit_test(default_lists),
		cmocka_unit_test(errors_point_at_the_token),
		cmocka_unit_test(arms_get_their_rung),
	};

	return cmocka_run_group_tests_name("factor", tests, NULL, NULL);
}
