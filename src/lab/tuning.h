/* What the stages of one tune share. Private to tune.c and tune_*.c; outside, a tune is its plan and its result. */
#ifndef LAB_TUNING_H
#define LAB_TUNING_H
#include "lab/candidate.h"

enum { TUNE_PREFLIGHT_PAIRS = 6, TUNE_REDUCE_PAIRS = 8 };

struct tune {
	struct course course;
	const struct tune_plan *plan;
	struct tune_result *result;
	struct sockctl_error *error;
	char stage[64];
	struct contender base;               /* every run of the baseline */
	unsigned candidates;
	struct candidate candidate[TUNE_REMEDIES];
	unsigned confirm_pairs;              /* that there was room for */
	struct contender spare[COURSE_ARMS];
	struct candidate scratch[TUNE_REMEDIES];
};

void tune_stage_begin(struct tune *, const char *stage, const char *detail);
/* The result is not complete; the first reason is the one that is told. */
void tune_cut_short(struct tune *, const char *why);
/* Ends a stage: the budget's end is no error, and the next stage still gets its own room. `what` had not happened
 * yet. */
int tune_stage_end(struct tune *, int r, const char *what);

/* The stages, in this order. Each returns 0, -ECANCELED, or -errno with the tune's error; the first -ETIME as well. */
int tune_preflight(struct tune *);           /* how different are two arms that are equal? */
int tune_climb(struct tune *);               /* each factor by itself */
int tune_knees(struct tune *);               /* the rungs that a recommendation will come of, against their neighbours */
int tune_confirm(struct tune *);             /* the best of them against the baseline */
int tune_reduce(struct tune *);              /* the first set without each of its settings */
int tune_alternatives(struct tune *);        /* the other remedies for the same causes */
int tune_late_knees(struct tune *);          /* the knees of what is confirmed by now, and was not sure to be */
int tune_rounds(struct tune *);              /* what the confirmed set left as the limit */
int tune_warn_limits(struct tune *);         /* for the advice in the result */

/* Did this set beat the baseline in its confirmation? */
bool tune_set_holds(const struct tune *, const struct candidate *);
/* Did any? It is the first candidate from now on: a preferred remedy that does not hold makes place for another. */
bool tune_found(struct tune *);
/* Climbs one factor on top of an arm (the baseline's, or a set's) and screens what it found. */
int tune_climb_one(struct tune *, struct contender *over, const struct factor *, unsigned pairs);
int tune_knee_one(struct tune *, const struct contender *over, struct tune_ladder *);
/* The candidates from..to in the blocks of one confirmation; the first of them decides how long it takes. */
int tune_confirm_some(struct tune *, unsigned from, unsigned to, unsigned *ret_pairs);
struct tune_ladder *tune_ladder_of(struct tune *, const struct choice *);
/* What confirmation and reduction will need, as far as the ladders tell by now. */
unsigned tune_runs_ahead(struct tune *);
#endif
