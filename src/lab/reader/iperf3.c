/* The receiver's goodput from `iperf3 -c ... -J`. */
#include "base/error.h"
#include "lab/reader/reader.h"
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <string.h>

static int goodput_take(const json_t *report, double *ret, struct sockctl_error *error)
{
	const char *said = json_string_value(json_object_get(report, "error"));
	const json_t *received = json_object_get(json_object_get(report, "end"), "sum_received");
	double bps = json_number_value(json_object_get(received, "bits_per_second"));

	if (said)
		return error_set(error, -EPROTO, "iperf3", NULL, "it reports: %.150s", said);
	if (!isfinite(bps) || bps <= 0)
		return error_set(error, -EPROTO, "iperf3", "end.sum_received.bits_per_second",
				 "its report has no goodput of a TCP receiver");
	*ret = bps;
	return 0;
}

static int iperf3_read(const struct reader_input *input, double *ret, struct sockctl_error *error)
{
	/* Warnings may stand before the report. */
	const char *start = memchr(input->output, '{', input->length);
	json_error_t why;
	json_t *report;
	int code;

	if (!start)
		return error_set(error, -EPROTO, "iperf3", NULL,
				 "no JSON in the client's output: pass -J to iperf3 -c");
	report = json_loadb(start, input->length - (size_t)(start - input->output), JSON_DISABLE_EOF_CHECK, &why);
	if (!report)
		return error_set(error, -EPROTO, "iperf3", NULL, "its JSON is broken in line %d: %.120s", why.line,
				 why.text);
	code = goodput_take(report, ret, error);
	json_decref(report);
	return code;
}

const struct reader reader_iperf3 = {
	.name = "iperf3",
	.summary = "goodput at the receiver, from iperf3 -c ... -J",
	.metric = {"goodput_bps", false},
	.read = iperf3_read,
};
