/* The runs of one tune: arms side by side in randomised blocks, disturbed runs repeated, the budget kept. Judges
 * nothing. */
#ifndef LAB_COURSE_H
#define LAB_COURSE_H
#include "lab/stats.h"
#include "lab/tune.h"

enum { COURSE_ARMS = 8, COURSE_TRIES = 2, COURSE_VALUES = 256 };

/* An arm, and what its runs gave. Pairs are with the first arm of the same block. */
struct contender {
	struct arm arm;
	unsigned runs, pairs;
	double value[COURSE_VALUES];
	double log_ratio[STATS_PAIRS];       /* over the first arm; positive is better, whatever the metric */
	struct evidence evidence;            /* mean */
	struct sockctl_report report[HOSTS]; /* of its last run */
	bool failed;                         /* cannot run: why */
	char why[96];
};

struct course {
	const struct tune_plan *plan;
	const struct runner *runner;
	struct stats_random random;
	uint64_t started_us, run_us;         /* run_us: what a trial takes */
	uint64_t all_us;                     /* in trials so far */
	int64_t late_us;                     /* average of the last trials */
	unsigned trials, runs;               /* runs: made, whether they count or not */
	unsigned wasted_runs;                /* of those: repeated, or of a void block; they count for nobody */
	unsigned invalid_runs;               /* disturbed, or valid in a void block */
	unsigned disturbed_runs;             /* of the invalid: count all the same */
	char disturbed_why[96];              /* the last time */
	const char *stage;
	unsigned ahead;                      /* runs that later stages will need */
	unsigned ladders;                    /* begun */
	double least;                        /* log-ratio under which an effect does not count */
	double squares;                      /* of the pairs' deviations, with their degrees of freedom: the spread */
	unsigned degrees;
	double deviation[COURSE_VALUES];     /* the same, one by one, the last of them */
	unsigned deviations;
	unsigned order[COURSE_ARMS], order_count;
	bool way_back;                       /* the next block repeats the order in reverse: ABBA */
	struct trial trial[COURSE_ARMS];     /* of the block that was tried last, by arm */
	bool ran[COURSE_ARMS];               /* false: that arm cannot run */
};

void course_start(struct course *, const struct tune_plan *, const struct runner *);
void contender_start(struct contender *, const struct arm *);
/* Runs every arm once; those that cannot run are marked and left out. 0; -ECANCELED: stopped; -ETIME: the budget is
 * spent (what the block had so far is dropped); or -errno with `error` when the first arm cannot run. */
int course_block(struct course *, struct contender *const arms[], unsigned count, struct sockctl_error *);
/* The same in two steps, for who looks at the trials first: course_try, then course_keep, after which it counts for
 * all its arms; or course_void, after which it counts for none. */
int course_try(struct course *, struct contender *const arms[], unsigned count, struct sockctl_error *);
void course_keep(struct course *, struct contender *const arms[], unsigned count);
void course_void(struct course *, unsigned count);
/* How much better a value is than another, as a log-ratio; positive is better, whatever the metric. */
double course_lead(const struct course *, double value, double other);
/* What chance may have put on an estimate of so many pairs: `deviations` standard errors; 0 where the spread is
 * unknown. */
double course_chance(const struct course *, unsigned pairs, double deviations);
/* Adds the deviations of its pairs to the spread. Once per contender. */
void course_pool(struct course *, const struct contender *);
double course_spread(const struct course *);         /* standard deviation of a pair's log-ratio; NaN: unknown */
double course_usual_spread(const struct course *);   /* the same of pairs without an accident */
/* How many runs the rest of the budget holds, later stages' needs already taken off; UINT_MAX without a budget. */
unsigned course_room(const struct course *);
unsigned course_room_whole(const struct course *);   /* the same with later stages' needs still in it */
double contender_median(const struct contender *);
double contender_spread(const struct contender *);   /* half the interquartile range over the median */
#endif
