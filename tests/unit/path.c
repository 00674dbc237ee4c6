/* The language of paths: what it means, that it survives writing and reading, and what it says of what is wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lab/path.h"

static const struct {
	const char *text;
	struct path path;
	const char *canonical;
} good[] = {
	{"", {{0}, {0}}, ""},
	{"rtt=40ms,rate=100mbit,loss=0.1%,queue=256k",
	 {{20000, 100000000, 262144, 0.001}, {20000, 100000000, 262144, 0.001}},
	 "rtt=40ms,rate=100mbit,loss=0.1%,queue=256K"},
	{"rtt=40ms up.rate=10mbit", {{20000, 10000000, 0, 0}, {20000, 0, 0, 0}},
	 "up.delay=20ms,up.rate=10mbit,down.delay=20ms"},
	{"RTT=3us", {{1, 0, 0, 0}, {2, 0, 0, 0}}, "up.delay=1us,down.delay=2us"},
	{"delay=5ms", {{5000, 0, 0, 0}, {5000, 0, 0, 0}}, "rtt=10ms"},
	{"queue=64K,rate=1gbit", {{0, 1000000000, 65536, 0}, {0, 1000000000, 65536, 0}}, "rate=1gbit,queue=64K"},
	{"rate=1gbit,rate=2gbit,down.rate=3gbit", {{0, 2000000000, 0, 0}, {0, 3000000000, 0, 0}},
	 "up.rate=2gbit,down.rate=3gbit"},
	{"up.loss=100%,down.loss=0.000001%", {{0, 0, 0, 1}, {0, 0, 0, 1e-8}}, "up.loss=100%,down.loss=0.000001%"},
	{", ,rtt=0,,loss=0%", {{0}, {0}}, ""},
	{"loss=12.5%", {{0, 0, 0, 0.125}, {0, 0, 0, 0.125}}, "loss=12.5%"},
};

static const struct {
	const char *text;
	int code;
	const char *subject, *hint;          /* what they have to contain */
} bad[] = {
	{"rtt", -EINVAL, "rtt", "a time such as"},
	{"rtt=", -EINVAL, "rtt=", "a time such as"},
	{"rtt=40msec", -EINVAL, "rtt=40msec", "a time such as"},
	{"rate=40", -EINVAL, "rate=40", "a rate such as"},
	{"loss=0.1", -EINVAL, "loss=0.1", "0.1%"},
	{"loss=.1%", -EINVAL, "loss=.1%", "0.1%"},
	{"loss=1.%", -EINVAL, "loss=1.%", "0.1%"},
	{"loss=%", -EINVAL, "loss=%", "0.1%"},
	{"loss=0.0000001%", -EINVAL, "loss=0.0000001%", "0.1%"},
	{"loss=100.000001%", -ERANGE, "loss=100.000001%", "0% to 100%"},
	{"loss=99999999999999999999999999%", -ERANGE, "loss=9999", "0% to 100%"},
	{"rate=0mbit", -ERANGE, "rate=0mbit", "1kbit to 1000gbit"},
	{"rtt=1000h", -ERANGE, "rtt=1000h", "0s to 2m"},
	{"rate=9223372036854775808bit", -ERANGE, "rate=922", "1kbit to"},
	{"rate=1mbit,queue=100", -ERANGE, "queue=100", "2K to 4G"},
	{"queue=64K", -EINVAL, "up", "queue= without rate="},
	{"up.rate=1mbit,queue=64K", -EINVAL, "down", "queue= without rate="},
	{"up.rtt=1ms", -EINVAL, "rtt", "up.delay="},
	{"rtt=1ms,rte=1mbit", -EINVAL, "rte=1mbit", "did you mean rate="},
	{"up.dellay=1ms", -EINVAL, "up.dellay=1ms", "did you mean delay="},
	{"jitter=1ms", -EINVAL, "jitter=1ms", "expects rtt="},
	{"=", -EINVAL, "=", "expects rtt="},
	{"up.", -EINVAL, "up.", "expects rtt="},
};

static void way_equal(const struct path_way *a, const struct path_way *b)
{
	assert_int_equal(a->delay_us, b->delay_us);
	assert_int_equal(a->rate_bps, b->rate_bps);
	assert_int_equal(a->queue_bytes, b->queue_bytes);
	assert_true(a->loss == b->loss);
}

static void path_equal(const struct path *a, const struct path *b)
{
	way_equal(&a->up, &b->up);
	way_equal(&a->down, &b->down);
}

static void path_parse_good(void **state)
{
	struct sockctl_error error;
	struct path path, again;
	char text[256];

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(path_parse(&path, good[i].text, &error), 0);
		path_equal(&path, &good[i].path);
		assert_int_equal(path_format(&path, text, sizeof text), strlen(good[i].canonical));
		assert_string_equal(text, good[i].canonical);
		assert_int_equal(path_parse(&again, text, &error), 0);
		path_equal(&path, &again);
	}
}

static void path_parse_bad(void **state)
{
	struct sockctl_error error;
	struct path path, before;

	(void)state;
	memset(&path, 0x5a, sizeof path);
	before = path;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		assert_int_equal(path_parse(&path, bad[i].text, &error), bad[i].code);
		assert_memory_equal(&path, &before, sizeof path);
		if (!strstr(error.subject, bad[i].subject) || !strstr(error.hint, bad[i].hint))
			fail_msg("%s: %s: %s", bad[i].text, error.subject, error.hint);
		assert_int_equal(path_parse(&path, bad[i].text, NULL), bad[i].code);
	}
}

/* Every share that can be written comes back as it was. */
static void path_loss_round_trip(void **state)
{
	struct path path, again;
	char text[128];

	(void)state;
	for (int64_t parts = 1; parts <= 100000000; parts += 1 + parts / 300) {
		snprintf(text, sizeof text, "loss=%lld.%06lld%%", (long long)parts / 1000000,
			 (long long)parts % 1000000);
		assert_int_equal(path_parse(&path, text, NULL), 0);
		path_format(&path, text, sizeof text);
		assert_int_equal(path_parse(&again, text, NULL), 0);
		assert_true(path.up.loss == again.up.loss);
	}
}

static void path_queue_default(void **state)
{
	static const struct { struct path_way way; int64_t bytes; } samples[] = {
		{{20000, 1000000000, 0, 0}, 5000000},        /* rate x RTT */
		{{500, 1000000000, 0, 0}, 2500000},          /* 20 ms */
		{{500, 1000000, 0, 0}, 65536},               /* a super-packet */
		{{20000, 1000000000, 4096, 0}, 4096},
		{{20000, 0, 0, 0}, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
		assert_int_equal(path_queue_bytes(&samples[i].way), samples[i].bytes);
}

static void path_format_cut(void **state)
{
	struct path path;
	char text[8];

	(void)state;
	assert_int_equal(path_parse(&path, "rtt=40ms,rate=100mbit", NULL), 0);
	assert_int_equal(path_format(&path, text, sizeof text), strlen("rtt=40ms,rate=100mbit"));
	assert_string_equal(text, "rtt=40m");
	assert_int_equal(path_rtt_us(&path), 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(path_parse_good),
		cmocka_unit_test(path_parse_bad),
		cmocka_unit_test(path_loss_round_trip),
		cmocka_unit_test(path_queue_default),
		cmocka_unit_test(path_format_cut),
	};

	return cmocka_run_group_tests_name("path", tests, NULL, NULL);
}
