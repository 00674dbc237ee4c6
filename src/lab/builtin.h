/* Runs built-in workloads between the two hosts of a world, one trial at a time. */
#ifndef LAB_BUILTIN_H
#define LAB_BUILTIN_H
#include "lab/gauge.h"
#include "lab/placement.h"
#include "lab/workload/workload.h"

struct builtin {
	const struct world *world;           /* not owned */
	const struct workload *workload;
	struct workload_plan plan;
	struct placement placement;          /* chosen by builtin_open, which has pinned the link */
	volatile int *stop;                  /* set by a signal handler: trials end with -ECANCELED; may be NULL */
	struct histogram *latency;           /* the requests of valid trials are added to it; may be NULL */
	unsigned retries;                    /* of a disturbed trial, at most; set by builtin_open, may be changed */
	struct gauge gauge;
	struct builtin_stage *stage;         /* private: memory that both sides share */
	struct watch *watch;                 /* private */
};

/* plan NULL: the workload's own, for this path. 0 or -errno. */
int builtin_open(struct builtin *, const struct world *, const struct workload *, const struct workload_plan *plan,
		 struct sockctl_error *);
void builtin_close(struct builtin *);
/* Valid as long as the builtin is. A trial is tried again when the machine disturbed it, `retries` times at most (BUILTIN_RETRIES if not changed). */
enum { BUILTIN_RETRIES = 2 };
struct runner builtin_runner(struct builtin *);
#endif
