/* What the tuner makes of runs that the machine disturbed, on hosts whose truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "simulation.h"

static struct tune_result result;
static struct sockctl_error error;

static int tune(struct simulation *sim, const char *list, bool lower_is_better, uint64_t budget_us)
{
	struct runner runner = simulation_runner(sim, lower_is_better);
	struct tune_plan plan;

	simulation_plan(sim, &plan, list, 1);
	plan.budget_us = budget_us;
	return tune_run(&plan, &runner, &result, &error);
}

static const char bulk_list[] = "sndbuf=4M..16M,rcvbuf=4M..16M,sysctl:tcp_wmem=8M..32M";

static void stuck_and_disturbed_runs(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 11);
	sim.stuck_share = 0.06;
	sim.invalid_share = 0.1;
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_true(result.recommendations >= 1);
	assert_non_null(strstr(result.recommendation[0].sysctl, "tcp_wmem"));
	assert_true(result.invalid_runs > 3);
	for (unsigned i = 0; i < result.recommendations; i++)
		assert_null(strstr(result.recommendation[i].spec, "rcvbuf"));
	sim.stuck_share = 0;
	sim.invalid_share = 1;          /* pairs still tell, but it must be said */
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_true(result.disturbed_runs > 20 && result.invalid_runs == result.disturbed_runs);
	assert_string_equal(result.disturbed_why, "the link was late");
}

/* Blocks with such a run are void: they would turn the sign of their pair, and with it the answer. Nor do they say what the baseline
 * is like: of what the model claims in them, nothing is seen. */
static void grossly_late_runs_say_nothing(void **state)
{
	struct simulation sim;
	double share;

	(void)state;
	simulation_start(&sim, model_bulk, 20);
	sim.drift_sd = 0;
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	share = result.cause_share;
	simulation_start(&sim, model_bulk, 20);
	sim.drift_sd = 0;
	sim.gross_share = 0.2;
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_int_equal(result.recommendations, 2);
	assert_non_null(strstr(result.recommendation[0].sysctl, "tcp_wmem"));
	assert_true(result.recommendation[0].effect.pairs == 8);
	assert_int_equal(result.disturbed_runs, 0);
	assert_in_range(result.invalid_runs, 5, result.runs);
	assert_int_equal(result.cause, CAUSE_SNDBUF);
	assert_true(fabs(result.cause_share - share) < 1e-9);
	assert_true(result.spread < 0.03);
}

/* But not for ever: what never comes otherwise counts, and is counted. */
static void a_machine_that_is_always_late(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 20);
	sim.gross_share = 1;
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_true(result.complete);
	assert_int_equal(result.disturbed_runs, result.runs);
	assert_string_equal(result.disturbed_why, "the link was far too late");
}

/* Bad luck without a reason hits baseline and rungs alike: what is made of it must not favour the rungs. */
static void stuck_runs_favour_nobody(void **state)
{
	double sum = 0;
	unsigned rungs = 0;
	struct simulation sim;

	(void)state;
	for (unsigned seed = 1; seed <= 300; seed++) {
		simulation_start(&sim, model_flat, 900 + seed);
		sim.stuck_share = 0.1;
		assert_int_equal(tune(&sim, "rcvbuf=4M..16M", false, 0), 0);
		for (unsigned i = 0; i < result.ladder[0].rungs; i++, rungs++)
			sum += log1p(result.ladder[0].rung[i].gain);
	}
	printf("# mean gain of %u rungs that bring nothing: %+.3f\n", rungs, sum / rungs);
	assert_true(fabs(sum / rungs) < 0.02);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stuck_and_disturbed_runs),
		cmocka_unit_test(grossly_late_runs_say_nothing),
		cmocka_unit_test(a_machine_that_is_always_late),
		cmocka_unit_test(stuck_runs_favour_nobody),
	};

	return cmocka_run_group_tests_name("course", tests, NULL, NULL);
}
