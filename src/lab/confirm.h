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
/* Blocks of all arms, arms[0] the baseline, until arms[1] holds, or, where it is hopeless, another does; or all are
 * hopeless, or the looks or the budget end. *ret_pairs: how many pairs there was time for. 0 (arms may hold or not),
 * -ETIME when the budget ended before the answer, -ECANCELED, or -errno with `error`. */
int confirm_run(struct course *, struct contender *const arms[], unsigned count, unsigned *ret_pairs, struct sockctl_error *);
/* The last look that the room has place for with so many arms a block; 0: not even the first. */
unsigned confirm_room(const struct course *, unsigned arms);
/* What an effect has to get through before it is found. */
struct confirm_way {
	double spread;                       /* of pairs */
	double least;                        /* log-ratio that counts */
	double flat;                         /* log-ratio under which a ladder of `flat_pairs` was dropped without a screen */
	unsigned flat_pairs;                 /* 0: none was */
	unsigned screen_pairs, confirm_pairs;        /* confirm_pairs: at the last look */
};
/* The smallest log-ratio that gets through with 80 % power. NaN if there is no confirmation, or the spread is not
 * known. */
double confirm_detectable(const struct confirm_way *);
#endif
