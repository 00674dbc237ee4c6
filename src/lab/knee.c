/* Duels between neighbouring rungs.
 *
 * A ladder has one to three pairs a rung, each with the baseline, and all that it can say of two rungs that are near
 * to each other is that they are near. So the two run side by side, and this is the rule:
 * - Which one is better is kept, if an exact test of eight pairs says so, and by as much as counts at all.
 * - On a tie the smaller, for the larger brings nothing for its memory, and a full buffer is a queue as well.
 * - But on a tie a smaller one at which the kernel still names the cause, where it does not at the larger, stands at
 *   the edge: on a path a little longer or faster than this one it is what holds back again. There the larger is
 *   kept. */
#include "lab/knee.h"
#include <errno.h>
#include <math.h>
#include "lab/ladder.h"

static const double alpha = 0.05;

enum tune_duel_verdict knee_verdict(double least, const struct stats_effect *effect, const struct evidence *smaller,
				    const struct evidence *larger, enum tune_cause remedy)
{
	if (effect->p < alpha && effect->estimate >= least)
		return DUEL_LARGER;
	if (effect->p < alpha && effect->estimate <= -least)
		return DUEL_SMALLER;
	return cause_limits(smaller, remedy) && cause_spares(larger, remedy) ? DUEL_TIE_AT_EDGE : DUEL_TIE;
}

static bool duel_done(const struct tune_ladder *ladder, unsigned smaller)
{
	for (unsigned i = 0; i < ladder->duels; i++)
		if (ladder->duel[i].smaller == smaller)
			return true;
	return false;
}

/* May that rung be as good as the best, as far as the ladder's few pairs tell? */
static bool rung_rivals(const struct course *course, const struct tune_ladder *ladder, unsigned index)
{
	const struct tune_rung *rung = &ladder->rung[index], *best = &ladder->rung[ladder->best];
	unsigned runs = rung->runs < best->runs ? rung->runs : best->runs;
	double slack = fmax(fmax(course->least, log(ladder_flat_ratio)), course_chance(course, runs, 2 * M_SQRT2));

	return !*rung->note && isfinite(rung->gain) && log1p(rung->gain) + slack >= log1p(best->gain);
}

/* Those that have not met the best yet, the one that looks better first. */
static unsigned best_rivals(const struct course *course, const struct tune_ladder *ladder, unsigned rival[2])
{
	unsigned best = ladder->best, count = 0;

	if (best + 1 < ladder->rungs && !duel_done(ladder, best) && rung_rivals(course, ladder, best + 1))
		rival[count++] = best + 1;
	if (best && !duel_done(ladder, best - 1) && rung_rivals(course, ladder, best - 1))
		rival[count++] = best - 1;
	if (count == 2 && ladder->rung[rival[1]].gain > ladder->rung[rival[0]].gain) {
		rival[0] = best - 1;
		rival[1] = best + 1;
	}
	return count;
}

/* Pairs are of the rival over the best; a duel tells of the larger over the smaller. */
static void duel_record(const struct course *course, struct tune_ladder *ladder, unsigned best,
			const struct contender *chosen, unsigned rival, const struct contender *other)
{
	struct tune_duel *duel = &ladder->duel[ladder->duels++];
	double lead[KNEE_PAIRS];
	bool up = rival > best;

	for (unsigned i = 0; i < KNEE_PAIRS; i++)
		lead[i] = up ? other->log_ratio[i] : -other->log_ratio[i];
	duel->smaller = up ? best : rival;
	duel->larger = up ? rival : best;
	stats_effect(lead, KNEE_PAIRS, 1 - alpha, &duel->effect);
	duel->verdict = knee_verdict(course->least, &duel->effect, up ? &chosen->evidence : &other->evidence,
				     up ? &other->evidence : &chosen->evidence, ladder->factor.remedy);
	duel->kept = duel->verdict == DUEL_LARGER || duel->verdict == DUEL_TIE_AT_EDGE ? duel->larger : duel->smaller;
}

/* Of two rivals that are both preferred to the best, the one that was proven better. */
static unsigned duels_winner(const struct tune_ladder *ladder, unsigned from, unsigned best)
{
	unsigned winner = best;

	for (unsigned i = from; i < ladder->duels; i++) {
		const struct tune_duel *duel = &ladder->duel[i];
		bool proven = duel->verdict == DUEL_LARGER || duel->verdict == DUEL_SMALLER;

		if (duel->kept != best && (winner == best || proven))
			winner = duel->kept;
	}
	return winner;
}

/* The best and one or two rivals in the same blocks. A rival that cannot run loses without a duel. */
static int duels_run(struct course *course, const struct contender *base, struct tune_ladder *ladder,
		     const unsigned rival[], unsigned rivals, struct sockctl_error *error)
{
	struct contender contender[3], *arms[] = {&contender[0], &contender[1], &contender[2]};
	unsigned best = ladder->best, from = ladder->duels;
	int r = 0;

	for (unsigned i = 0; i <= rivals && !r; i++) {
		struct arm arm = base->arm;

		r = factor_apply(&ladder->factor, i ? rival[i - 1] : best, &arm, error);
		contender_start(arms[i], &arm);
	}
	for (unsigned pairs = 0; pairs < KNEE_PAIRS && !r; pairs++)
		r = course_block(course, arms, 1 + rivals, error);
	for (unsigned i = 1; i <= rivals && !r; i++) {
		course_pool(course, arms[i]);
		if (arms[i]->pairs == KNEE_PAIRS)
			duel_record(course, ladder, best, arms[0], rival[i - 1], arms[i]);
	}
	ladder->best = duels_winner(ladder, from, best);
	return r;
}

int knee_confirm(struct course *course, const struct contender *base, struct tune_ladder *ladder,
		 struct sockctl_error *error)
{
	while (ladder->helps && ladder->factor.ordered) {
		unsigned rival[2], rivals = best_rivals(course, ladder, rival), before = ladder->duels;
		int r;

		while (rivals && (course_room(course) < KNEE_PAIRS * (1 + rivals) || before + rivals > TUNE_DUELS)) {
			rivals--;
			ladder->duel_cut = true;
		}
		if (!rivals)
			return 0;
		ladder->duel_cut = false;
		r = duels_run(course, base, ladder, rival, rivals, error);
		ladder->duel_cut |= r == -ETIME;
		if (r || ladder->duels == before)
			return r;
	}
	return 0;
}
