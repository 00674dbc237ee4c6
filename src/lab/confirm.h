/* Is it true? A candidate against the baseline in fresh pairs, at planned looks; and what such a test can see. */
#ifndef LAB_CONFIRM_H
#define LAB_CONFIRM_H
#include "lab/course.h"

enum { CONFIRM_LOOKS = 4 };
extern const unsigned confirm_look[CONFIRM_LOOKS];   /* pairs: 8 12 20 30 */

/* The effect of pairs so far, with an interval that fits the looks (98.75 %). */
void confirm_effect(const struct contender *, struct stats_effect *);
/* Does it hold: p < 0.0125, and more than what does not count? */
bool confirm_holds(const struct course *, const struct stats_effect *);
/* Blocks of all arms, arms[0] the baseline, until arms[1] holds, or, where it is hopeless, another does; or all are hopeless, or the
 * looks or the budget end. *ret_pairs: how many pairs there was time for. 0 (arms may hold or not), -ETIME when the budget ended before
 * the answer, -ECANCELED, or -errno with `error`. */
int confirm_run(struct course *, struct contender *const arms[], unsigned count, unsigned *ret_pairs, struct sockctl_error *);
/* The last look that the room has place for with so many arms a block; 0: not even the first. */
unsigned confirm_room(const struct course *, unsigned arms);
/* The smallest log-ratio that a screen of `screen_pairs` and a confirmation up to `confirm_pairs` find with 80 % power, where pairs
 * spread by `spread`. NaN if there is no confirmation. */
double confirm_detectable(double spread, double least, unsigned screen_pairs, unsigned confirm_pairs);
#endif
