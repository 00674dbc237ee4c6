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
/* At most the first STATS_PAIRS are used. Without pairs: NaN, p = 1. Too few pairs for `confidence`: the widest interval there
 * is, from the smallest to the largest ratio, with what it covers. */
void stats_effect(const double log_ratio[], unsigned pairs, double confidence, struct stats_effect *ret);
/* How many of the 2^n sign assignments of ranks 1..n have a rank sum of at most `sum`, as a probability. */
double stats_signed_rank(unsigned n, unsigned sum);
/* Two-sided p of the sum under all sign assignments. Exact up to 32 pairs; beyond, the normal limit of the same distribution. */
double stats_sign_flip(const double values[], unsigned count);
double stats_normal_cdf(double z);
double stats_normal_quantile(double p);                              /* 0 < p < 1 */
/* xoshiro256**, seeded by splitmix64. */
struct stats_random { uint64_t state[4]; };
void stats_seed(struct stats_random *, uint64_t seed);
uint64_t stats_next(struct stats_random *);
double stats_uniform(struct stats_random *);                         /* [0, 1) */
double stats_normal(struct stats_random *);
unsigned stats_below(struct stats_random *, unsigned limit);         /* 0 to limit - 1, unbiased */
#endif
