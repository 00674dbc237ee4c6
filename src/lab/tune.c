/* A tune from its beginning to its end; the stages are elsewhere. */
#include "lab/tuning.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/error.h"
#include "lab/confirm.h"
#include "lab/ladder.h"

void tune_stage_begin(struct tune *tune, const char *stage, const char *detail)
{
	snprintf(tune->stage, sizeof tune->stage, "%s%s%s", stage, *detail ? " " : "", detail);
	tune->course.stage = tune->stage;
}

void tune_cut_short(struct tune *tune, const char *why)
{
	tune->result->complete = false;
	if (!*tune->result->why_incomplete)
		snprintf(tune->result->why_incomplete, sizeof tune->result->why_incomplete, "%s", why);
}

int tune_stage_end(struct tune *tune, int r, const char *what)
{
	char why[96];

	if (r != -ETIME)
		return r;
	snprintf(why, sizeof why, "the budget ended before %s", what);
	tune_cut_short(tune, why);
	return 0;
}

/* --- the advice --------------------------------------------------------------------------------------------------- */

static void recommend(struct tune *tune, const struct candidate *candidate)
{
	struct tune_result *result = tune->result;
	struct recommend_proof proof = {.before = &tune->base.evidence,
					.after = &candidate->run.evidence,
					.behind = candidate->behind,
					.behind_share = candidate->behind_share};

	confirm_effect(&candidate->run, &proof.effect);
	if (result->recommendations < TUNE_REMEDIES)
		recommend_fill(&result->recommendation[result->recommendations++], candidate->choice, candidate->count,
			       &proof, tune->plan);
}

/* A remedy that is plainly better than the preferred one comes first. */
static void recommend_all(struct tune *tune)
{
	unsigned first = 0;

	for (unsigned i = 1; i < tune->candidates; i++) {
		struct stats_effect lead;

		if (!tune_set_holds(tune, &tune->candidate[i]))
			continue;
		candidates_compare(&tune->candidate[i].run, &tune->candidate[first].run, &lead);
		if (tune->candidate[0].count == 1 && confirm_holds(&tune->course, &lead) && lead.estimate > log(1.05))
			first = i;
	}
	recommend(tune, &tune->candidate[first]);
	for (unsigned i = 0; i < tune->candidates; i++)
		if (i != first && tune_set_holds(tune, &tune->candidate[i]))
			recommend(tune, &tune->candidate[i]);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

static int stages(struct tune *tune)
{
	int r = tune_preflight(tune);

	if (!r)
		r = tune_climb(tune);
	if (!r)
		r = tune_knees(tune);
	if (!r)
		r = tune_confirm(tune);
	if (r || !tune_found(tune))
		return r;
	r = tune_reduce(tune);
	if (!r)
		r = tune_alternatives(tune);
	if (!r)
		r = tune_late_knees(tune);
	if (!r)
		r = tune_rounds(tune);
	recommend_all(tune); /* also when stopped here: it was confirmed */
	return r ? r : tune_warn_limits(tune);
}

/* For the factor for which it takes most: one that was dropped early had to be larger to be seen. */
static double detectable(const struct tune *tune)
{
	struct confirm_way way = {.spread = course_spread(&tune->course),
				  .least = tune->course.least,
				  .flat = log(ladder_flat_ratio),
				  .screen_pairs = SCREEN_PAIRS,
				  .confirm_pairs = tune->confirm_pairs};

	for (unsigned i = 0; i < tune->result->ladders; i++) {
		const struct tune_ladder *ladder = &tune->result->ladder[i];

		if (ladder->idle && !*ladder->over &&
		    (!way.flat_pairs || ladder->rung[ladder->best].runs < way.flat_pairs))
			way.flat_pairs = ladder->rung[ladder->best].runs;
	}
	return confirm_detectable(&way);
}

static void result_finish(struct tune *tune, int r)
{
	struct tune_result *result = tune->result;

	if (r == -ECANCELED)
		tune_cut_short(tune, "stopped");
	if (r == -ETIME)
		tune_cut_short(tune, "the budget ended in the preflight");
	result->baseline = contender_median(&tune->base);
	result->baseline_runs = tune->base.runs;
	result->spread = contender_spread(&tune->base);
	result->cause = cause_of(&tune->base.evidence, &result->cause_share);
	result->runs = tune->course.runs - tune->course.wasted_runs;
	result->invalid_runs = tune->course.invalid_runs - tune->course.disturbed_runs;
	result->disturbed_runs = tune->course.disturbed_runs;
	memcpy(result->disturbed_why, tune->course.disturbed_why, sizeof result->disturbed_why);
	result->detectable_effect = expm1(detectable(tune));
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
	result->floor = NAN;
	tune->plan = plan;
	tune->result = result;
	tune->error = error = error ? error : &own;
	course_start(&tune->course, plan, runner);
	contender_start(&tune->base, &plan->base);
	r = stages(tune);
	result_finish(tune, r);
	if (r && r != -ECANCELED && r != -ETIME && tune->base.runs >= TUNE_PREFLIGHT_PAIRS) {
		error_text(error, why,
			   sizeof why); /* the baseline ran for a while: what is known by now is worth telling */
		tune_cut_short(tune, why);
		r = 0;
	}
	free(tune);
	return r == -ECANCELED || r == -ETIME ? 0 : r;
}
