/* Write, write, read: a request in two small writes, such as header and body. Nagle holds the second back until the first
 * is acknowledged, and the receiver delays that acknowledgement: 40 ms a turn that nodelay saves. */
#include "lab/workload/turns.h"
#include <math.h>

static double wwr_latency(const struct workload_result *result)
{
	return result->latency.count ? (double)histogram_quantile_ns(&result->latency, 0.5) / 1000 : NAN;
}

const struct workload workload_wwr = {
	.name = "wwr",
	.summary = "write, write, read: requests in two small writes; latency",
	.metric = {"latency_p50_us", true},
	/* A new connection's receiver acknowledges its first 16 segments at once (tcp_input.c, tcp_enter_quickack_mode). */
	.defaults = {.warmup_requests = 24,
		     .measure_us = 500000,
		     .connections = 1,
		     .request_bytes = 64,
		     .response_bytes = 64,
		     .first_write_bytes = 16},
	.measure_rtts = 20,
	.takes_turns = true,
	.serve = turns_serve,
	.drive = turns_drive,
	.value = wwr_latency,
	.samples = turns_samples,
};
