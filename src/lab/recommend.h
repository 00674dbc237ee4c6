/* What a tune found, as advice: settings, what they depend on, why they help and what they cost. Runs nothing. */
#ifndef LAB_RECOMMEND_H
#define LAB_RECOMMEND_H
#include "lab/tune.h"

/* One factor at one rung. */
struct choice {
	const struct factor *factor;
	unsigned rung;
};

/* What a confirmation measured of it. */
struct recommend_proof {
	struct stats_effect effect;
	const struct evidence *before, *after;
	enum tune_cause behind;              /* what the first cause had hidden; CAUSE_NONE: nothing */
	double behind_share;                 /* when only the first was gone */
};

/* "sndbuf=4M; net.ipv4.tcp_rmem=4096 131072 8388608" */
void recommend_text(const struct choice choices[], unsigned count, char *text, size_t size);
void recommend_fill(struct tune_recommendation *, const struct choice choices[], unsigned count, const struct recommend_proof *,
		    const struct tune_plan *);
/* What the kernel's own default of the limit would make of it was tried: a gain, as a ratio - 1. */
void recommend_warn(struct tune_requirement *, int64_t limit, double gain);
/* The default of the kernel for a limit that many hosts never raised; 0: not known. */
int64_t recommend_usual_limit(const char *sysctl);
#endif
