/* One factor, rung by rung, until the gain levels off; then its best rung once more, in runs of its own. */
#ifndef LAB_LADDER_H
#define LAB_LADDER_H
#include "lab/course.h"

enum { SCREEN_PAIRS = 6 };

/* Each rung gets `pairs` pairs with base. 0 (rungs that cannot run or are clamped say so), -ECANCELED, -ETIME, or
 * -errno with `error` when the baseline cannot run. The ladder is filled as far as it came. */
int ladder_climb(struct course *, struct contender *base, const struct factor *, unsigned pairs, struct tune_ladder *,
		 struct sockctl_error *);
/* A step of less is no step, with two pairs a rung; and a factor that brings less, and whose cause the kernel denies,
 * is dropped. */
extern const double ladder_flat_ratio;
/* Marks the rung at which a ladder that helps levels off: its best. */
void ladder_mark(struct tune_ladder *);
/* Decides `helps`. */
int ladder_screen(struct course *, struct contender *base, struct tune_ladder *, struct sockctl_error *);
#endif
