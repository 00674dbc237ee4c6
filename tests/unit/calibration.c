/* How often the tuner is wrong, and how often it sees what is there: over many simulated tunes on a machine that drifts by 18 %. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "simulation.h"

static const char several[] = "nodelay,quickack,notsent-lowat,sndbuf=1M..4M,rcvbuf=4M..16M,sysctl:tcp_wmem=8M..32M";

typedef double model_fn(struct simulation *, const struct arm *, struct trial *);

/* How many of `tunes` recommend something. */
static unsigned tunes_that_find(unsigned tunes, model_fn *model, const char *list, double effect, double noise_sd, uint64_t seed,
				double *ret_detectable)
{
	static struct tune_result result;
	struct simulation sim;
	struct tune_plan plan;
	unsigned found = 0;

	*ret_detectable = 0;
	for (unsigned i = 0; i < tunes; i++) {
		struct runner runner = simulation_runner(&sim, false);

		simulation_start(&sim, model, seed + i);
		simulation_plan(&sim, &plan, list, seed * 7919 + i);
		sim.noise_sd = noise_sd;
		sim.effect = effect;
		assert_int_equal(tune_run(&plan, &runner, &result, NULL), 0);
		found += result.recommendations > 0;
		*ret_detectable += result.detectable_effect / tunes;
	}
	return found;
}

static void false_positives(void **state)
{
	const double noise_sd[] = {0.005, 0.02, 0.05, 0.12};
	unsigned tunes = 250, found = 0;
	double detectable;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		unsigned here = tunes_that_find(tunes, model_flat, several, 0, noise_sd[i], 1000 * (i + 1), &detectable);

		printf("# null, runs spread by %g %%: %u of %u tunes recommend something; detectable %.1f %%\n", 100 * noise_sd[i], here,
		       tunes, 100 * detectable);
		found += here;
	}
	printf("# null: %u of %u\n", found, 4 * tunes);
	assert_in_range(found, 0, 4 * tunes / 20);
}

static void five_percent_is_found(void **state)
{
	double detectable;
	unsigned found = tunes_that_find(100, model_nodelay, several, log(1.05), 0.02, 50000, &detectable);

	(void)state;
	printf("# a true 5 %%: %u of 100 tunes find it\n", found);
	assert_in_range(found, 75, 100);
}

/* Beside nodelay nothing helps: what rode along by luck must have been taken out again, on a noisy machine as well. */
static void what_brings_nothing_is_left_out(void **state)
{
	const double noise_sd[] = {0.02, 0.05, 0.12};
	static struct tune_result result;

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		unsigned found = 0, more = 0;

		for (unsigned tune = 0; tune < 200; tune++) {
			struct simulation sim;
			struct tune_plan plan;
			struct runner runner = simulation_runner(&sim, false);
			const struct tune_recommendation *advice = result.recommendation;

			simulation_start(&sim, model_nodelay, 300000 + 1000 * i + tune);
			simulation_plan(&sim, &plan, several, 400000 + tune);
			sim.noise_sd = noise_sd[i];
			sim.effect = log(1.2);
			assert_int_equal(tune_run(&plan, &runner, &result, NULL), 0);
			found += result.recommendations > 0;
			more += result.recommendations > 0 && (strcmp(advice->spec, "nodelay") || *advice->sysctl);
		}
		printf("# a true 20 %%, runs spread by %g %%: %u of 200 tunes find it, %u with something else\n", 100 * noise_sd[i], found,
		       more);
		assert_in_range(found, 170, 200);
		assert_in_range(more, 0, found / 20);
	}
}

/* "An effect of X would have been found": with 80 % power, says the tune. */
static void detectable_holds(model_fn *model, const char *list, uint64_t seed)
{
	const double noise_sd[] = {0.01, 0.03, 0.08};

	for (unsigned i = 0; i < 3; i++) {
		double claimed, unused;
		unsigned found;

		tunes_that_find(50, model, list, 0, noise_sd[i], seed, &claimed);
		found = tunes_that_find(300, model, list, log1p(claimed), noise_sd[i], seed + 10000 + 1000 * i, &unused);
		printf("# %s, runs spread by %g %%: %.1f %% claimed detectable, %u of 300 tunes find it\n", list, 100 * noise_sd[i],
		       100 * claimed, found);
		assert_in_range(found, 300 * 72 / 100, 300);   /* 80 % less three standard errors, and a little */
	}
}

static void detectable_is_true(void **state)
{
	(void)state;
	detectable_holds(model_nodelay, "nodelay", 70000);
}

/* A ladder that is dropped after its first rung, since the kernel says that it was no limit, sees less. */
static void detectable_is_true_of_what_was_dropped(void **state)
{
	(void)state;
	detectable_holds(model_window, "rcvbuf=4M..16M", 90000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(false_positives),
		cmocka_unit_test(five_percent_is_found),
		cmocka_unit_test(what_brings_nothing_is_left_out),
		cmocka_unit_test(detectable_is_true),
		cmocka_unit_test(detectable_is_true_of_what_was_dropped),
	};

	return cmocka_run_group_tests_name("calibration", tests, NULL, NULL);
}
