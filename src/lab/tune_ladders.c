/* The first half of a tune: what noise looks like, and what each factor does by itself. */
#include "lab/tuning.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include "base/error.h"
#include "lab/confirm.h"
#include "lab/knee.h"
#include "lab/ladder.h"

enum { RUNG_PAIRS_MOST = 3 };

/* --- preflight: how different are two arms that are equal? -------------------------------------------------------- */

int tune_preflight(struct tune *tune)
{
	struct contender *twin = &tune->spare[0], *arms[] = {&tune->base, twin};
	unsigned least_runs = 2 * (TUNE_PREFLIGHT_PAIRS + confirm_look[0]);
	struct stats_effect effect;

	tune_stage_begin(tune, "preflight", "");
	contender_start(twin, &tune->plan->base);
	while (twin->pairs < TUNE_PREFLIGHT_PAIRS) {
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

/* --- ladders ------------------------------------------------------------------------------------------------------ */

unsigned tune_runs_ahead(struct tune *tune)
{
	unsigned groups, sets = candidates_draw(tune->candidate, tune->result->ladder, tune->result->ladders);

	if (!sets)
		return 2 * confirm_look[0];
	groups = tune->candidate[0].count;
	return confirm_look[0] * (1 + sets) + (groups > 1 ? TUNE_REDUCE_PAIRS * (2 + groups) : 0);
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

int tune_climb_one(struct tune *tune, struct contender *over, const struct factor *factor, unsigned pairs)
{
	struct tune_ladder *ladder = &tune->result->ladder[tune->result->ladders++];
	char what[96];
	int r;

	tune_stage_begin(tune, "ladder", factor->name);
	r = ladder_climb(&tune->course, over, factor, pairs, ladder, tune->error);
	if (!r || r == -ETIME) {
		int screened = ladder_screen(&tune->course, over, ladder, tune->error);

		r = screened ? screened : r;
	}
	snprintf(what, sizeof what, "the ladder of %s was done", factor->name);
	return tune_stage_end(tune, r, what);
}

/* The factors that address what held the baseline back come first, in case the budget ends. */
int tune_climb(struct tune *tune)
{
	double share;
	enum tune_cause cause = cause_of(&tune->base.evidence, &share);
	bool known = cause != CAUSE_NONE && cause != CAUSE_UNKNOWN;
	unsigned pairs;
	int r = 0;

	tune->course.ahead = tune_runs_ahead(tune);
	pairs = rung_pairs(tune);
	for (int first = 1; first >= 0; first--)
		for (unsigned i = 0; i < tune->plan->factors && !r; i++)
			if ((known && tune->plan->factor[i].remedy == cause) == first) {
				r = tune_climb_one(tune, &tune->base, &tune->plan->factor[i], pairs);
				tune->course.ahead = tune_runs_ahead(tune);
			}
	return r;
}

/* --- knees -------------------------------------------------------------------------------------------------------- */

int tune_knee_one(struct tune *tune, const struct contender *over, struct tune_ladder *ladder)
{
	char why[96];
	int r;

	tune_stage_begin(tune, "knee", ladder->factor.name);
	r = knee_confirm(&tune->course, over, ladder, tune->error);
	ladder_mark(ladder);
	snprintf(why, sizeof why, "the budget had no room for %s against its next rung", ladder->factor.name);
	if (ladder->duel_cut)
		tune_cut_short(tune, why);
	return r;
}

struct tune_ladder *tune_ladder_of(struct tune *tune, const struct choice *choice)
{
	struct tune_ladder *ladder = tune->result->ladder;

	while (&ladder->factor != choice->factor)
		ladder++;
	return ladder;
}

/* Before the confirmation, so that what it confirms is the rung that is recommended. But only where the gain was
 * plain without a screen: most of what a screen lets pass does not hold, and its knee is nobody's business until it
 * does. */
int tune_knees(struct tune *tune)
{
	unsigned sets = candidates_draw(tune->candidate, tune->result->ladder, tune->result->ladders);
	bool done[TUNE_LADDERS] = {false};
	int r = 0;

	tune->course.ahead = tune_runs_ahead(tune);
	for (unsigned set = 0; set < sets; set++)
		for (unsigned c = 0; c < tune->candidate[set].count && !r; c++) {
			struct tune_ladder *ladder = tune_ladder_of(tune, &tune->candidate[set].choice[c]);
			bool *this_done = &done[ladder - tune->result->ladder];

			if (!*this_done && !ladder->screen.pairs)
				r = tune_knee_one(tune, &tune->base, ladder);
			*this_done = true;
		}
	return tune_stage_end(tune, r, "the ladders' best rungs had met their neighbours");
}
