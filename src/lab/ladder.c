/* The ladder of one factor. An ordered one stops where more brings no more and the kernel no longer names the cause. */
#include "lab/ladder.h"
#include "base/sysctl.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LEAST_PAIRS = 8 }; /* of the shortest confirmation */
const double ladder_flat_ratio = 1.05;
static const double stuck_ratio = 0.6; /* of the neighbour */

struct climb {
	struct course *course;
	struct contender *base;
	struct tune_ladder *ladder;
	struct contender rung;
	double gain, previous; /* log-ratios over the baseline */
	unsigned flats;        /* rungs in a row that brought nothing more */
	bool all_clear;        /* of the best rung: every pair plainly better */
	double best;
};

/* Far below what was to be expected, no retransmits, and no limit but the usual one: nothing explains it but bad
 * luck. */
static bool trial_is_stuck(const struct course *course, const struct trial *trial, double expected,
			   enum tune_cause usual)
{
	double share;
	enum tune_cause cause = cause_of(&trial->evidence, &share);

	return course_lead(course, trial->value, expected) < log(stuck_ratio) && !(trial->evidence.retransmits > 0) &&
	       (cause == CAUSE_NONE || (cause == usual && cause != CAUSE_UNKNOWN));
}

/* A rung is measured by its neighbour, the baseline by its own runs. Were only the rungs' bad luck repeated, each
 * ladder would seem better than it is. */
static bool pair_is_stuck(const struct climb *climb)
{
	const struct course *course = climb->course;
	double base = course->trial[0].value, usual = contender_median(climb->base), share;
	double gain = course->runner->metric.lower_is_better ? -climb->previous : climb->previous;

	if (trial_is_stuck(course, &course->trial[0], usual, cause_of(&climb->base->evidence, &share)))
		return true;
	return course->ran[1] && trial_is_stuck(course, &course->trial[1], base * exp(gain), CAUSE_NONE);
}

static int rung_pair(struct climb *climb, struct sockctl_error *error)
{
	struct contender *arms[] = {climb->base, &climb->rung};
	int r = course_try(climb->course, arms, 2, error);

	if (!r && pair_is_stuck(climb)) {
		course_void(climb->course, 2);
		r = course_try(climb->course, arms, 2, error);
	}
	if (!r)
		course_keep(climb->course, arms, 2);
	return r;
}

/* The verdict on this factor's own setting, if the kernel did not grant it. */
static const struct sockctl_verdict *rung_spoilt(const struct factor *factor, const struct contender *rung)
{
	for (int host = 0; host < HOSTS && factor->option; host++)
		for (unsigned i = 0; factor->hosts >> host & 1 && i < rung->report[host].count; i++) {
			const struct sockctl_verdict *v = &rung->report[host].verdict[i];

			if (!strcmp(v->option, catalogue[factor->option].name) && v->outcome >= SOCKCTL_CLAMPED)
				return v;
		}
	return NULL;
}

static void rung_note(struct tune_rung *rung, const struct sockctl_verdict *v)
{
	char name[48];

	sysctl_name(v->limit, name, sizeof name);
	if (v->limit && v->limit_value >= 0)
		snprintf(rung->note, sizeof rung->note, "%s by %s = %lld", sockctl_outcome_name(v->outcome), name,
			 (long long)v->limit_value);
	else
		snprintf(rung->note, sizeof rung->note, "%s%s%s", sockctl_outcome_name(v->outcome),
			 v->limit ? " by " : "", name);
}

static void rung_record(struct climb *climb, unsigned index)
{
	struct tune_ladder *ladder = climb->ladder;
	struct tune_rung *rung = &ladder->rung[index];
	const struct sockctl_verdict *spoilt = rung_spoilt(&ladder->factor, &climb->rung);
	struct stats_effect effect;

	stats_effect(climb->rung.log_ratio, climb->rung.pairs, 0.95, &effect);
	memcpy(rung->value, ladder->factor.rung[index], sizeof rung->value);
	rung->metric = contender_median(&climb->rung);
	rung->gain = expm1(effect.estimate);
	rung->p = effect.pairs >= SCREEN_PAIRS ? effect.p : NAN;
	rung->runs = climb->rung.runs;
	rung->cause = cause_of(&climb->rung.evidence, &rung->cause_share);
	rung->tops = cause_spares(&climb->rung.evidence, ladder->factor.remedy);
	climb->gain = effect.estimate;
	if (climb->rung.failed)
		snprintf(rung->note, sizeof rung->note, "%s", climb->rung.why);
	else if (spoilt)
		rung_note(rung, spoilt);
	ladder->rungs = index + 1;
}

static bool rung_usable(const struct tune_rung *rung)
{
	return !*rung->note && isfinite(rung->gain);
}

/* After a rung: is there a reason to go on? Clamped here means clamped above as well. */
static bool ladder_levelled(struct climb *climb, const struct tune_rung *rung)
{
	bool gone = cause_spares(&climb->rung.evidence, climb->ladder->factor.remedy);
	bool flat = climb->gain - climb->previous < log(ladder_flat_ratio);

	if (!climb->ladder->factor.ordered)
		return false;
	if (!rung_usable(rung))
		return true;
	climb->flats = flat ? climb->flats + 1 : 0;
	climb->previous = climb->gain;
	return climb->flats >= (gone ? 1 : 2);
}

static bool rung_ties(const struct tune_ladder *ladder, unsigned index, unsigned best, double tie)
{
	const struct tune_rung *rung = &ladder->rung[index];

	return rung_usable(rung) && log1p(rung->gain) + tie > log1p(ladder->rung[best].gain);
}

/* Of an unordered factor, the best rung. Of an ordered one, among those that are as good, the smallest at which the
 * kernel no longer names the cause; or, where it names it at all of them, the smallest. Where a recommendation may
 * come of it, knee_confirm() looks at its neighbours again. */
static unsigned ladder_best(const struct tune_ladder *ladder, double tie)
{
	unsigned best = ladder->rungs;

	for (unsigned i = 0; i < ladder->rungs; i++)
		if (rung_usable(&ladder->rung[i]) &&
		    (best == ladder->rungs || ladder->rung[i].gain > ladder->rung[best].gain))
			best = i;
	if (best == ladder->rungs || !ladder->factor.ordered)
		return best;
	for (unsigned i = 0; i < ladder->rungs; i++)
		if (ladder->rung[i].tops && rung_ties(ladder, i, best, tie))
			return i;
	for (unsigned i = 0; i < best; i++)
		if (rung_ties(ladder, i, best, tie))
			return i;
	return best;
}

/* So far above the noise that more runs before the confirmation would be wasted. */
static bool gain_is_plain(const struct course *course, double gain, unsigned runs)
{
	double spread = course_usual_spread(course);

	return runs && gain > 4 * course->least && gain > log(runs > 1 ? 1.15 : 1.25) &&
	       (isnan(spread) || gain > 4 * spread / sqrt(runs));
}

static double pairs_mean(const struct contender *contender)
{
	double sum = 0;

	for (unsigned i = 0; i < contender->pairs; i++)
		sum += contender->log_ratio[i];
	return sum / contender->pairs;
}

static int rung_measure(struct climb *climb, unsigned index, unsigned pairs, struct sockctl_error *error)
{
	struct arm arm = climb->base->arm;
	int r = factor_apply(&climb->ladder->factor, index, &arm, error);

	contender_start(&climb->rung, &arm);
	while (!r && climb->rung.pairs < pairs && !climb->rung.failed) {
		r = rung_pair(climb, error);
		if (rung_spoilt(&climb->ladder->factor, &climb->rung))
			break; /* one run tells; it is not what was asked for anyway */
		if (climb->rung.pairs && gain_is_plain(climb->course, pairs_mean(&climb->rung), climb->rung.pairs))
			break;
	}
	course_pool(climb->course, &climb->rung);
	return r;
}

int ladder_climb(struct course *course, struct contender *base, const struct factor *factor, unsigned pairs,
		 struct tune_ladder *ladder, struct sockctl_error *error)
{
	bool first = course->ladders++ == 0; /* the first rung is tried even where later stages want the room */
	struct climb climb = {.course = course, .base = base, .ladder = ladder};
	int r = 0;

	memset(ladder, 0, sizeof *ladder);
	ladder->factor = *factor;
	for (unsigned i = 0; i < factor->rungs && !r; i++) {
		while (pairs > 1 && course_room(course) < 2 * pairs)
			pairs--;
		if (course_room(course) < 2 && (i || (!first && course_room_whole(course) < 2 + 2 * LEAST_PAIRS))) {
			r = -ETIME;
			break;
		}
		r = rung_measure(&climb, i, pairs, error);
		if (climb.rung.runs || climb.rung.failed)
			rung_record(&climb, i);
		if (!r && ladder_levelled(&climb, &ladder->rung[i]))
			break;
	}
	ladder->best = ladder_best(ladder, fmax(course->least, log(ladder_flat_ratio)));
	ladder->cut = r == -ETIME;
	return r;
}

/* The kernel says that it was not the limit, and the ladder brought next to nothing: no more runs for it. */
static bool ladder_idle(const struct tune_ladder *ladder, const struct contender *base)
{
	return ladder->factor.ordered && cause_spares(&base->evidence, ladder->factor.remedy) &&
	       log1p(ladder->rung[ladder->best].gain) < log(ladder_flat_ratio);
}

/* The best rung once more, in pairs of its own: the ladder's were few, and it is the luckiest of several. */
static int screen_run(struct course *course, struct contender *base, struct tune_ladder *ladder,
		      struct sockctl_error *error)
{
	struct contender candidate, *arms[] = {base, &candidate};
	struct arm arm = base->arm;
	int r;

	if (course_room(course) < 2 * SCREEN_PAIRS) {
		ladder->helps = log1p(ladder->rung[ladder->best].gain) >=
				fmax(2 * course->least, log(ladder_flat_ratio));
		return ladder->helps ? 0 : -ETIME; /* no time to screen what looks good: the confirmation will tell */
	}
	r = factor_apply(&ladder->factor, ladder->best, &arm, error);
	contender_start(&candidate, &arm);
	while (!r && !candidate.failed && candidate.pairs < SCREEN_PAIRS)
		r = course_block(course, arms, 2, error);
	course_pool(course, &candidate);
	stats_effect(candidate.log_ratio, candidate.pairs, 0.95, &ladder->screen);
	ladder->helps = !r && !candidate.failed &&
			ladder->screen.estimate + course_chance(course, SCREEN_PAIRS, 0.5) >= course->least;
	return r;
}

void ladder_mark(struct tune_ladder *ladder)
{
	for (unsigned i = 0; i < ladder->rungs; i++)
		ladder->rung[i].levels_off = i == ladder->best && ladder->helps && ladder->factor.ordered &&
					     (i + 1 < ladder->rungs || ladder->rung[i].tops);
}

int ladder_screen(struct course *course, struct contender *base, struct tune_ladder *ladder,
		  struct sockctl_error *error)
{
	struct tune_rung *best = &ladder->rung[ladder->best];
	int r = 0;

	if (ladder->best == ladder->rungs)
		return 0;
	ladder->idle = ladder_idle(ladder, base);
	if (ladder->idle || log1p(best->gain) + course_chance(course, best->runs, 1.5) < course->least)
		return 0;
	ladder->helps = gain_is_plain(course, log1p(best->gain), best->runs);
	if (!ladder->helps)
		r = screen_run(course, base, ladder, error);
	ladder_mark(ladder);
	return r;
}
