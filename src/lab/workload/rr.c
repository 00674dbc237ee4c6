/* Ping-pong: small requests and responses, each in one write. */
#include "lab/workload/turns.h"
#include <math.h>

static double rr_rate(const struct workload_result *result)
{
	return result->elapsed_us ? (double)result->requests * 1e6 / (double)result->elapsed_us : NAN;
}

const struct workload workload_rr = {
	.name = "rr",
	.summary = "ping-pong of small requests and responses; requests per second",
	.metric = {"requests_per_s", false},
	.defaults = {.warmup_us = 50000,
		     .warmup_requests = 24,
		     .measure_us = 500000,
		     .connections = 1,
		     .request_bytes = 64,
		     .response_bytes = 64},
	.measure_rtts = 20,
	.takes_turns = true,
	.serve = turns_serve,
	.drive = turns_drive,
	.value = rr_rate,
	.samples = turns_samples,
};
