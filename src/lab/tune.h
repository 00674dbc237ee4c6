/* Which settings make a workload faster, and is it true? Knows no workload: it asks a runner. */
#ifndef LAB_TUNE_H
#define LAB_TUNE_H
#include "lab/factor.h"
#include "lab/stats.h"

enum { TUNE_REQUIRES = 8, TUNE_REMEDIES = 4, TUNE_DUELS = 6, TUNE_LADDERS = TUNE_FACTORS + 8 };

struct tune_progress {
	const char *stage;                   /* "preflight", "ladder sndbuf", "confirm", "reduce" */
	unsigned runs;
	double left_s;                       /* estimate, of the budget at most */
};

struct tune_plan {
	struct arm base;                     /* what every arm has */
	unsigned factors;
	struct factor factor[TUNE_FACTORS];
	uint64_t budget_us;                  /* 0: none */
	uint64_t seed;
	const int64_t *limits;               /* [OPTION_COUNT]: what this host caps an option at, -1 unknown; may be NULL */
	volatile int *stop;                  /* set by a signal handler: end with what is known; may be NULL */
	void (*progress)(void *arg, const struct tune_progress *);
	uint64_t (*clock_us)(void *arg);     /* of a simulation; NULL: the real one */
	void *arg;
};

struct tune_rung {
	char value[64];
	double metric;                       /* median */
	double gain;                         /* over the baseline, as a ratio - 1, positive is better */
	double p;                            /* NaN: too few pairs */
	unsigned runs;
	enum tune_cause cause;               /* what limited this rung */
	double cause_share;                  /* of the busy time, 0 to 1 */
	bool tops;                           /* what the factor can remove is gone: more of it would bring nothing */
	bool levels_off;                     /* the knee of a ladder that helps */
	char note[96];                       /* "clamped by net/core/wmem_max = 212992" */
};

enum tune_duel_verdict {
	DUEL_LARGER,                         /* proven better */
	DUEL_SMALLER,
	DUEL_TIE,                            /* the smaller is kept: it costs less */
	DUEL_TIE_AT_EDGE,                    /* the larger is kept: at the smaller the kernel still names the cause */
};

/* Two neighbouring rungs side by side, in pairs of their own. */
struct tune_duel {
	unsigned smaller, larger;            /* rungs */
	struct stats_effect effect;          /* of the larger over the smaller */
	enum tune_duel_verdict verdict;
	unsigned kept;                       /* rung */
};

struct tune_ladder {
	struct factor factor;
	unsigned rungs;
	struct tune_rung rung[TUNE_RUNGS];
	unsigned best;                       /* rung; = rungs where none could be judged */
	unsigned duels;
	struct tune_duel duel[TUNE_DUELS];   /* of the best with its neighbours, as it moved */
	bool duel_cut;                       /* it should have met a neighbour; the budget had no room */
	bool duels_void;                     /* the rung that they kept was not confirmed: best is the one that was, before */
	struct stats_effect screen;          /* of the best rung, in runs of its own; no pairs: it was plain without */
	bool helps;                          /* worth confirming */
	bool idle;                           /* next to no gain, and the kernel denies the cause: not screened */
	bool cut;                            /* the budget ended before its end */
	char over[160];                      /* settings confirmed before, on top of which it was climbed; "" at first */
	enum tune_cause behind;              /* what those left as the limit, which is why it was climbed again */
};

struct tune_requirement {                    /* a host limit that the recommendation depends on */
	char sysctl[48];                     /* "net/core/wmem_max" */
	uint16_t option;                     /* whose values it cuts, and on which hosts */
	uint8_t hosts;
	int64_t at_least;
	int64_t here;
	char warning[160];                   /* what happens where the limit is lower */
};

struct tune_recommendation {
	struct arm arm;                      /* base and chosen factors */
	char spec[256];                      /* the chosen settings alone; "" if none */
	char client_spec[256], server_spec[256];     /* where hosts differ */
	char sysctl[256];                    /* "net.ipv4.tcp_wmem=4096 16384 16777216", "; "-separated; "" if none */
	unsigned requires_count;
	struct tune_requirement requires[TUNE_REQUIRES];
	struct stats_effect effect;
	enum tune_cause cause;               /* that it removes */
	char cause_text[320];                /* with the numbers */
	char cost[480];                      /* what it costs: memory, autotuning lost... */
};

struct tune_result {
	struct metric metric;
	double baseline;                     /* median of the baseline runs */
	unsigned baseline_runs;
	double spread;                       /* of the runs, half their interquartile range over the median; NAN: of one */
	double floor;                        /* A/A deviation of the preflight, as a log-ratio; NAN: not known yet */
	enum tune_cause cause;               /* what held the baseline back */
	double cause_share;
	unsigned runs, invalid_runs;         /* runs: that count; invalid: disturbed or in bad company, and repeated */
	unsigned disturbed_runs;             /* count although every attempt was disturbed */
	char disturbed_why[96];
	unsigned ladders;
	struct tune_ladder ladder[TUNE_LADDERS];
	unsigned recommendations;            /* 0: nothing helped. [0] is preferred, the rest are other remedies for the same cause */
	struct tune_recommendation recommendation[TUNE_REMEDIES];
	double detectable_effect;            /* smallest gain, as a ratio - 1, that this tune would have found with 80 % power;
					      * NaN: none, since it never came to a confirmation */
	bool complete;                       /* false: stopped, or the budget ended */
	char why_incomplete[96];
};

/* 0 (also when nothing helped, or when it was stopped), or -errno with `error` when the baseline itself cannot run. A
 * setting is recommended only if the baseline was beaten in fresh pairs, at one of the looks after 8, 12, 20 and 30
 * pairs, with p < 0.0125 and by more than 2 % and more than two equal arms differed in the preflight. */
int tune_run(const struct tune_plan *, const struct runner *, struct tune_result *, struct sockctl_error *);
#endif
