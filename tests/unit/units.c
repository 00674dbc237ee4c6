/* Sizes, rates and times to and from text. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "base/units.h"

static const struct {
	enum measure measure;
	const char *text;
	int result;
	int64_t value;
	const char *canonical;
} samples[] = {
	{MEASURE_SIZE, "64K", 0, 65536, "64K"},
	{MEASURE_SIZE, "1.5M", 0, 1572864, "1536K"},
	{MEASURE_SIZE, "0", 0, 0, "0"},
	{MEASURE_SIZE, "0x10", 0, 16, "16"},
	{MEASURE_SIZE, "1.3", -EINVAL, 0, NULL},
	{MEASURE_SIZE, "1.", -EINVAL, 0, NULL},
	{MEASURE_SIZE, "-1", -EINVAL, 0, NULL},
	{MEASURE_SIZE, "", -EINVAL, 0, NULL},
	{MEASURE_SIZE, "K", -EINVAL, 0, NULL},
	{MEASURE_SIZE, "9223372036854775807", 0, INT64_MAX, "9223372036854775807"},
	{MEASURE_SIZE, "9223372036854775808", -ERANGE, 0, NULL},
	{MEASURE_SIZE, "8589934592G", -ERANGE, 0, NULL},
	{MEASURE_RATE, "100mbit", 0, 100000000, "100mbit"},
	{MEASURE_RATE, "2.5gbit", 0, 2500000000, "2500mbit"},
	{MEASURE_RATE, "100", -EINVAL, 0, NULL},
	{MEASURE_TIME, "30", 0, 30000000, "30s"},
	{MEASURE_TIME, "0.2ms", 0, 200, "200us"},
	{MEASURE_TIME, "2h", 0, 7200000000, "2h"},
	{MEASURE_TIME, "0", 0, 0, "0s"},
	{MEASURE_TIME, "30x", -EINVAL, 0, NULL},
	{MEASURE_COUNT, "4096", 0, 4096, "4096"},
};

static void units_parse_samples(void **state)
{
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		int64_t value = -7;

		assert_int_equal(units_parse(samples[i].measure, samples[i].text, strlen(samples[i].text), &value), samples[i].result);
		if (samples[i].result) {
			assert_int_equal(value, -7);
			continue;
		}
		assert_int_equal(value, samples[i].value);
		units_format(samples[i].measure, value, text, sizeof text);
		assert_string_equal(text, samples[i].canonical);
	}
}

static void units_round_samples(void **state)
{
	char text[64];

	(void)state;
	units_round(MEASURE_RATE, 965300000, text, sizeof text);
	assert_string_equal(text, "965mbit");
	units_round(MEASURE_TIME, 43400, text, sizeof text);
	assert_string_equal(text, "43.4ms");
	units_round(MEASURE_SIZE, 4 << 20, text, sizeof text);
	assert_string_equal(text, "4M");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_parse_samples),
		cmocka_unit_test(units_round_samples),
	};

	return cmocka_run_group_tests_name("units", tests, NULL, NULL);
}
