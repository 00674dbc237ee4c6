/* A built-in load that yields a metric. One file per workload and its line in table.c. A workload knows sockets that are
 * handed to it; nothing of namespaces, specs or arms. */
#ifndef LAB_WORKLOAD_H
#define LAB_WORKLOAD_H
#include <stdatomic.h>
#include "lab/histogram.h"
#include "lab/trial.h"

enum { WORKLOAD_CONNECTIONS = 256, WORKLOAD_LISTENERS = 256, WORKLOAD_MESSAGE_BYTES = 1 << 20 };

struct workload_plan {                       /* how long and how large */
	uint64_t warmup_us, measure_us;
	uint32_t warmup_requests;            /* of rr and wwr: at least so many before the measured part */
	uint32_t request_bytes, response_bytes;      /* of rr and wwr, WORKLOAD_MESSAGE_BYTES at most */
	uint32_t first_write_bytes;          /* of the request that go out in a write of their own; 0: one write for all */
	unsigned connections;
};

struct workload_result {                     /* in memory that both sides share */
	struct histogram latency;            /* of requests; empty for stream */
	uint64_t requests, bytes, elapsed_us;        /* of the measured part; bytes at the receiver */
	_Atomic uint64_t received_bytes;     /* the receiver's count, which grows while it runs */
};

/* What one side is given. */
struct workload_io {
	const struct workload_plan *plan;
	struct workload_result *result;
	const int *fd;                       /* server: its listeners; client: its connections */
	unsigned fds;
	int (*accepted)(void *arg, int fd);  /* server: to be called for each accepted socket; 0 or -errno */
	void (*boundary)(void *arg, bool end);       /* client: to be called where the measured part begins and ends */
	void *arg;
};

struct workload {
	const char *name, *summary;
	struct metric metric;
	struct workload_plan defaults;
	uint32_t warmup_rtts, measure_rtts;  /* added to the defaults' times on a path with delay */
	bool takes_turns;                    /* one side waits while the other works */
	/* Each runs in a process of its own on its host; 0 or -errno. serve ends when all its connections have; it may also be
	 * killed at any time. drive ends by itself after the measured part. */
	int (*serve)(const struct workload_io *);
	int (*drive)(const struct workload_io *);
	double (*value)(const struct workload_result *);      /* of the metric; NaN: nothing was measured */
	uint64_t (*samples)(const struct workload_result *);  /* behind the value */
};

extern const struct workload *const workloads[];              /* ends with NULL */
const struct workload *workload_find(const char *name);
/* The defaults, longer where the round trips of the path ask for it. */
struct workload_plan workload_plan_for(const struct workload *, int64_t rtt_us);
#endif
