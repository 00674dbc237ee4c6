/* One factor, rung by rung, until the gain levels off; then its best rung once more, in runs of its own. */
#ifndef LAB_LADDER_H
#define LAB_LADDER_H
#include "lab/course.h"

enum { SCREEN_PAIRS = 6 };

/* Each rung gets `pairs` pairs with base. 0 (rungs that cannot run or are clamped say so), -ECANCELED, -ETIME, or -errno with `error`
 * when the baseline cannot run. The ladder is filled as far as it came. */
int ladder_climb(struct course *, struct contender *base, const struct factor *, unsigned pairs, struct tune_ladder *,
		 struct sockctl_error *);
/* Decides `helps`. */
int ladder_screen(struct course *, struct contender *base, struct tune_ladder *, struct sockctl_error *);
#endif
