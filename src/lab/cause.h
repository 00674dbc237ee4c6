/* What held a run back, from the kernel's own account of where the time went. Knows no option. */
#ifndef LAB_CAUSE_H
#define LAB_CAUSE_H
#include "lab/trial.h"

enum tune_cause {
	CAUSE_NONE,                          /* looked, and found nothing */
	CAUSE_SNDBUF,                        /* the send buffer was full */
	CAUSE_RWND,                          /* the peer's window was full */
	CAUSE_NAGLE,                         /* small segments waited for delayed acknowledgements */
	CAUSE_LOSS,                          /* segments were lost on the way */
	CAUSE_CONGESTION,                    /* the path's queue overflowed: the path is full */
	CAUSE_UNKNOWN,                       /* no evidence */
	CAUSES
};
const char *tune_cause_text(enum tune_cause);        /* "the send buffer" */

/* The mean of several runs: starts as `evidence_none`; what a run does not know does not count. */
extern const struct evidence evidence_none;
void evidence_add(struct evidence *mean, unsigned runs_before, const struct evidence *);
/* The part of the busy time (of the requests, for CAUSE_NAGLE; of the segments, for CAUSE_LOSS) that this cause took;
 * NaN if unknown. */
double cause_share(const struct evidence *, enum tune_cause);
/* Does it take so much that the next run may be better without it? And so little that it is not the limit? Neither,
 * where its share is not known. Slow start alone takes a tenth of short runs: 15 %. */
bool cause_limits(const struct evidence *, enum tune_cause);
bool cause_spares(const struct evidence *, enum tune_cause);
/* The cause that took most, if it took enough to matter. */
enum tune_cause cause_of(const struct evidence *, double *ret_share);
/* How the kernel calls that share: "sndbuf_limited 61 % of the busy time"; as snprintf. */
int cause_share_text(enum tune_cause, double share, char *text, size_t size);
#endif
