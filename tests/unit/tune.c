/* The tuner on hosts whose truth is known. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static const struct tune_ladder *ladder_of(const char *name)
{
	for (unsigned i = 0; i < result.ladders; i++)
		if (!strcmp(result.ladder[i].factor.name, name))
			return &result.ladder[i];
	fail_msg("no ladder of %s", name);
	return NULL;
}

static const char bulk_list[] = "sndbuf=4M..16M,rcvbuf=4M..16M,sysctl:tcp_wmem=8M..32M";

static void sender_buffer_is_the_cause(void **state)
{
	const struct tune_recommendation *first = &result.recommendation[0], *second = &result.recommendation[1];
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 3);
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_true(result.complete);
	assert_int_equal(result.cause, CAUSE_SNDBUF);
	assert_int_equal(result.recommendations, 2);
	assert_non_null(strstr(first->sysctl, "net.ipv4.tcp_wmem="));
	assert_non_null(strstr(first->sysctl, " 8388608"));
	assert_string_equal(first->spec, "");
	assert_int_equal(first->requires_count, 0);
	assert_int_equal(first->cause, CAUSE_SNDBUF);
	assert_true(first->effect.p < 0.0125 && first->effect.low > log(1.4));
	assert_string_equal(second->spec, "sndbuf=4M");
	assert_string_equal(second->sysctl, "");
	assert_int_equal(second->requires_count, 1);
	assert_string_equal(second->requires[0].sysctl, "net/core/wmem_max");
	assert_int_equal(second->requires[0].at_least, 4 << 20);
	assert_int_equal(second->requires[0].here, 4 << 20);
	assert_non_null(strstr(second->requires[0].warning, "212992"));
	assert_non_null(strstr(second->requires[0].warning, "worse than nothing"));
	assert_non_null(strstr(second->cost, "autotuning"));
	assert_false(ladder_of("rcvbuf")->helps);
	assert_int_equal(ladder_of("rcvbuf")->rungs, 1);        /* flat, and the peer's window is no limit */
	assert_true(ladder_of("sysctl:tcp_wmem")->rung[0].levels_off);
	assert_true(ladder_of("sndbuf")->rung[0].levels_off);
	assert_non_null(strstr(ladder_of("sndbuf")->rung[1].note, "net.core.wmem_max"));
}

static void clamped_host_is_not_harmed(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 4);
	sim.wmem_max = 212992;
	assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
	assert_int_equal(result.recommendations, 1);
	assert_non_null(strstr(result.recommendation[0].sysctl, "net.ipv4.tcp_wmem="));
	assert_string_equal(result.recommendation[0].spec, "");
	assert_int_equal(ladder_of("sndbuf")->rungs, 1);
	assert_string_equal(ladder_of("sndbuf")->rung[0].note, "clamped by net.core.wmem_max = 212992");
	assert_false(ladder_of("sndbuf")->helps);
}

static void nagle_is_found(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_nodelay, 5);
	sim.effect = log(10.1 / 63.4);
	assert_int_equal(tune(&sim, "quickack,nodelay", true, 0), 0);
	assert_int_equal(result.recommendations, 1);
	assert_string_equal(result.recommendation[0].spec, "nodelay");
	assert_int_equal(result.recommendation[0].cause, CAUSE_NAGLE);
	assert_non_null(strstr(result.recommendation[0].cause_text, "90 %"));
	assert_true(result.recommendation[0].effect.estimate > log(5));
}

static void nothing_helps(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_flat, 6);
	assert_int_equal(tune(&sim, "nodelay,sndbuf=1M..4M", false, 0), 0);
	assert_true(result.complete);
	assert_int_equal(result.recommendations, 0);
	assert_true(result.detectable_effect > 0.02 && result.detectable_effect < 0.10);
}

static void harm_is_not_advice(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_nodelay, 7);
	sim.effect = log(0.7);
	assert_int_equal(tune(&sim, "nodelay", false, 0), 0);
	assert_int_equal(result.recommendations, 0);
	assert_true(ladder_of("nodelay")->rung[0].gain < -0.2);
}

/* 199 ms without, 72 at 16K, 17.5 at 128K, 90 at 1M. */
static double model_lowat(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	int64_t lowat = arm_number(arm, OPTION_notsent_lowat, 0);

	(void)sim, (void)trial;
	return lowat == 16384 ? 72 : lowat == 131072 ? 17.5 : lowat ? 90 : 199;
}

static void hills_are_not_climbed_blindly(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_lowat, 8);
	assert_int_equal(tune(&sim, "notsent-lowat", true, 0), 0);
	assert_int_equal(ladder_of("notsent-lowat")->rungs, 3);
	assert_int_equal(result.recommendations, 1);
	assert_string_equal(result.recommendation[0].spec, "notsent-lowat=128K");
}

static void drift_does_not_mislead(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_nodelay, 9);
	sim.trend = -0.01;              /* after 100 runs a third of the pace */
	sim.effect = log(1.12);
	assert_int_equal(tune(&sim, "nodelay", false, 0), 0);
	assert_int_equal(result.recommendations, 1);
	assert_true(fabs(result.recommendation[0].effect.estimate - log(1.12)) < 0.03);
	simulation_start(&sim, model_flat, 10);
	sim.trend = 0.02;
	assert_int_equal(tune(&sim, "nodelay", false, 0), 0);
	assert_int_equal(result.recommendations, 0);
}

static double model_dead(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	(void)sim, (void)arm, (void)trial;
	return NAN;
}

static void no_metric_is_an_error(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_dead, 19);
	assert_int_equal(tune(&sim, "nodelay", false, 0), -EIO);
}

static void a_rung_that_cannot_run(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_nodelay, 12);
	sim.effect = log(1.5);
	assert_int_equal(tune(&sim, "cc=missing,nodelay", false, 0), 0);
	assert_non_null(strstr(ladder_of("cc")->rung[0].note, "does not have it"));
	assert_int_equal(result.recommendations, 1);
	assert_string_equal(result.recommendation[0].spec, "nodelay");
}

static void a_baseline_that_cannot_run(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_flat, 13);
	sim.fail_base = ECONNREFUSED;
	assert_int_equal(tune(&sim, "nodelay", false, 0), -ECONNREFUSED);
	assert_string_equal(error.subject, "server");
}

/* nodelay helps, and the buffer is as full as ever: it cannot be why. */
static double model_unexplained(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	(void)sim;
	trial->evidence.busy_us = 1000000;
	trial->evidence.sndbuf_limited_us = 600000;
	return arm_number(arm, OPTION_nodelay, 0) ? 200 : 100;
}

static void a_gain_that_the_counters_do_not_explain(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_unexplained, 21);
	assert_int_equal(tune(&sim, "nodelay", false, 0), 0);
	assert_int_equal(result.recommendations, 1);
	assert_int_equal(result.recommendation[0].cause, CAUSE_UNKNOWN);
	assert_non_null(strstr(result.recommendation[0].cause_text, "do not show why: "));
	assert_non_null(strstr(result.recommendation[0].cause_text, "60 %"));
}

/* Whichever of the two equal arms comes first: a program that hangs is a failure, and no want of time. */
static void a_baseline_that_hangs_beyond_the_budget(void **state)
{
	struct simulation sim;
	struct tune_plan plan;
	struct runner runner;

	(void)state;
	for (uint64_t seed = 1; seed <= 8; seed++) {
		simulation_start(&sim, model_flat, 13);
		sim.fail_base = ETIMEDOUT;
		sim.run_us = 60000000;
		runner = simulation_runner(&sim, false);
		simulation_plan(&sim, &plan, "nodelay", seed);
		plan.budget_us = 5000000;
		assert_true(tune_run(&plan, &runner, &result, &error) < 0);
		assert_int_equal(sim.runs, 1);
		assert_true(strstr(error.subject, "server") || strstr(error.hint, "server"));
	}
}

/* Whenever it is stopped: it ends at once, says so, and recommends only what was confirmed by then. */
static void stopping_at_every_run(void **state)
{
	unsigned needed, confirmed = 0;
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 14);
	tune(&sim, bulk_list, false, 0);
	needed = sim.runs;
	for (unsigned after = 1; after < needed; after++) {
		simulation_start(&sim, model_bulk, 14);
		sim.stop_after = after;
		assert_int_equal(tune(&sim, bulk_list, false, 0), 0);
		assert_int_equal(sim.runs, after);
		assert_false(result.complete);
		assert_string_equal(result.why_incomplete, "stopped");
		for (unsigned i = 0; i < result.recommendations; i++)
			assert_true(result.recommendation[i].effect.pairs >= 8 && result.recommendation[i].effect.p < 0.0125);
		confirmed += result.recommendations > 0;
	}
	assert_in_range(confirmed, 1, 8);                      /* the trials of the limits come after the confirmation */
}

static void every_budget_is_kept(void **state)
{
	struct simulation sim;
	unsigned found = 0;

	(void)state;
	for (unsigned runs = 1; runs <= 120; runs++) {
		simulation_start(&sim, model_bulk, 15);
		assert_int_equal(tune(&sim, bulk_list, false, runs * 1000000ull), 0);
		assert_in_range(sim.runs, 1, runs);
		if (result.complete)
			assert_string_equal(result.why_incomplete, "");
		else
			assert_non_null(strstr(result.why_incomplete, "budget"));
		if (runs >= 60)         /* enough for the first ladder and a confirmation: it must have come to one */
			assert_true(result.recommendations >= 1);
		found += result.recommendations > 0;
		if (runs < 28) {
			assert_true(isnan(result.detectable_effect));
			assert_int_equal(result.recommendations, 0);
		}
	}
	assert_true(found >= 61);
}

/* nodelay and notsent-lowat each bring 30 %, tcp_slow_start_after_idle nothing; but it was lucky in its first runs. */
static double model_two(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	bool third = arm_maximum(arm, "net/ipv4/tcp_slow_start_after_idle", 1) == 0;
	double luck = third && sim->lucky_runs ? 1.25 : 1;

	(void)trial;
	sim->lucky_runs -= third && sim->lucky_runs;
	return 100 * luck * (arm_number(arm, OPTION_nodelay, 0) ? 1.3 : 1) * (arm_number(arm, OPTION_notsent_lowat, 0) ? 1.3 : 1);
}

static void only_what_matters_is_kept(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_two, 16);
	sim.lucky_runs = 14;
	assert_int_equal(tune(&sim, "nodelay,notsent-lowat=128K,sysctl:tcp_slow_start_after_idle=0", false, 0), 0);
	assert_true(ladder_of("sysctl:tcp_slow_start_after_idle")->helps);
	assert_int_equal(result.recommendations, 1);
	assert_string_equal(result.recommendation[0].spec, "nodelay,notsent-lowat=128K");
	assert_string_equal(result.recommendation[0].sysctl, "");
	assert_true(fabs(result.recommendation[0].effect.estimate - 2 * log(1.3)) < 0.05);
}

static void a_seed_repeats(void **state)
{
	static struct tune_result first;
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 17);
	tune(&sim, bulk_list, false, 0);
	first = result;
	simulation_start(&sim, model_bulk, 17);
	tune(&sim, bulk_list, false, 0);
	assert_int_equal(first.runs, result.runs);
	assert_true(first.recommendation[0].effect.estimate == result.recommendation[0].effect.estimate);
}

static void hosts_that_differ(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_nodelay, 18);
	sim.effect = log(2);
	assert_int_equal(tune(&sim, "client:nodelay", false, 0), 0);
	assert_string_equal(result.recommendation[0].spec, "nodelay");
	assert_string_equal(result.recommendation[0].client_spec, "nodelay");
	assert_string_equal(result.recommendation[0].server_spec, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sender_buffer_is_the_cause),
		cmocka_unit_test(clamped_host_is_not_harmed),
		cmocka_unit_test(nagle_is_found),
		cmocka_unit_test(nothing_helps),
		cmocka_unit_test(harm_is_not_advice),
		cmocka_unit_test(hills_are_not_climbed_blindly),
		cmocka_unit_test(drift_does_not_mislead),
		cmocka_unit_test(no_metric_is_an_error),
		cmocka_unit_test(a_rung_that_cannot_run),
		cmocka_unit_test(a_gain_that_the_counters_do_not_explain),
		cmocka_unit_test(a_baseline_that_cannot_run),
		cmocka_unit_test(a_baseline_that_hangs_beyond_the_budget),
		cmocka_unit_test(stopping_at_every_run),
		cmocka_unit_test(every_budget_is_kept),
		cmocka_unit_test(only_what_matters_is_kept),
		cmocka_unit_test(a_seed_repeats),
		cmocka_unit_test(hosts_that_differ),
	};

	return cmocka_run_group_tests_name("tune", tests, NULL, NULL);
}
