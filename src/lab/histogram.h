/* Latencies in buckets of constant relative width (under 1 %), 1 ns to 1 h: fixed memory, mergeable. */
#ifndef LAB_HISTOGRAM_H
#define LAB_HISTOGRAM_H
#include <stdint.h>

/* A p99 of fewer values is a guess, and is not shown. */
enum { HISTOGRAM_P99_COUNT = 1000 };

enum { HISTOGRAM_SUB = 128, HISTOGRAM_BUCKETS = 36 * HISTOGRAM_SUB };
struct histogram {
	uint64_t count, max_ns, min_ns;
	double sum_ns;
	uint32_t bucket[HISTOGRAM_BUCKETS];
};

void histogram_clear(struct histogram *);
void histogram_add(struct histogram *, uint64_t ns);
void histogram_merge(struct histogram *, const struct histogram *from);
uint64_t histogram_quantile_ns(const struct histogram *, double q);   /* 0 if empty; within 1 % */
#endif
