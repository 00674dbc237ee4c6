/* Requests per second from redis-benchmark: --csv, -q, or its plain text. Of several tests, the geometric mean. */
#include "base/error.h"
#include "lab/reader/reader.h"
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct rates {
	unsigned count;
	double log_sum;
};

static void rate_add(struct rates *rates, const char *text)
{
	double rate = isdigit((unsigned char)*text) ? strtod(text, NULL) : 0;

	if (!isfinite(rate) || rate <= 0)
		return;
	rates->count++;
	rates->log_sum += log(rate);
}

/* "SET","52910.05","0.463",... */
static void csv_line_read(const char *line, const char *end, struct rates *rates)
{
	static const char between[] = "\",\"";
	const char *second = memmem(line, (size_t)(end - line), between, strlen(between));

	if (*line == '"' && second)
		rate_add(rates, second + strlen(between));
}

/* SET: 52910.05 requests per second, p50=0.463 msec */
static void text_line_read(const char *line, const char *end, struct rates *rates)
{
	static const char unit[] = " requests per second";
	const char *number = memmem(line, (size_t)(end - line), unit, strlen(unit));

	if (!number)
		return;
	while (number > line && (isdigit((unsigned char)number[-1]) || number[-1] == '.'))
		number--;
	rate_add(rates, number);
}

static int redis_benchmark_read(const struct reader_input *input, double *ret, struct sockctl_error *error)
{
	struct rates rates = {0};
	const char *end = input->output + input->length;

	/* -q overwrites its line while it runs, so carriage returns part lines too. */
	for (const char *line = input->output, *next; line < end; line = next + 1) {
		for (next = line; next < end && *next != '\n' && *next != '\r';)
			next++;
		csv_line_read(line, next, &rates);
		text_line_read(line, next, &rates);
	}
	if (!rates.count)
		return error_set(
			error, -EPROTO, "redis-benchmark", NULL,
			"no \"requests per second\" in the client's output: is it redis-benchmark's, text or --csv?");
	*ret = exp(rates.log_sum / rates.count);
	return 0;
}

const struct reader reader_redis_benchmark = {
	.name = "redis-benchmark",
	.summary = "requests per second from redis-benchmark, text or --csv; the geometric mean of several tests",
	.metric = {"requests_per_s", false},
	.read = redis_benchmark_read,
};
