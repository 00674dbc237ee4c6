/* Histograms against sorted values. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "lab/histogram.h"
#include "lab/stats.h"

enum { VALUES = 20000 };

static int ns_compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Log-uniform over all that is promised: 1 ns to 1 h. */
static void quantiles_within_one_percent(void **state)
{
	static const double shares[] = {0.001, 0.1, 0.5, 0.9, 0.99, 0.999};
	static struct histogram h;
	static uint64_t ns[VALUES];
	struct stats_random random;

	(void)state;
	stats_seed(&random, 7);
	histogram_clear(&h);
	for (unsigned i = 0; i < VALUES; i++) {
		ns[i] = (uint64_t)exp(stats_uniform(&random) * log(3.6e12));
		histogram_add(&h, ns[i]);
	}
	qsort(ns, VALUES, sizeof *ns, ns_compare);
	for (unsigned i = 0; i < sizeof shares / sizeof *shares; i++) {
		double exact = (double)ns[(unsigned)ceil(shares[i] * VALUES) - 1];
		double got = (double)histogram_quantile_ns(&h, shares[i]);

		if (fabs(got - exact) > 0.01 * exact)
			fail_msg("quantile %g: %g, exact %g", shares[i], got, exact);
	}
	assert_int_equal(histogram_quantile_ns(&h, 0), ns[0]);
	assert_int_equal(histogram_quantile_ns(&h, 1), ns[VALUES - 1]);
}

static void extremes_stay_inside(void **state)
{
	static struct histogram h;

	(void)state;
	histogram_clear(&h);
	assert_int_equal(histogram_quantile_ns(&h, 0.5), 0);
	histogram_add(&h, 0);
	histogram_add(&h, UINT64_MAX);
	assert_int_equal(h.count, 2);
	assert_int_equal(h.max_ns, UINT64_MAX);
	assert_int_equal(histogram_quantile_ns(&h, 0.5), 0);
	assert_true(histogram_quantile_ns(&h, 1) > 3600000000000);
}

static void merge_is_adding(void **state)
{
	static struct histogram all, part[2];

	(void)state;
	for (uint64_t ns = 1; ns < 3000000; ns = ns * 3 + 1) {
		histogram_add(&all, ns);
		histogram_add(&part[ns % 2], ns);
	}
	histogram_merge(&part[0], &part[1]);
	assert_memory_equal(&all, &part[0], sizeof all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantiles_within_one_percent),
		cmocka_unit_test(extremes_stay_inside),
		cmocka_unit_test(merge_is_adding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
