/* Readers on what Debian 12's programs really print, and on what they should refuse. argv[1]: the folder of the samples. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "lab/reader/reader.h"

static const char *folder;

static int sample_read(const char *reader, const char *sample, double *ret, struct sockctl_error *error)
{
	static char text[65536];
	struct reader_input input = {.output = text, .wall_us = 1234567};
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", folder, sample);
	file = fopen(path, "r");
	assert_non_null(file);
	input.length = fread(text, 1, sizeof text - 1, file);
	text[input.length] = 0;
	fclose(file);
	return reader_find(reader)->read(&input, ret, error);
}

static const struct {
	const char *reader, *sample;
	double value;     /* 0: refused */
	const char *hint; /* what the refusal says */
} samples[] = {
	{"iperf3", "iperf3.json", 22569950522.913517, NULL},
	{"iperf3", "iperf3.txt", 0, "-J"},
	{"iperf3", "iperf3-refused.json", 0, "Connection refused"},
	{"iperf3", "brace", 0, "broken"},
	{"iperf3", "infinite.json", 0, "broken"},
	{"iperf3", "redis.txt", 0, "-J"},
	{"redis-benchmark", "redis.csv", 74701.78, NULL},       /* sqrt(62500.00 x 89285.71) */
	{"redis-benchmark", "redis-quiet.txt", 84855.59, NULL}, /* sqrt(80645.16 x 89285.71) */
	{"redis-benchmark", "redis.txt", 89285.71, NULL},
	{"redis-benchmark", "iperf3.json", 0, "requests per second"},
	{"redis-benchmark", "odd.csv", 0, "requests per second"},
	{"wall", "brace", 1234567, NULL},
};

static void samples_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		struct sockctl_error error = {0};
		double value = -7;
		int code = sample_read(samples[i].reader, samples[i].sample, &value, &error);

		if (!samples[i].hint) {
			if (code || fabs(value / samples[i].value - 1) > 1e-6)
				fail_msg("%s on %s: %d, %.10g", samples[i].reader, samples[i].sample, code, value);
			continue;
		}
		assert_int_equal(code, -EPROTO);
		assert_true(value == -7);
		if (!strstr(error.hint, samples[i].hint))
			fail_msg("%s on %s: \"%s\"", samples[i].reader, samples[i].sample, error.hint);
	}
}

static void every_reader_is_found(void **state)
{
	(void)state;
	for (const struct reader *const *reader = readers; *reader; reader++) {
		assert_ptr_equal(reader_find((*reader)->name), *reader);
		assert_non_null((*reader)->metric.name);
	}
	assert_null(reader_find("nosuch"));
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(samples_are_read),
		cmocka_unit_test(every_reader_is_found),
	};

	if (argc < 2)
		return fprintf(stderr, "usage: %s FOLDER\n", argv[0]), 2;
	folder = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
