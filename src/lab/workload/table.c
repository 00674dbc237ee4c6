/* The workloads, in the order in which help lists them. */
#include "lab/workload/workload.h"
#include <string.h>

extern const struct workload workload_wwr, workload_rr, workload_stream;

const struct workload *const workloads[] = {
	&workload_wwr,
	&workload_rr,
	&workload_stream,
	NULL,
};

const struct workload *workload_find(const char *name)
{
	for (const struct workload *const *workload = workloads; *workload; workload++)
		if (!strcmp((*workload)->name, name))
			return *workload;
	return NULL;
}

struct workload_plan workload_plan_for(const struct workload *workload, int64_t rtt_us)
{
	struct workload_plan plan = workload->defaults;

	plan.warmup_us += workload->warmup_rtts * (uint64_t)rtt_us;
	plan.measure_us += workload->measure_rtts * (uint64_t)rtt_us;
	return plan;
}
