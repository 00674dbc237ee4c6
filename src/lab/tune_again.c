/* What a confirmed set is followed by: its rungs made sure of, and the cause that stood behind the one it removed. */
#include "lab/tuning.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "lab/confirm.h"
#include "lab/ladder.h"

/* --- knees of what is confirmed ----------------------------------------------------------------------------------- */

/* True: a setting of the set moved to another rung. */
static int set_knees(struct tune *tune, struct candidate *set, bool *ret_moved)
{
	int r = 0;

	for (unsigned c = 0; c < set->count && !r; c++) {
		struct tune_ladder *ladder = tune_ladder_of(tune, &set->choice[c]);

		if (!ladder->duels && !ladder->duel_cut)
			r = tune_knee_one(tune, &tune->base, ladder);
		if (!r && set->choice[c].rung != ladder->best) {
			set->choice[c].rung = ladder->best;
			*ret_moved = true;
		}
	}
	return r;
}

/* Of the sets as they were confirmed, with the rungs that they had. */
static void sets_restore(struct tune *tune)
{
	memcpy(tune->candidate, tune->scratch, sizeof tune->candidate);
	for (unsigned i = 0; i < tune->candidates; i++)
		for (unsigned c = 0; c < tune->candidate[i].count; c++) {
			struct tune_ladder *ladder = tune_ladder_of(tune, &tune->candidate[i].choice[c]);

			ladder->duels_void |= ladder->best != tune->candidate[i].choice[c].rung;
			ladder->best = tune->candidate[i].choice[c].rung;
			ladder_mark(ladder);
		}
}

/* Those that hold, moved together. */
static unsigned sets_keep(struct tune *tune)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < tune->candidates; i++)
		if (tune_set_holds(tune, &tune->candidate[i]) && kept++ != i)
			tune->candidate[kept - 1] = tune->candidate[i];
	return kept;
}

/* What moved is another setting than what was confirmed: it has to hold in runs of its own, or everything stays as it
 * was. */
int tune_late_knees(struct tune *tune)
{
	bool moved = false;
	unsigned pairs;
	int r = 0;

	tune->candidates = sets_keep(tune);
	memcpy(tune->scratch, tune->candidate, sizeof tune->scratch);
	tune->course.ahead = confirm_look[0] * (1 + tune->candidates);
	for (unsigned i = 0; i < tune->candidates && !r; i++)
		r = set_knees(tune, &tune->candidate[i], &moved);
	tune->course.ahead = 0;
	if (!r && moved) {
		tune_stage_begin(tune, "confirm again", "");
		r = tune_confirm_some(tune, 0, tune->candidates, &pairs);
	}
	if (r || (moved && !tune_set_holds(tune, &tune->candidate[0])))
		sets_restore(tune);
	return tune_stage_end(tune, r, "the better rung was confirmed");
}

/* --- the cause behind the cause ----------------------------------------------------------------------------------- */

/* What the kernel names with the set, did not name without it, and what nothing in the set can remove. */
static enum tune_cause cause_behind(const struct tune *tune, double *ret_share)
{
	const struct candidate *set = &tune->candidate[0];
	enum tune_cause cause = cause_of(&set->run.evidence, ret_share);
	double before;

	if (!cause_limits(&set->run.evidence, cause) || cause == cause_of(&tune->base.evidence, &before) ||
	    candidate_addresses(set, cause))
		return CAUSE_NONE;
	return cause;
}

static bool factors_address(const struct tune_plan *plan, enum tune_cause cause)
{
	for (unsigned i = 0; i < plan->factors; i++)
		if (cause != CAUSE_NONE && plan->factor[i].remedy == cause)
			return true;
	return false;
}

/* The factors that can remove it, each by itself, on top of the set; with as many pairs a rung as three rungs have
 * room for. */
static int round_climb(struct tune *tune, enum tune_cause cause, struct contender *set)
{
	unsigned rungs = course_room(&tune->course) / 2, pairs = rungs < 9 ? 1 : rungs < 18 ? 2 : 3;
	int r = 0;

	for (unsigned i = 0; i < tune->plan->factors && tune->result->ladders < TUNE_LADDERS && !r; i++) {
		struct tune_ladder *ladder = &tune->result->ladder[tune->result->ladders];

		if (tune->plan->factor[i].remedy != cause)
			continue;
		r = tune_climb_one(tune, set, &tune->plan->factor[i], pairs);
		ladder->behind = cause;
		recommend_text(tune->candidate[0].choice, tune->candidate[0].count, ladder->over, sizeof ladder->over);
	}
	return r;
}

/* Blocks of the set, the enlarged set and the baseline. It is kept only if it beats the set, and the baseline as
 * well: afterwards its pairs are with the baseline, as everybody's. */
static int round_confirm(struct tune *tune, struct candidate *larger, bool *ret_kept)
{
	struct contender *set = &tune->spare[0], *base = &tune->spare[1], *arms[] = {set, &larger->run, base};
	struct stats_effect effect;
	unsigned pairs;
	struct arm arm;
	int r = candidate_arm(larger, larger->count, &tune->plan->base, &arm, tune->error);

	contender_start(&larger->run, &arm);
	arm = set->arm;
	contender_start(set, &arm);
	contender_start(base, &tune->plan->base);
	tune_stage_begin(tune, "confirm again", "");
	r = r ? r : confirm_run(&tune->course, arms, 3, &pairs, tune->error);
	*ret_kept = tune_set_holds(tune, larger) && !base->failed && base->pairs >= larger->run.pairs;
	for (unsigned i = 0; i < larger->run.pairs; i++)
		larger->run.log_ratio[i] -= base->log_ratio[i];
	confirm_effect(&larger->run, &effect);
	*ret_kept = *ret_kept && confirm_holds(&tune->course, &effect);
	return r;
}

/* The alternatives for the first cause need the remedy for the second as well: they are confirmed again, with it. */
static int round_keep(struct tune *tune, const struct candidate *larger)
{
	const struct choice *added = &larger->choice[larger->count - 1];

	tune->candidate[0] = *larger;
	for (unsigned i = 1; i < tune->candidates; i++) {
		tune->candidate[i].run.pairs = 0;
		tune->candidate[i].behind = larger->behind;
		tune->candidate[i].behind_share = larger->behind_share;
		if (!candidate_add(&tune->candidate[i], added))
			tune->candidates = i;
	}
	return tune_alternatives(tune);
}

static int round_run(struct tune *tune, enum tune_cause cause, double share, bool *ret_kept)
{
	unsigned first = tune->result->ladders;
	struct candidate *larger = &tune->scratch[0];
	struct contender *set = &tune->spare[0];
	struct choice added;
	struct arm arm;
	int r = candidate_arm(&tune->candidate[0], tune->candidate[0].count, &tune->plan->base, &arm, tune->error);

	contender_start(set, &arm);
	r = r ? r : round_climb(tune, cause, set);
	if (r || !candidates_draw(tune->scratch, &tune->result->ladder[first], tune->result->ladders - first))
		return r;
	added = tune->scratch[0].choice[0];
	r = tune_knee_one(tune, set, tune_ladder_of(tune, &added));
	if (r)
		return r;
	added.rung = tune_ladder_of(tune, &added)->best;
	*larger = tune->candidate[0];
	larger->behind = cause;
	larger->behind_share = share;
	if (!candidate_add(larger, &added))
		return 0;
	tune->course.ahead = 0;
	r = round_confirm(tune, larger, ret_kept);
	return *ret_kept ? round_keep(tune, larger) : r;
}

/* One limit hides another: what the kernel could not name while the first was there is climbed on top of what removed
 * it. */
int tune_rounds(struct tune *tune)
{
	bool kept = true;
	int r = 0;

	while (kept && !r) {
		double share;
		enum tune_cause cause = cause_behind(tune, &share);

		kept = false;
		if (!factors_address(tune->plan, cause))
			break;
		tune->course.ahead = 3 * confirm_look[0];
		r = course_room(&tune->course) < 2 ? -ETIME : round_run(tune, cause, share, &kept);
		tune->course.ahead = 0;
	}
	return tune_stage_end(tune, r, "what still limits the best settings was looked into");
}
