/* Which settings make a workload faster, and is it true? Knows no workload: it asks a runner. */
#ifndef LAB_TUNE_H
#define LAB_TUNE_H
#include "lab/stats.h"
#include "lab/trial.h"

enum { TUNE_FACTORS = 16, TUNE_RUNGS = 16, TUNE_REQUIRES = 8 };

/* Something to vary: an option (of one host or both), or a sysctl of the namespaces. */
struct factor {
	uint16_t option;                     /* enum option_id; OPTION_NONE: a sysctl */
	uint8_t hosts;                       /* bit 1 << HOST_CLIENT, 1 << HOST_SERVER */
	char sysctl[48];                     /* "net/ipv4/tcp_wmem" */
	unsigned rungs;
	char rung[TUNE_RUNGS][64];           /* values as a spec or a sysctl file has them, ascending */
	bool ordered;                        /* more is more: the ladder may stop where it levels off */
};

/* `sndbuf=256K..16M,nodelay,server:backlog,sysctl:tcp_wmem=4M..64M`; NULL or "": the default list for this path. */
int factors_parse(struct factor factors[TUNE_FACTORS], unsigned *count, const char *list, const struct path *,
		  const struct arm *base, struct sockctl_error *);

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
	int64_t bdp_bytes;                   /* 0: unknown */
	volatile int *stop;                  /* set by a signal handler: end with what is known; may be NULL */
	void (*progress)(void *arg, const struct tune_progress *);
	void *arg;
};

enum tune_cause { CAUSE_NONE, CAUSE_SNDBUF, CAUSE_RWND, CAUSE_NAGLE, CAUSE_LOSS, CAUSE_CONGESTION, CAUSE_UNKNOWN };
const char *tune_cause_text(enum tune_cause);

struct tune_rung {
	char value[64];
	double metric;                       /* median */
	double gain;                         /* over the baseline, as a ratio - 1, positive is better */
	double p;                            /* NaN: too few pairs */
	unsigned runs;
	enum tune_cause cause;               /* what limited this rung */
	double cause_share;                  /* of the busy time, 0 to 1 */
	bool levels_off;                     /* the knee */
	char note[96];                       /* "clamped by net/core/wmem_max = 212992" */
};

struct tune_ladder {
	struct factor factor;
	unsigned rungs;
	struct tune_rung rung[TUNE_RUNGS];
	bool helps;                          /* found worth confirming */
};

struct tune_requirement {                    /* a host limit that the recommendation depends on */
	char sysctl[48];
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
	char cause_text[160];                /* with the numbers */
	char cost[160];                      /* what it costs: memory, autotuning lost... */
};

struct tune_result {
	struct metric metric;
	double baseline;                     /* median of the baseline runs */
	unsigned baseline_runs;
	double floor;                        /* A/A deviation of the preflight, as a log-ratio */
	unsigned runs, invalid_runs;
	unsigned ladders;
	struct tune_ladder ladder[TUNE_FACTORS];
	unsigned recommendations;            /* 0: nothing helped. [0] is preferred, the rest are other remedies for the same cause */
	struct tune_recommendation recommendation[4];
	double detectable_effect;            /* smallest gain, as a ratio - 1, that this run would have found with 80 % power */
	bool complete;                       /* false: stopped, or the budget ended */
	char why_incomplete[96];
};

/* 0 (also when nothing helped), or -errno with `error` when the baseline itself cannot run. */
int tune_run(const struct tune_plan *, const struct runner *, struct tune_result *, struct sockctl_error *);
#endif
