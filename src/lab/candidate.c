/* Remedies for one cause exclude each other: one is tried in the set, the others in its place. */
#include "lab/candidate.h"
#include <math.h>
#include <string.h>

static const double tie_ratio = 1.1; /* ladders have two or three pairs a rung: less is no difference */

/* The screen's fresh runs know better than the ladder's, which were few, and the best of several. */
static double ladder_gain(const struct tune_ladder *ladder)
{
	return ladder->screen.pairs ? ladder->screen.estimate : log1p(ladder->rung[ladder->best].gain);
}

static bool ladder_preferred(const struct tune_ladder *a, const struct tune_ladder *b)
{
	double lead = ladder_gain(a) - ladder_gain(b);

	if (fabs(lead) < log(tie_ratio) && factor_freezes(&a->factor) != factor_freezes(&b->factor))
		return factor_freezes(&b->factor);
	return lead > 0;
}

static bool same_remedy(const struct tune_ladder *a, const struct tune_ladder *b)
{
	return a->factor.remedy == b->factor.remedy && a->factor.remedy != CAUSE_UNKNOWN;
}

/* Is there no better remedy for the same cause among the ladders? */
static bool ladder_leads(const struct tune_ladder *ladders, unsigned count, unsigned one)
{
	for (unsigned i = 0; i < count; i++)
		if (i != one && ladders[i].helps && same_remedy(&ladders[i], &ladders[one]) &&
		    ladder_preferred(&ladders[i], &ladders[one]))
			return false;
	return true;
}

static struct choice ladder_choice(const struct tune_ladder *ladder)
{
	return (struct choice){&ladder->factor, ladder->best};
}

/* The first set, with this ladder in the place of the leader of its cause. */
static void candidate_replace(struct candidate *ret, const struct candidate *first, const struct tune_ladder *ladder)
{
	ret->count = first->count;
	memcpy(ret->choice, first->choice, sizeof ret->choice);
	for (unsigned i = 0; i < ret->count; i++)
		if (ret->choice[i].factor->remedy == ladder->factor.remedy)
			ret->choice[i] = ladder_choice(ladder);
}

unsigned candidates_draw(struct candidate candidates[TUNE_REMEDIES], const struct tune_ladder ladders[], unsigned count)
{
	struct candidate *first = &candidates[0];
	unsigned sets = 1;

	first->count = 0;
	for (unsigned i = 0; i < TUNE_REMEDIES; i++)
		candidates[i].behind = CAUSE_NONE;
	for (unsigned i = 0; i < count; i++)
		if (ladders[i].helps && ladder_leads(ladders, count, i))
			first->choice[first->count++] = ladder_choice(&ladders[i]);
	if (!first->count)
		return 0;
	for (unsigned i = 0; i < count && sets < TUNE_REMEDIES; i++)
		if (ladders[i].helps && !ladder_leads(ladders, count, i))
			candidate_replace(&candidates[sets++], first, &ladders[i]);
	return sets;
}

int candidate_arm(const struct candidate *candidate, unsigned without, const struct arm *base, struct arm *ret,
		  struct sockctl_error *error)
{
	int r = 0;

	*ret = *base;
	for (unsigned i = 0; i < candidate->count && !r; i++)
		if (i != without)
			r = factor_apply(candidate->choice[i].factor, candidate->choice[i].rung, ret, error);
	return r;
}

bool candidate_add(struct candidate *candidate, const struct choice *choice)
{
	if (candidate->count == TUNE_FACTORS)
		return false;
	candidate->choice[candidate->count++] = *choice;
	return true;
}

bool candidate_addresses(const struct candidate *candidate, enum tune_cause cause)
{
	for (unsigned i = 0; i < candidate->count; i++)
		if (candidate->choice[i].factor->remedy == cause)
			return true;
	return false;
}

void candidate_remove(struct candidate *candidate, unsigned choice)
{
	candidate->count--;
	memmove(&candidate->choice[choice], &candidate->choice[choice + 1],
		(candidate->count - choice) * sizeof *candidate->choice);
}

void candidates_compare(const struct contender *better, const struct contender *worse, struct stats_effect *ret)
{
	unsigned pairs = better->pairs < worse->pairs ? better->pairs : worse->pairs;
	double lead[STATS_PAIRS];

	for (unsigned i = 0; i < pairs; i++)
		lead[i] = better->log_ratio[i] - worse->log_ratio[i];
	stats_effect(lead, pairs, 0.95, ret);
}

/* Does the set have this choice, or another remedy in its place? */
static bool candidate_covers(const struct candidate *set, const struct choice *choice, bool itself)
{
	enum tune_cause remedy = choice->factor->remedy;

	for (unsigned i = 0; i < set->count; i++)
		if (set->choice[i].factor == choice->factor ||
		    (!itself && remedy != CAUSE_UNKNOWN && set->choice[i].factor->remedy == remedy))
			return true;
	return false;
}

static bool candidate_differs(const struct candidate *set, const struct candidate *first)
{
	for (unsigned i = 0; i < set->count; i++)
		if (!candidate_covers(first, &set->choice[i], true))
			return true;
	return false;
}

unsigned candidates_redraw(struct candidate candidates[], unsigned sets)
{
	unsigned kept = 1;

	for (unsigned i = 1; i < sets; i++) {
		struct candidate *set = &candidates[i];

		for (unsigned c = set->count; c--;)
			if (!candidate_covers(&candidates[0], &set->choice[c], false))
				candidate_remove(set, c);
		if (!candidate_differs(set, &candidates[0]))
			continue;
		candidates[kept].count = set->count;
		memmove(candidates[kept++].choice, set->choice, sizeof set->choice);
	}
	return kept;
}
