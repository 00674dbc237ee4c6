/* Where a ladder levels off, made sure of: the chosen rung against its neighbours, side by side. Knows no option. */
#ifndef LAB_KNEE_H
#define LAB_KNEE_H
#include "lab/course.h"

enum { KNEE_PAIRS = 8 };

/* For an ordered ladder that helps: the rungs next to its best that may be as good as that meet it in direct pairs,
 * on top of the base's arm, and `best` moves to the one that is kept, from duel to duel until none is left. The
 * ladder keeps what was found; where the budget has no room, which later stages' needs leave, it says `duel_cut`. 0,
 * -ECANCELED, -ETIME, or -errno with `error` when the rung itself cannot run. */
int knee_confirm(struct course *, const struct contender *base, struct tune_ladder *, struct sockctl_error *);
/* Which of the two a duel keeps. `effect`: of the larger over the smaller; the evidence of their runs. */
enum tune_duel_verdict knee_verdict(double least, const struct stats_effect *effect, const struct evidence *smaller,
				    const struct evidence *larger, enum tune_cause remedy);
#endif
