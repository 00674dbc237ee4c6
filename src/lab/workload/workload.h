/* A built-in load that yields a metric. One file per workload and its line in table.c. */
#ifndef LAB_WORKLOAD_H
#define LAB_WORKLOAD_H
#include "lab/histogram.h"
#include "lab/trial.h"

struct workload_plan {                       /* how long and how large */
	uint64_t warmup_us, measure_us;
	uint32_t request_bytes, response_bytes;  /* of rr and wwr */
	unsigned connections;                    /* of stream and rr */
	uint64_t seed;
};

struct workload_result {                     /* of the client, in shared memory */
	struct histogram latency;            /* empty for stream */
	uint64_t bytes, requests, elapsed_us;
	struct tcp_fact before, after;       /* of the sender's first connection, at both ends of the measured part */
};

struct workload {
	const char *name, *summary;
	struct metric metric;
	struct workload_plan defaults;
	/* Each runs in a process of its own on its host until *stop; returns 0 or -errno. `listener` is ready to accept. */
	int (*serve)(int listener, const struct workload_plan *, struct workload_result *, volatile int *stop);
	int (*drive)(const int fds[], const struct workload_plan *, struct workload_result *, volatile int *stop);
	double (*value)(const struct workload_result *);      /* of the metric */
};
extern const struct workload *const workloads[];              /* ends with NULL */
const struct workload *workload_find(const char *name);
#endif
