/* The stages of a tune: preflight, ladders, confirmation, reduction, limits. */
#include "lab/tune.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "lab/candidate.h"
#include "lab/confirm.h"
#include "lab/ladder.h"

enum { PREFLIGHT_PAIRS = 6, REDUCE_PAIRS = 8, WARN_PAIRS = 2, RUNG_PAIRS_MOST = 3 };

struct tune {
	struct course course;
	const struct tune_plan *plan;
	struct tune_result *result;
	struct sockctl_error *error;
	char stage[64];
	struct contender base; /* every run of the baseline */
	unsigned candidates;
	struct candidate candidate[TUNE_REMEDIES];
	unsigned confirm_pairs; /* that there was room for */
	struct contender spare[COURSE_ARMS];
};

static void stage_begin(struct tune *tune, const char *stage, const char *detail)
{
	snprintf(tune->stage, sizeof tune->stage, "%s%s%s", stage, *detail ? " " : "", detail);
	tune->course.stage = tune->stage;
}

static void cut_short(struct tune *tune, const char *why)
{
	tune->result->complete = false;
	if (!*tune->result->why_incomplete)
		snprintf(tune->result->why_incomplete, sizeof tune->result->why_incomplete, "%s", why);
}

/* Ends a stage: the budget's end is no error, and the next stage still gets its own room. */
static int stage_end(struct tune *tune, int r, const char *what)
{
	char why[96];

	if (r != -ETIME)
		return r;
	snprintf(why, sizeof why, "the budget ended before %s", what);
	cut_short(tune, why);
	return 0;
}

/* --- preflight: how different are two arms that are equal? ----------------------------------------------------------------- */

static int preflight(struct tune *tune)
{
	struct contender *twin = &tune->spare[0], *arms[] = {&tune->base, twin};
	unsigned least_runs = 2 * (PREFLIGHT_PAIRS + confirm_look[0]);
	struct stats_effect effect;

	stage_begin(tune, "preflight", "");
	contender_start(twin, &tune->plan->base);
	while (twin->pairs < PREFLIGHT_PAIRS) {
		int r = course_block(&tune->course, arms, 2, tune->error);

		/* First, for a program that hangs until the budget has ended is a failure and no lack of time. */
		if (twin->failed && (!r || r == -ETIME))
			return error_set(tune->error, -EIO, "baseline", "", "%s", twin->why);
		if (r)
			return r;
		if (twin->pairs == 1 &&
		    course_room(&tune->course) < least_runs / 6) { /* the first pair may have been unlucky */
			snprintf(tune->result->why_incomplete, sizeof tune->result->why_incomplete,
				 "the budget has room for %u runs; preflight and confirmation alone need %u",
				 course_room(&tune->course) + 2, least_runs);
			return -ETIME;
		}
	}
	stats_effect(twin->log_ratio, twin->pairs, 0.95, &effect);
	tune->result->floor = fabs(effect.estimate);
	tune->course.least = fmax(log(1.02), tune->result->floor);
	course_pool(&tune->course, twin);
	return 0;
}

/* --- ladders --------------------------------------------------------------------------------------------------------------- */

/* What confirmation and reduction will need, as far as the ladders tell by now. */
static unsigned runs_ahead(struct tune *tune)
{
	unsigned groups, sets = candidates_draw(tune->candidate, tune->result->ladder, tune->result->ladders);

	if (!sets)
		return 2 * confirm_look[0];
	groups = tune->candidate[0].count;
	return confirm_look[0] * (1 + sets) + (groups > 1 ? REDUCE_PAIRS * (2 + groups) : 0);
}

static unsigned rung_pairs(const struct tune *tune)
{
	unsigned rungs = 0, room = course_room(&tune->course);

	for (unsigned i = 0; i < tune->plan->factors; i++) {
		const struct factor *f = &tune->plan->factor[i];

		rungs += f->ordered && f->rungs > 3 ? 3 : f->rungs;
	}
	if (!rungs || room / (2 * rungs) >= RUNG_PAIRS_MOST)
		return RUNG_PAIRS_MOST;
	return room / (2 * rungs) > 1 ? room / (2 * rungs) : 1;
}

static int climb_one(struct tune *tune, const struct factor *factor, unsigned pairs)
{
	struct tune_ladder *ladder = &tune->result->ladder[tune->result->ladders++];
	char what[96];
	int r;

	stage_begin(tune, "ladder", factor->name);
	r = ladder_climb(&tune->course, &tune->base, factor, pairs, ladder, tune->error);
	if (!r || r == -ETIME) {
		int screened = ladder_screen(&tune->course, &tune->base, ladder, tune->error);

		r = screened ? screened : r;
	}
	tune->course.ahead = runs_ahead(tune);
	snprintf(what, sizeof what, "the ladder of %s was done", factor->name);
	return stage_end(tune, r, what);
}

/* The factors that address what held the baseline back come first, in case the budget ends. */
static int climb(struct tune *tune)
{
	double share;
	enum tune_cause cause = cause_of(&tune->base.evidence, &share);
	bool known = cause != CAUSE_NONE && cause != CAUSE_UNKNOWN;
	unsigned pairs;
	int r = 0;

	tune->course.ahead = runs_ahead(tune);
	pairs = rung_pairs(tune);
	for (int first = 1; first >= 0; first--)
		for (unsigned i = 0; i < tune->plan->factors && !r; i++)
			if ((known && tune->plan->factor[i].remedy == cause) == first)
				r = climb_one(tune, &tune->plan->factor[i], pairs);
	return r;
}

/* --- confirmation ---------------------------------------------------------------------------------------------------------- */

static void recommend(struct tune *tune, const struct candidate *candidate)
{
	struct tune_result *result = tune->result;
	struct recommend_proof proof = {.before = &tune->base.evidence, .after = &candidate->run.evidence};

	confirm_effect(&candidate->run, &proof.effect);
	if (result->recommendations < TUNE_REMEDIES)
		recommend_fill(&result->recommendation[result->recommendations++], candidate->choice, candidate->count,
			       &proof, tune->plan);
}

static bool candidate_holds(const struct tune *tune, const struct candidate *candidate)
{
	struct stats_effect effect;

	if (candidate->run.failed || candidate->run.pairs < confirm_look[0])
		return false;
	confirm_effect(&candidate->run, &effect);
	return confirm_holds(&tune->course, &effect);
}

/* If the preferred remedy does not hold but another of the same cause does, that one takes its place. */
static bool candidate_found(struct tune *tune)
{
	unsigned first = 0;

	while (first < tune->candidates && !candidate_holds(tune, &tune->candidate[first]))
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

/* The candidates from..to in the blocks of one confirmation; the first of them decides how long it takes. */
static int confirm_some(struct tune *tune, unsigned from, unsigned to, unsigned *ret_pairs)
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
static int confirm(struct tune *tune)
{
	unsigned beside;

	stage_begin(tune, "confirm", "");
	tune->course.ahead = 0;
	tune->candidates = candidates_draw(tune->candidate, tune->result->ladder, tune->result->ladders);
	if (!tune->candidates) {
		tune->confirm_pairs = confirm_room(&tune->course, 2);
		if (!tune->confirm_pairs)
			cut_short(tune, "the budget had no room left for a confirmation");
		return 0;
	}
	beside = tune->candidate[0].count == 1 ? tune->candidates : 1;
	while (beside > 1 && !confirm_room(&tune->course, 1 + beside))
		beside--;
	if (beside < tune->candidates && tune->candidate[0].count == 1)
		cut_short(tune, "the budget ended before every remedy was confirmed");
	return stage_end(tune, confirm_some(tune, 0, beside, &tune->confirm_pairs), "the confirmation was decided");
}

/* --- reduction ------------------------------------------------------------------------------------------------------------- */

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

	if (course_room(&tune->course) < REDUCE_PAIRS * (2 + count))
		return -ETIME;
	contender_start(&tune->spare[0], &arm);
	for (unsigned i = 0; i < count && !r; i++) {
		r = candidate_arm(set, i, &tune->plan->base, &arm, tune->error);
		arms[2 + i] = &tune->spare[1 + i];
		contender_start(arms[2 + i], &arm);
	}
	while (!r && tune->spare[0].pairs < REDUCE_PAIRS && !tune->spare[0].failed)
		r = course_block(&tune->course, arms, 2 + count, tune->error);
	*ret_idle = choice_idle(tune, &tune->spare[0], &tune->spare[1], count);
	*ret_idle = *ret_idle == count ? set->count : *ret_idle;
	return r;
}

/* What is taken out stays out only if the rest, in those fresh pairs, still beats the baseline. */
static int reduce(struct tune *tune)
{
	struct candidate *set = &tune->candidate[0];
	int r = 0;

	stage_begin(tune, "reduce", "");
	while (!r && set->count > 1) {
		unsigned idle = set->count;
		struct stats_effect effect;

		r = reduce_round(tune, &idle);
		if (r || idle == set->count)
			break;
		confirm_effect(&tune->spare[1 + idle], &effect);
		if (!confirm_holds(&tune->course, &effect))
			break;
		candidate_remove(set, idle);
		set->run = tune->spare[1 + idle];
	}
	return stage_end(tune, r, "each setting was taken out again");
}

/* --- the other remedies ---------------------------------------------------------------------------------------------------- */

/* Confirmed beside a set of several, they would have carried what the reduction took out. */
static int alternatives(struct tune *tune)
{
	unsigned pairs;

	if (tune->candidates < 2 || tune->candidate[1].run.pairs)
		return 0;
	stage_begin(tune, "alternatives", "");
	tune->candidates = candidates_redraw(tune->candidate, tune->candidates);
	if (tune->candidates < 2)
		return 0;
	return stage_end(tune, confirm_some(tune, 1, tune->candidates, &pairs), "every remedy was confirmed");
}

/* A remedy that is plainly better than the preferred one comes first. */
static void recommend_all(struct tune *tune)
{
	unsigned first = 0;

	for (unsigned i = 1; i < tune->candidates; i++) {
		struct stats_effect lead;

		if (!candidate_holds(tune, &tune->candidate[i]))
			continue;
		candidates_compare(&tune->candidate[i].run, &tune->candidate[first].run, &lead);
		if (tune->candidate[0].count == 1 && confirm_holds(&tune->course, &lead) && lead.estimate > log(1.05))
			first = i;
	}
	recommend(tune, &tune->candidate[first]);
	for (unsigned i = 0; i < tune->candidates; i++)
		if (i != first && candidate_holds(tune, &tune->candidate[i]))
			recommend(tune, &tune->candidate[i]);
}

/* --- limits: what becomes of it where the host's limit is the kernel's own --------------------------------------------------- */

static int warn_one(struct tune *tune, struct tune_requirement *requirement)
{
	int64_t usual = recommend_usual_limit(requirement->sysctl);
	struct contender *arms[] = {&tune->base, &tune->spare[0]};
	struct factor cut = {.option = requirement->option, .hosts = requirement->hosts, .rungs = 1};
	struct arm arm = tune->plan->base;
	struct stats_effect effect;
	int r;

	if (!usual || usual >= requirement->at_least || course_room(&tune->course) < 2 * WARN_PAIRS)
		return 0;
	snprintf(cut.rung[0], sizeof cut.rung[0], "%lld", (long long)usual);
	r = factor_apply(&cut, 0, &arm, tune->error);
	contender_start(&tune->spare[0], &arm);
	while (!r && !tune->spare[0].failed && tune->spare[0].pairs < WARN_PAIRS)
		r = course_block(&tune->course, arms, 2, tune->error);
	stats_effect(tune->spare[0].log_ratio, tune->spare[0].pairs, 0.95, &effect);
	if (effect.pairs == WARN_PAIRS)
		recommend_warn(requirement, usual, expm1(effect.estimate));
	return r == -ETIME ? 0 : r;
}

static int warn_limits(struct tune *tune)
{
	int r = 0;

	stage_begin(tune, "limits", "");
	for (unsigned i = 0; i < tune->result->recommendations; i++)
		for (unsigned k = 0; k < tune->result->recommendation[i].requires_count && !r; k++)
			r = warn_one(tune, &tune->result->recommendation[i].requires[k]);
	return r;
}

/* --- all of it ------------------------------------------------------------------------------------------------------------- */

static int stages(struct tune *tune)
{
	int r = preflight(tune);

	if (!r)
		r = climb(tune);
	if (!r)
		r = confirm(tune);
	if (r || !candidate_found(tune))
		return r;
	r = reduce(tune);
	if (!r)
		r = alternatives(tune);
	recommend_all(tune); /* also when stopped here: it was confirmed */
	return r ? r : warn_limits(tune);
}

static void result_finish(struct tune *tune, int r)
{
	struct tune_result *result = tune->result;
	double detectable;

	if (r == -ECANCELED)
		cut_short(tune, "stopped");
	if (r == -ETIME)
		cut_short(tune, "the budget ended in the preflight");
	result->baseline = contender_median(&tune->base);
	result->baseline_runs = tune->base.runs;
	result->spread = contender_spread(&tune->base);
	result->cause = cause_of(&tune->base.evidence, &result->cause_share);
	result->runs = tune->course.runs - tune->course.wasted_runs;
	result->invalid_runs = tune->course.invalid_runs - tune->course.disturbed_runs;
	result->disturbed_runs = tune->course.disturbed_runs;
	memcpy(result->disturbed_why, tune->course.disturbed_why, sizeof result->disturbed_why);
	detectable = confirm_detectable(course_spread(&tune->course), tune->course.least, SCREEN_PAIRS,
					tune->confirm_pairs);
	result->detectable_effect = expm1(detectable);
}

int tune_run(const struct tune_plan *plan, const struct runner *runner, struct tune_result *result,
	     struct sockctl_error *error)
{
	struct tune *tune = calloc(1, sizeof *tune);
	struct sockctl_error own = {0};
	char why[96];
	int r;

	memset(result, 0, sizeof *result);
	if (!tune)
		return error_set(error, -ENOMEM, "tune", "", NULL);
	result->metric = runner->metric;
	result->complete = true;
	tune->plan = plan;
	tune->result = result;
	tune->error = error = error ? error : &own;
	course_start(&tune->course, plan, runner);
	contender_start(&tune->base, &plan->base);
	r = stages(tune);
	result_finish(tune, r);
	if (r && r != -ECANCELED && r != -ETIME && tune->base.runs >= PREFLIGHT_PAIRS) {
		error_text(error, why,
			   sizeof why); /* the baseline ran for a while: what is known by now is worth telling */
		cut_short(tune, why);
		r = 0;
	}
	free(tune);
	return r == -ECANCELED || r == -ETIME ? 0 : r;
}
