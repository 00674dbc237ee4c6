/* How `sockctl bench` looks: plain data in, a page or a JSON object out. */
#ifndef CLI_VIEW_BENCH_H
#define CLI_VIEW_BENCH_H
#include <stdio.h>
#include "lab/histogram.h"
#include "lab/workload/workload.h"

enum { BENCH_ARMS = 16, BENCH_REPEAT = 100 };

struct bench_arm {
	const char *spec;                    /* as the user wrote it; "" for none */
	double value[BENCH_REPEAT];          /* of the metric, in the order of the rounds */
	double median, low, high;
	double gain, gain_low, gain_high;    /* over the first arm, round by round; above 1 is better */
	unsigned retries, disturbed;         /* runs that were repeated; runs that count although all retries were disturbed */
	struct histogram latency;            /* of all its runs */
	struct trial typical;                /* the run nearest the median */
};

struct bench_result {
	const struct workload *workload;
	struct workload_plan plan;
	bool linked;
	char path[256], placement[128], kernel[64], cc[32];
	int cpus;
	double lateness_allowed_us;          /* 0: no rule, since the path has no delay */
	unsigned rounds, arms;
	struct bench_arm arm[BENCH_ARMS];
};

void bench_text(FILE *, const struct bench_result *);
void bench_json(FILE *, const struct bench_result *, bool pretty);
#endif
