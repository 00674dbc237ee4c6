/* A set of settings that may become a recommendation, and how several are drawn from the ladders. Runs nothing. */
#ifndef LAB_CANDIDATE_H
#define LAB_CANDIDATE_H
#include "lab/course.h"
#include "lab/recommend.h"

struct candidate {
	unsigned count;
	struct choice choice[TUNE_FACTORS];
	struct contender run;                /* against the baseline, in fresh pairs */
	enum tune_cause behind;              /* what the first cause had hidden, and is removed as well; CAUSE_NONE */
	double behind_share;                 /* without that removal */
};

/* From the ladders that help: first one remedy for each cause, then the sets in which another remedy of the same
 * cause takes its place. On a tie, what leaves autotuning on is preferred. Returns how many sets; 0 if no ladder
 * helps. */
unsigned candidates_draw(struct candidate candidates[TUNE_REMEDIES], const struct tune_ladder ladders[], unsigned count);
/* The arm: the base with all choices, but not with choice `without` (= count: with all). */
int candidate_arm(const struct candidate *, unsigned without, const struct arm *base, struct arm *ret, struct sockctl_error *);
/* After choices were removed from the first set: the others follow, and those that no longer differ from it go. */
unsigned candidates_redraw(struct candidate candidates[], unsigned sets);
/* One more setting. False: there is no place for it. */
bool candidate_add(struct candidate *, const struct choice *);
/* Has it a remedy for that cause? */
bool candidate_addresses(const struct candidate *, enum tune_cause);
void candidate_remove(struct candidate *, unsigned choice);
/* By how much `better` beats `worse`, from runs of the same blocks. */
void candidates_compare(const struct contender *better, const struct contender *worse, struct stats_effect *ret);
#endif
