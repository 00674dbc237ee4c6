/* Statistics against values worked out by hand and published tables. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "lab/stats.h"

static void near(double got, double expected, double tolerance)
{
	if (!(fabs(got - expected) <= tolerance))
		fail_msg("got %.9g, expected %.9g", got, expected);
}

static void median_of_few(void **state)
{
	double odd[] = {3, 1, 2}, even[] = {4, 1, 3, 2};

	(void)state;
	near(stats_median(odd, 3), 2, 0);
	near(stats_median(even, 4), 2.5, 0);
	assert_true(isnan(stats_median(odd, 0)));
}

/* Critical values of Wilcoxon's signed rank test (Hollander and Wolfe, table A.4). */
static void signed_rank_published(void **state)
{
	(void)state;
	near(stats_signed_rank(3, 0), 0.125, 1e-12);
	near(stats_signed_rank(5, 0), 0.03125, 1e-12);
	near(stats_signed_rank(8, 3), 5 / 256.0, 1e-12);       /* 0 1 2 3 1+2 */
	near(stats_signed_rank(10, 8), 0.0244, 0.00005);
	near(stats_signed_rank(12, 13), 0.0212, 0.00005);
	near(stats_signed_rank(20, 52), 0.0242, 0.00005);
	near(stats_signed_rank(30, 137), 0.0249, 0.00005);
	near(stats_signed_rank(64, 64 * 65 / 2), 1, 1e-12);
}

/* Darwin's maize, 15 pairs (Fisher 1935, Design of Experiments, section 21): 1726 of 32768 sign patterns reach the sum of 314. */
static void sign_flip_darwin(void **state)
{
	const double eighths[] = {49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48};

	(void)state;
	near(stats_sign_flip(eighths, 15), 1726 / 32768.0, 1e-12);
}

static double sign_flip_brute(const double *values, unsigned count)
{
	double observed = 0;
	unsigned found = 0;

	for (unsigned i = 0; i < count; i++)
		observed += values[i];
	for (uint32_t signs = 0; signs < 1u << count; signs++) {
		double sum = 0;

		for (unsigned i = 0; i < count; i++)
			sum += signs >> i & 1 ? -values[i] : values[i];
		found += fabs(sum) >= fabs(observed) - 1e-9;
	}
	return found / (double)(1u << count);
}

static void sign_flip_every_pattern(void **state)
{
	struct stats_random random;
	double values[12];

	(void)state;
	stats_seed(&random, 7);
	for (int round = 0; round < 50; round++) {
		unsigned count = 1 + stats_below(&random, 12);

		for (unsigned i = 0; i < count; i++)
			values[i] = round % 2 ? floor(4 * stats_normal(&random)) : stats_normal(&random) + 0.3;
		near(stats_sign_flip(values, count), sign_flip_brute(values, count), 1e-12);
	}
}

static void sign_flip_edges(void **state)
{
	double same[40], zero[4] = {0};

	(void)state;
	for (int i = 0; i < 40; i++)
		same[i] = 0.1;
	near(stats_sign_flip(same, 6), 2 / 64.0, 1e-12);        /* six pairs cannot get below 0.031 */
	near(stats_sign_flip(same, 8), 2 / 256.0, 1e-12);
	near(stats_sign_flip(same, 32), ldexp(2, -32), 1e-15);
	assert_true(stats_sign_flip(same, 40) < 1e-8);
	near(stats_sign_flip(zero, 4), 1, 0);
	near(stats_sign_flip(zero, 0), 1, 0);
}

/* By hand: the Walsh averages of 1 2 4 are 1 1.5 2 2.5 3 4. */
static void effect_by_hand(void **state)
{
	const double values[] = {4, 1, 2};
	struct stats_effect effect;

	(void)state;
	stats_effect(values, 3, 0.5, &effect);
	near(effect.estimate, 2.25, 1e-12);
	near(effect.low, 1.5, 1e-12);
	near(effect.high, 3, 1e-12);
	near(effect.confidence, 0.5, 1e-12);
	near(effect.p, 0.25, 1e-12);
	stats_effect(values, 3, 0.95, &effect);                 /* out of reach: the widest, and what it covers */
	near(effect.low, 1, 1e-12);
	near(effect.high, 4, 1e-12);
	near(effect.confidence, 0.75, 1e-12);
	stats_effect(values, 1, 0.95, &effect);
	near(effect.estimate, 4, 0);
	near(effect.confidence, 0, 0);
	stats_effect(values, 0, 0.95, &effect);
	assert_true(isnan(effect.estimate));
	near(effect.p, 1, 0);
}

/* Hamilton depression scores (Hollander and Wolfe, example 3.1): estimate -0.46, 96.1 % interval -0.786 to -0.010. */
static void effect_published(void **state)
{
	const double before[] = {1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30};
	const double after[] = {0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29};
	double change[9];
	struct stats_effect effect;

	(void)state;
	for (int i = 0; i < 9; i++)
		change[i] = after[i] - before[i];
	stats_effect(change, 9, 0.95, &effect);
	near(effect.estimate, -0.46, 1e-9);
	near(effect.low, -0.786, 1e-9);
	near(effect.high, -0.010, 1e-9);
	near(effect.confidence, 0.961, 0.0005);
}

static void effect_covers(void **state)
{
	struct stats_random random;
	unsigned covered = 0, rounds = 4000;

	(void)state;
	stats_seed(&random, 11);
	for (unsigned round = 0; round < rounds; round++) {
		double values[8];
		struct stats_effect effect;

		for (int i = 0; i < 8; i++)
			values[i] = 0.3 + pow(stats_normal(&random), 3);
		stats_effect(values, 8, 0.95, &effect);
		covered += effect.low <= 0.3 && 0.3 <= effect.high;
	}
	near(covered / (double)rounds, 0.961, 0.012);
}

static void normal_quantiles(void **state)
{
	(void)state;
	near(stats_normal_quantile(0.975), 1.959963985, 1e-8);
	near(stats_normal_quantile(0.8), 0.841621234, 1e-8);
	near(stats_normal_cdf(-1.644853627), 0.05, 1e-9);
}

/* The reference implementation's first outputs from state 1 2 3 4. */
static void random_reference(void **state)
{
	struct stats_random random = {{1, 2, 3, 4}}, again;
	double sum = 0, squares = 0;

	(void)state;
	assert_true(stats_next(&random) == 11520);
	assert_true(stats_next(&random) == 0);
	assert_true(stats_next(&random) == 1509978240);
	assert_true(stats_next(&random) == 1215971899390074240);
	stats_seed(&random, 5);
	stats_seed(&again, 5);
	for (int i = 0; i < 20000; i++) {
		double x = stats_normal(&random);

		assert_true(x == stats_normal(&again));
		sum += x;
		squares += x * x;
	}
	near(sum / 20000, 0, 0.03);
	near(squares / 20000, 1, 0.04);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(median_of_few),
		cmocka_unit_test(signed_rank_published),
		cmocka_unit_test(sign_flip_darwin),
		cmocka_unit_test(sign_flip_every_pattern),
		cmocka_unit_test(sign_flip_edges),
		cmocka_unit_test(effect_by_hand),
		cmocka_unit_test(effect_published),
		cmocka_unit_test(effect_covers),
		cmocka_unit_test(normal_quantiles),
		cmocka_unit_test(random_reference),
	};

	return cmocka_run_group_tests_name("stats", tests, NULL, NULL);
}
