/* Statistics of paired runs: exact where runs are few, which is where they are dear. */
#include "lab/stats.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
	WALSH_MAX = STATS_PAIRS * (STATS_PAIRS + 1) / 2,
	EXACT_PAIRS = 32, /* two halves of 2^16 sums each */
};

static int double_compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double sorted_median(const double *sorted, unsigned count)
{
	return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
}

double stats_median(double *values, unsigned count)
{
	if (!count)
		return NAN;
	qsort(values, count, sizeof *values, double_compare);
	return sorted_median(values, count);
}

/* Counts by convolution: rank r is in the sum or is not. Doubles hold 2^64 to 16 digits. */
double stats_signed_rank(unsigned n, unsigned sum)
{
	double ways[WALSH_MAX + 1] = {1};
	unsigned top = 0;
	double at_most = 0;

	for (unsigned rank = 1; rank <= n && rank <= STATS_PAIRS; rank++) {
		top += rank;
		for (unsigned s = top; s >= rank; s--)
			ways[s] += ways[s - rank];
	}
	for (unsigned s = 0; s <= sum && s <= top; s++)
		at_most += ways[s];
	return ldexp(at_most, -(int)n);
}

/* The largest k for which the k-th smallest to the k-th largest Walsh average still covers `confidence`; at least 1. */
static unsigned interval_rank(unsigned pairs, double confidence)
{
	unsigned most = pairs * (pairs + 1) / 2, k = 1;

	while (2 * k < most && 1 - 2 * stats_signed_rank(pairs, k) >= confidence)
		k++;
	return k;
}

static unsigned walsh_averages(const double *values, unsigned count, double *ret)
{
	unsigned n = 0;

	for (unsigned i = 0; i < count; i++)
		for (unsigned j = i; j < count; j++)
			ret[n++] = (values[i] + values[j]) / 2;
	qsort(ret, n, sizeof *ret, double_compare);
	return n;
}

void stats_effect(const double log_ratio[], unsigned pairs, double confidence, struct stats_effect *ret)
{
	double walsh[WALSH_MAX];
	unsigned n, k;

	pairs = pairs < STATS_PAIRS ? pairs : STATS_PAIRS;
	*ret = (struct stats_effect){.estimate = NAN, .low = NAN, .high = NAN, .p = 1, .pairs = pairs};
	if (!pairs)
		return;
	n = walsh_averages(log_ratio, pairs, walsh);
	k = interval_rank(pairs, confidence);
	ret->estimate = sorted_median(walsh, n);
	ret->low = walsh[k - 1];
	ret->high = walsh[n - k];
	ret->confidence = fmax(0, 1 - 2 * stats_signed_rank(pairs, k - 1));
	ret->p = stats_sign_flip(log_ratio, pairs);
}

/* All 2^count signed sums in ascending order: each value doubles the list by merging it, shifted down and shifted up. */
static void signed_sums(const double *values, unsigned count, double *sums, double *spare)
{
	size_t n = 1;

	sums[0] = 0;
	for (unsigned i = 0; i < count; i++, n *= 2) {
		double shift = fabs(values[i]);
		size_t low = 0, high = 0;

		for (size_t out = 0; out < 2 * n; out++)
			spare[out] = low < n && (high == n || sums[low] - shift <= sums[high] + shift) ?
					     sums[low++] - shift :
					     sums[high++] + shift;
		memcpy(sums, spare, 2 * n * sizeof *sums);
	}
}

/* Of all a + b, how many are at least `bound`; both lists ascend. */
static double sums_at_least(const double *a, size_t a_count, const double *b, size_t b_count, double bound)
{
	double found = 0;
	size_t j = b_count;

	for (size_t i = 0; i < a_count; i++) {
		while (j && a[i] + b[j - 1] >= bound)
			j--;
		found += (double)(b_count - j);
	}
	return found;
}

static double sign_flip_exact(const double *values, unsigned count, double observed)
{
	unsigned half = count / 2, rest = count - half;
	size_t a_count = (size_t)1 << half, b_count = (size_t)1 << rest;
	double *memory = malloc((a_count + 2 * b_count) * sizeof *memory), found;

	if (!memory)
		return 1; /* never significant by accident */
	signed_sums(values, half, memory, memory + a_count + b_count);
	signed_sums(values + half, rest, memory + a_count, memory + a_count + b_count);
	found = sums_at_least(memory, a_count, memory + a_count, b_count, observed);
	free(memory);
	return fmin(1, 2 * ldexp(found, -(int)count));
}

double stats_sign_flip(const double values[], unsigned count)
{
	double sum = 0, magnitude = 0, squares = 0;

	for (unsigned i = 0; i < count; i++) {
		sum += values[i];
		magnitude += fabs(values[i]);
		squares += values[i] * values[i];
	}
	if (!(squares > 0))
		return 1;
	if (count > EXACT_PAIRS)
		return erfc(fabs(sum) / sqrt(2 * squares));
	return sign_flip_exact(values, count, fabs(sum) - 1e-9 * magnitude); /* ties in spite of rounding */
}

double stats_normal_cdf(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

double stats_normal_quantile(double p)
{
	double low = -40, high = 40;

	for (int i = 0; i < 100; i++) {
		double middle = (low + high) / 2;

		if (stats_normal_cdf(middle) < p)
			low = middle;
		else
			high = middle;
	}
	return (low + high) / 2;
}
