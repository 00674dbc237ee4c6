/* Statistics of paired runs. The unit is the run. Pure functions over arrays. */
#ifndef LAB_STATS_H
#define LAB_STATS_H
#include <stdint.h>

enum { STATS_PAIRS = 64 };

struct stats_effect {                        /* of log-ratios, candidate over baseline */
	double estimate;                     /* Hodges-Lehmann */
	double low, high;                    /* exact interval from Walsh averages (signed rank) */
	double confidence;                   /* what the interval really covers */
	double p;                            /* two-sided sign-flip permutation test */
	unsigned pairs;
};

double stats_median(double *values, unsigned count);                 /* reorders values; NaN if count is 0 */
void stats_effect(const double log_ratio[], unsigned pairs, double confidence, struct stats_effect *ret);
/* xoshiro256**, seeded by splitmix64. */
struct stats_random { uint64_t state[4]; };
void stats_seed(struct stats_random *, uint64_t seed);
uint64_t stats_next(struct stats_random *);
double stats_uniform(struct stats_random *);                         /* [0, 1) */
double stats_normal(struct stats_random *);
#endif
