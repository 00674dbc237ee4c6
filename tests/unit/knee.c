/* Where ladders level off, on hosts whose truth is known; and what becomes visible only once the first limit is gone. */
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
#include "lab/knee.h"
#include "simulation.h"

enum { TUNES = 60, MOST = 54 };

static struct tune_result result;
static struct sockctl_error error;

/* What tcp_wmem brings at 8M, 16M and 32M, and how much of the time the send buffer is full there. */
struct step {
	double gain, full;
};
static const struct step *steps;

static double model_steps(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	int64_t bytes = arm_maximum(arm, "net/ipv4/tcp_wmem", 4 << 20);
	const struct step base = {1, 0.75}, *at = bytes < 8 << 20 ? &base : &steps[bytes >= 32 << 20 ? 2 : bytes >= 16 << 20];

	(void)sim;
	trial->evidence.busy_us = 1e6;
	trial->evidence.sndbuf_full_share = at->full;
	trial->evidence.rwnd_limited_us = 0;
	trial->evidence.retransmits = 0;
	return 100 * at->gain;
}

static void tune(struct simulation *sim, const char *list, uint64_t seed, uint64_t budget_us)
{
	struct runner runner = simulation_runner(sim, false);
	struct tune_plan plan;

	simulation_plan(sim, &plan, list, seed);
	plan.budget_us = budget_us;
	assert_int_equal(tune_run(&plan, &runner, &result, &error), 0);
}

/* Of TUNES tunes, how many recommend a tcp_wmem of this maximum. */
static unsigned tunes_that_choose(const struct step *truth, const char *maximum)
{
	unsigned found = 0;
	struct simulation sim;

	steps = truth;
	for (unsigned seed = 1; seed <= TUNES; seed++) {
		simulation_start(&sim, model_steps, 300 + seed);
		sim.noise_sd = 0.008;
		sim.drift_sd = 0.03;
		tune(&sim, "sysctl:tcp_wmem=8M..32M", seed, 0);
		assert_int_equal(result.recommendations, 1);
		found += strstr(result.recommendation[0].sysctl, maximum) != NULL;
	}
	printf("# %u of %u tunes choose%s\n", found, TUNES, maximum);
	return found;
}

/* The ladder alone would take 16M: about as good, and the kernel's cause is gone there. */
static void the_better_neighbour_wins(void **state)
{
	static const struct step less[] = {{1.55, 0.67}, {1.50, 0.03}, {1.45, 0.03}}, more[] = {{1.50, 0.03}, {1.56, 0.03}, {1.56, 0.03}};
	const struct tune_ladder *ladder = &result.ladder[0];

	(void)state;
	assert_in_range(tunes_that_choose(less, " 8388608"), MOST, TUNES);
	assert_in_range(tunes_that_choose(more, " 16777216"), MOST, TUNES);
	assert_in_range(ladder->duels, 1, 2);
	assert_int_equal(ladder->duel[0].effect.pairs, KNEE_PAIRS);
	for (unsigned i = 0; i < ladder->rungs; i++)
		assert_true(ladder->rung[i].levels_off == (i == ladder->best));
}

static void of_equals_the_smaller_unless_it_is_at_the_edge(void **state)
{
	static const struct step free[] = {{1.55, 0.02}, {1.55, 0.02}, {1.55, 0.02}}, edge[] = {{1.55, 0.6}, {1.55, 0.03}, {1.55, 0.03}},
				 full[] = {{1.55, 0.6}, {1.55, 0.6}, {1.55, 0.6}};

	(void)state;
	assert_in_range(tunes_that_choose(free, " 8388608"), MOST, TUNES);
	assert_in_range(tunes_that_choose(edge, " 16777216"), MOST, TUNES);
	assert_in_range(tunes_that_choose(full, " 8388608"), MOST, TUNES);
}

static void verdicts(void **state)
{
	struct stats_effect up = {.estimate = 0.04, .p = 0.008}, down = {.estimate = -0.04, .p = 0.008}, tie = {.estimate = 0.04, .p = 0.2},
			    small = {.estimate = 0.01, .p = 0.008};
	struct evidence full = evidence_none, clear = evidence_none;

	(void)state;
	full.sndbuf_full_share = 0.5;
	clear.sndbuf_full_share = 0.01;
	assert_int_equal(knee_verdict(0.02, &up, &clear, &clear, CAUSE_SNDBUF), DUEL_LARGER);
	assert_int_equal(knee_verdict(0.02, &down, &full, &clear, CAUSE_SNDBUF), DUEL_SMALLER);
	assert_int_equal(knee_verdict(0.02, &tie, &clear, &clear, CAUSE_SNDBUF), DUEL_TIE);
	assert_int_equal(knee_verdict(0.02, &small, &clear, &clear, CAUSE_SNDBUF), DUEL_TIE);
	assert_int_equal(knee_verdict(0.02, &tie, &full, &clear, CAUSE_SNDBUF), DUEL_TIE_AT_EDGE);
	assert_int_equal(knee_verdict(0.02, &tie, &full, &full, CAUSE_SNDBUF), DUEL_TIE);
	assert_int_equal(knee_verdict(0.02, &tie, &full, &evidence_none, CAUSE_SNDBUF), DUEL_TIE);
	assert_int_equal(knee_verdict(0.02, &tie, &full, &clear, CAUSE_UNKNOWN), DUEL_TIE);
}

/* Duels take what the confirmation leaves: whatever the budget, it is kept, and what was left out is said. */
static void a_budget_without_room(void **state)
{
	static const struct step truth[] = {{1.55, 0.67}, {1.52, 0.03}, {1.52, 0.03}};
	unsigned cut = 0, duelled = 0;
	struct simulation sim;

	(void)state;
	steps = truth;
	for (unsigned runs = 30; runs <= 90; runs++) {
		const struct tune_ladder *ladder = &result.ladder[0];

		simulation_start(&sim, model_steps, 500 + runs);
		tune(&sim, "sysctl:tcp_wmem=8M..32M", runs, runs * 1000000ull);
		assert_in_range(sim.runs, 1, runs);
		cut += ladder->duel_cut;
		duelled += ladder->duels > 0;
		if (ladder->duel_cut)
			assert_false(result.complete);
		if (ladder->duels)
			assert_true(result.recommendations == 1 || result.recommendation[0].effect.pairs >= 8);
	}
	assert_in_range(cut, 5, 55);
	assert_in_range(duelled, 20, 60);
}

/* What a screen had to look for is confirmed first, and its knee looked into afterwards. */
static void a_small_gain_is_confirmed_before_its_knee(void **state)
{
	static const struct step small[] = {{1.06, 0.3}, {1.10, 0.03}, {1.10, 0.03}};
	const struct tune_ladder *ladder = &result.ladder[0];

	(void)state;
	assert_in_range(tunes_that_choose(small, " 16777216"), MOST, TUNES);
	assert_int_equal(ladder->screen.pairs, 6);
	assert_in_range(ladder->duels, 1, 2);
	assert_int_equal(ladder->best, 1);
	assert_true(fabs(result.recommendation[0].effect.estimate - log(1.10)) < 0.02);
}

/* On a noisy host the rung that a late duel kept may fail its own confirmation: what was confirmed stays, and that is said. */
static void a_late_duel_that_is_not_confirmed(void **state)
{
	static const struct step small[] = {{1.08, 0.3}, {1.03, 0.03}, {1.03, 0.03}};
	const struct tune_ladder *ladder = &result.ladder[0];
	unsigned stayed = 0, moved = 0;
	struct simulation sim;

	(void)state;
	steps = small;
	for (unsigned seed = 1; seed <= 300; seed++) {
		unsigned kept;

		simulation_start(&sim, model_steps, 60000 + seed);
		sim.noise_sd = 0.05;
		tune(&sim, "sysctl:tcp_wmem=8M..32M", seed, 0);
		if (!result.recommendations || !ladder->duels)
			continue;
		kept = ladder->duel[ladder->duels - 1].kept;
		if (ladder->duels_void)
			stayed++;
		else if (ladder->duels == 1)
			assert_int_equal(ladder->best, kept);
		moved += !ladder->duels_void;
	}
	printf("# of 300 small gains %u moved to another rung or stayed at once, %u stayed after all\n", moved, stayed);
	assert_in_range(stayed, 5, 200);
	assert_in_range(moved, 50, 300);
}

/* Nothing will be recommended of it: nobody needs to know which of its rungs is the knee. */
static void what_does_not_help_has_no_duels(void **state)
{
	struct simulation sim;
	unsigned duels = 0, helped = 0;

	(void)state;
	for (unsigned seed = 1; seed <= 100; seed++) {
		simulation_start(&sim, model_flat, 700 + seed);
		tune(&sim, "sndbuf=1M..4M,rcvbuf=4M..16M,sysctl:tcp_wmem=8M..32M", seed, 0);
		for (unsigned i = 0; i < result.ladders; i++) {
			duels += result.ladder[i].duels > 0;
			helped += result.ladder[i].helps;
			if (result.ladder[i].duels)
				assert_true(result.ladder[i].helps);
		}
	}
	printf("# %u of 300 ladders seemed to help, %u had duels\n", helped, duels);
	assert_in_range(duels, 0, helped);
}

/* --- one limit behind another ------------------------------------------------------------------------------------------ */

static const char both_list[] = "sndbuf=4M,rcvbuf=5M,sysctl:tcp_wmem=8M..32M,sysctl:tcp_rmem=8M..32M";

/* The sender's 4 MB carry 545 Mbit/s; with more, the receiver's 5 MB carry 682; with both, the path 965. */
static void a_second_limit_is_found_behind_the_first(void **state)
{
	const struct tune_recommendation *first = &result.recommendation[0], *second = &result.recommendation[1];
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 30);
	sim.tcp_rmem = 5 << 20;
	tune(&sim, both_list, 1, 0);
	assert_true(result.complete);
	assert_int_equal(result.cause, CAUSE_SNDBUF);
	assert_int_equal(result.recommendations, 2);
	assert_non_null(strstr(first->sysctl, "net.ipv4.tcp_wmem="));
	assert_non_null(strstr(first->sysctl, "; net.ipv4.tcp_rmem="));
	assert_string_equal(first->spec, "");
	assert_true(fabs(first->effect.estimate - log(965 / 545.0)) < 0.04);
	assert_true(first->effect.p < 0.0125);
	assert_non_null(strstr(first->cause_text, "the send buffer: "));
	assert_non_null(strstr(first->cause_text, "behind that the peer's receive window: rwnd_limited 29 %"));
	assert_string_equal(second->spec, "sndbuf=4M");
	assert_non_null(strstr(second->sysctl, "net.ipv4.tcp_rmem="));
	assert_true(fabs(second->effect.estimate - log(965 / 545.0)) < 0.04);
	assert_int_equal(result.ladders, 6);
	for (unsigned i = 0; i < result.ladders; i++) {
		assert_true((*result.ladder[i].over != 0) == (i >= 4));
		if (i >= 4) {
			assert_non_null(strstr(result.ladder[i].over, "net.ipv4.tcp_wmem="));
			assert_int_equal(result.ladder[i].behind, CAUSE_RWND);
		}
	}
}

/* The window is named, but nothing that is varied widens it. */
static double model_hopeless(struct simulation *sim, const struct arm *arm, struct trial *trial)
{
	bool wide = arm_maximum(arm, "net/ipv4/tcp_wmem", 4 << 20) >= 8 << 20;

	(void)sim;
	trial->evidence.busy_us = 1e6;
	trial->evidence.sndbuf_limited_us = wide ? 0 : 6e5;
	trial->evidence.rwnd_limited_us = wide ? 4e5 : 0;
	trial->evidence.retransmits = 0;
	return wide ? 150 : 100;
}

static void what_brings_nothing_more_is_not_added(void **state)
{
	unsigned added = 0, looked = 0;
	struct simulation sim;

	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		simulation_start(&sim, model_hopeless, 1000 + seed);
		tune(&sim, "sysctl:tcp_wmem=8M..32M,sysctl:tcp_rmem=8M..32M", seed, 0);
		assert_int_equal(result.recommendations, 1);
		assert_non_null(strstr(result.recommendation[0].sysctl, "net.ipv4.tcp_wmem="));
		added += strstr(result.recommendation[0].sysctl, "tcp_rmem") != NULL;
		looked += result.ladders == 3;
	}
	printf("# %u of %u second rounds add what brings nothing\n", added, looked);
	assert_int_equal(looked, 200);
	assert_in_range(added, 0, 10);
}

/* Only when the first limit is gone, and has another behind it. */
static void no_second_round_without_a_second_cause(void **state)
{
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 31);
	tune(&sim, both_list, 1, 0);
	assert_int_equal(result.ladders, 4);
	assert_null(strstr(result.recommendation[0].cause_text, "behind"));
	simulation_start(&sim, model_bulk, 31);
	sim.tcp_rmem = 5 << 20;
	tune(&sim, "sndbuf=4M,sysctl:tcp_wmem=8M..32M", 1, 0);
	assert_int_equal(result.ladders, 2);
}

/* Whenever it ends, what it recommends was confirmed. */
static void two_rounds_in_any_budget(void **state)
{
	unsigned both = 0, one = 0, needed;
	struct simulation sim;

	(void)state;
	simulation_start(&sim, model_bulk, 32);
	sim.tcp_rmem = 5 << 20;
	tune(&sim, both_list, 1, 0);
	needed = sim.runs;
	for (unsigned runs = 28; runs <= needed + 40; runs++) {
		simulation_start(&sim, model_bulk, 32);
		sim.tcp_rmem = 5 << 20;
		tune(&sim, both_list, 1, runs * 1000000ull);
		assert_in_range(sim.runs, 1, runs);
		for (unsigned i = 0; i < result.recommendations; i++)
			assert_true(result.recommendation[i].effect.pairs >= 8 && result.recommendation[i].effect.p < 0.0125);
		both += result.recommendations && strstr(result.recommendation[0].sysctl, "tcp_rmem");
		one += result.recommendations && !strstr(result.recommendation[0].sysctl, "tcp_rmem");
		if (result.recommendations && !strstr(result.recommendation[0].sysctl, "tcp_rmem"))
			assert_false(result.complete);
	}
	for (unsigned after = 28; after < needed; after++) {
		simulation_start(&sim, model_bulk, 32);
		sim.tcp_rmem = 5 << 20;
		sim.stop_after = after;
		tune(&sim, both_list, 1, 0);
		assert_int_equal(sim.runs, after);
		assert_false(result.complete);
		for (unsigned i = 0; i < result.recommendations; i++)
			assert_true(result.recommendation[i].effect.pairs >= 8 && result.recommendation[i].effect.p < 0.0125);
	}
	printf("# %u runs without a budget; within one, %u recommend both and %u the first alone\n", needed, both, one);
	assert_true(both >= 40 && one >= 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_better_neighbour_wins),
		cmocka_unit_test(of_equals_the_smaller_unless_it_is_at_the_edge),
		cmocka_unit_test(verdicts),
		cmocka_unit_test(a_budget_without_room),
		cmocka_unit_test(a_small_gain_is_confirmed_before_its_knee),
		cmocka_unit_test(a_late_duel_that_is_not_confirmed),
		cmocka_unit_test(what_does_not_help_has_no_duels),
		cmocka_unit_test(a_second_limit_is_found_behind_the_first),
		cmocka_unit_test(what_brings_nothing_more_is_not_added),
		cmocka_unit_test(no_second_round_without_a_second_cause),
		cmocka_unit_test(two_rounds_in_any_budget),
	};

	return cmocka_run_group_tests_name("knee", tests, NULL, NULL);
}
