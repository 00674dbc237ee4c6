/* Log-linear buckets: exact below 128 ns, then 128 to each power of two. Knows nothing of what it counts. */
#include "lab/histogram.h"
#include <string.h>

void histogram_clear(struct histogram *h)
{
	memset(h, 0, sizeof *h);
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned shift, index;

	if (ns < HISTOGRAM_SUB)
		return (unsigned)ns;
	shift = 63 - (unsigned)__builtin_clzll(ns) - (unsigned)__builtin_ctz(HISTOGRAM_SUB);
	index = (shift + 1) * HISTOGRAM_SUB + (unsigned)(ns >> shift) - HISTOGRAM_SUB;
	return index < HISTOGRAM_BUCKETS ? index : HISTOGRAM_BUCKETS - 1;
}

/* The middle of a bucket. */
static uint64_t bucket_ns(unsigned index)
{
	unsigned shift;

	if (index < HISTOGRAM_SUB)
		return index;
	shift = index / HISTOGRAM_SUB - 1;
	return ((uint64_t)(HISTOGRAM_SUB + index % HISTOGRAM_SUB) << shift) + (shift ? 1ull << (shift - 1) : 0);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
	if (!h->count || ns < h->min_ns)
		h->min_ns = ns;
	if (ns > h->max_ns)
		h->max_ns = ns;
	h->count++;
	h->sum_ns += (double)ns;
	h->bucket[bucket_of(ns)]++;
}

void histogram_merge(struct histogram *h, const struct histogram *from)
{
	if (!from->count)
		return;
	if (!h->count || from->min_ns < h->min_ns)
		h->min_ns = from->min_ns;
	if (from->max_ns > h->max_ns)
		h->max_ns = from->max_ns;
	h->count += from->count;
	h->sum_ns += from->sum_ns;
	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
		h->bucket[i] += from->bucket[i];
}

uint64_t histogram_quantile_ns(const struct histogram *h, double q)
{
	double rank = q * (double)h->count;
	uint64_t below = 0, ns;

	for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
		below += h->bucket[i];
		if (!below || (double)below < rank)
			continue;
		ns = bucket_ns(i);
		return ns < h->min_ns ? h->min_ns : ns > h->max_ns ? h->max_ns : ns;
	}
	return h->max_ns;
}
