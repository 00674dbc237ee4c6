/* The end of a tune: what becomes of the advice where a limit of the host is the kernel's own. */
#include "lab/tuning.h"
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include "lab/recommend.h"

enum { WARN_PAIRS = 2 };

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

int tune_warn_limits(struct tune *tune)
{
	int r = 0;

	tune_stage_begin(tune, "limits", "");
	for (unsigned i = 0; i < tune->result->recommendations; i++)
		for (unsigned k = 0; k < tune->result->recommendation[i].requires_count && !r; k++)
			r = warn_one(tune, &tune->result->recommendation[i].requires[k]);
	return r;
}
