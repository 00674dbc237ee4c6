/* The second half of a tune: sets of settings against the baseline, in fresh runs, and what of them matters. */
#include "lab/tuning.h"
#include <errno.h>
#include <math.h>
#include "lab/confirm.h"

/* --- confirmation ------------------------------------------------------------------------------------------------- */

bool tune_set_holds(const struct tune *tune, const struct candidate *candidate)
{
	struct stats_effect effect;

	if (candidate->run.failed || candidate->run.pairs < confirm_look[0])
		return false;
	confirm_effect(&candidate->run, &effect);
	return confirm_holds(&tune->course, &effect);
}

bool tune_found(struct tune *tune)
{
	unsigned first = 0;

	while (first < tune->candidates && !tune_set_holds(tune, &tune->candidate[first]))
		first++;
	if (first >= tune->candidates)
		return false;
	if (first) {
		tune->candidate[0] = tune->candidate[first];
		tune->candidate[first].run.failed = true;
	}
	return true;
}

static int candidate_start(struct tune *tune, struct candidate *candidate)
{
	struct arm arm;
	int r = candidate_arm(candidate, candidate->count, &tune->plan->base, &arm, tune->error);

	contender_start(&candidate->run, &arm);
	return r;
}

int tune_confirm_some(struct tune *tune, unsigned from, unsigned to, unsigned *ret_pairs)
{
	struct contender *arms[COURSE_ARMS] = {&tune->base};
	int r = 0;

	for (unsigned i = from; i < to && !r; i++) {
		r = candidate_start(tune, &tune->candidate[i]);
		arms[1 + i - from] = &tune->candidate[i].run;
	}
	r = r ? r : confirm_run(&tune->course, arms, 1 + to - from, ret_pairs, tune->error);
	for (unsigned i = from; i < to; i++)
		course_pool(&tune->course, &tune->candidate[i].run);
	return r;
}

/* Where the first set has one setting, its alternatives run beside it; they count only if it holds. */
int tune_confirm(struct tune *tune)
{
	unsigned beside;

	tune_stage_begin(tune, "confirm", "");
	tune->course.ahead = 0;
	tune->candidates = candidates_draw(tune->candidate, tune->result->ladder, tune->result->ladders);
	if (!tune->candidates) {
		tune->confirm_pairs = confirm_room(&tune->course, 2);
		if (!tune->confirm_pairs)
			tune_cut_short(tune, "the budget had no room left for a confirmation");
		return 0;
	}
	beside = tune->candidate[0].count == 1 ? tune->candidates : 1;
	while (beside > 1 && !confirm_room(&tune->course, 1 + beside))
		beside--;
	if (beside < tune->candidates && tune->candidate[0].count == 1)
		tune_cut_short(tune, "the budget ended before every remedy was confirmed");
	return tune_stage_end(tune, tune_confirm_some(tune, 0, beside, &tune->confirm_pairs),
			      "the confirmation was decided");
}

/* --- reduction ---------------------------------------------------------------------------------------------------- */

/* The choice without which the set does as well, and worst of those; count if every one matters. */
static unsigned choice_idle(const struct tune *tune, const struct contender *full, const struct contender *without,
			    unsigned count)
{
	unsigned idle = count;
	double least = INFINITY;

	for (unsigned i = 0; i < count; i++) {
		struct stats_effect effect;

		candidates_compare(full, &without[i], &effect);
		if (without[i].failed || (effect.estimate >= tune->course.least && effect.p < 0.05) ||
		    effect.estimate >= least)
			continue;
		least = effect.estimate;
		idle = i;
	}
	return idle;
}

/* One round: blocks of the baseline, the set, and the set without each of its choices. *ret_idle: which goes. */
static int reduce_round(struct tune *tune, unsigned *ret_idle)
{
	struct candidate *set = &tune->candidate[0];
	unsigned count = set->count < COURSE_ARMS - 2 ? set->count : COURSE_ARMS - 2;
	struct contender *arms[COURSE_ARMS] = {&tune->base, &tune->spare[0]};
	struct arm arm;
	int r = candidate_arm(set, set->count, &tune->plan->base, &arm, tune->error);

	if (course_room(&tune->course) < TUNE_REDUCE_PAIRS * (2 + count))
		return -ETIME;
	contender_start(&tune->spare[0], &arm);
	for (unsigned i = 0; i < count && !r; i++) {
		r = candidate_arm(set, i, &tune->plan->base, &arm, tune->error);
		arms[2 + i] = &tune->spare[1 + i];
		contender_start(arms[2 + i], &arm);
	}
	while (!r && tune->spare[0].pairs < TUNE_REDUCE_PAIRS && !tune->spare[0].failed)
		r = course_block(&tune->course, arms, 2 + count, tune->error);
	*ret_idle = choice_idle(tune, &tune->spare[0], &tune->spare[1], count);
	*ret_idle = *ret_idle == count ? set->count : *ret_idle;
	return r;
}

/* Does the rest of the set still beat the baseline? The pairs of the round are the confirmation's first look: where
 * runs differ much, eight seldom prove anything, and what brings nothing would stay in. */
static int rest_confirm(struct tune *tune, struct contender *rest, bool *ret_holds)
{
	struct contender *arms[] = {&tune->base, rest};
	struct stats_effect effect;
	unsigned pairs;
	int r = confirm_run(&tune->course, arms, 2, &pairs, tune->error);

	confirm_effect(rest, &effect);
	*ret_holds = !rest->failed && rest->pairs >= confirm_look[0] && confirm_holds(&tune->course, &effect);
	return r;
}

/* What is taken out stays out only if the rest, in fresh pairs, still beats the baseline. */
int tune_reduce(struct tune *tune)
{
	struct candidate *set = &tune->candidate[0];
	int r = 0;

	tune_stage_begin(tune, "reduce", "");
	while (!r && set->count > 1) {
		unsigned idle = set->count;
		bool holds;

		r = reduce_round(tune, &idle);
		if (r || idle == set->count)
			break;
		r = rest_confirm(tune, &tune->spare[1 + idle], &holds);
		if (!holds)
			break;
		candidate_remove(set, idle);
		set->run = tune->spare[1 + idle];
	}
	return tune_stage_end(tune, r, "each setting was taken out again");
}

/* --- the other remedies ------------------------------------------------------------------------------------------- */

/* Confirmed beside a set of several, they would have carried what the reduction took out. */
int tune_alternatives(struct tune *tune)
{
	unsigned pairs;

	if (tune->candidates < 2 || tune->candidate[1].run.pairs)
		return 0;
	tune_stage_begin(tune, "alternatives", "");
	tune->candidates = candidates_redraw(tune->candidate, tune->candidates);
	if (tune->candidates < 2)
		return 0;
	return tune_stage_end(tune, tune_confirm_some(tune, 1, tune->candidates, &pairs), "every remedy was confirmed");
}
