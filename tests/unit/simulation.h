/* A host that is known exactly: what a tune should find on it is no question. Noise drifts as a real machine's does. */
#ifndef TESTS_SIMULATION_H
#define TESTS_SIMULATION_H
#include "lab/stats.h"
#include "lab/tune.h"

struct simulation {
	/* The value without noise, and the evidence for it. */
	double (*model)(struct simulation *, const struct arm *, struct trial *);
	struct stats_random random;
	double drift, drift_sd, drift_keep;  /* log of the machine's pace: an autoregression of this deviation between runs */
	double trend;                        /* and its slow-down a run */
	double noise_sd;                     /* of a run */
	uint64_t now_us, run_us;
	unsigned runs;
	double stuck_share, invalid_share;   /* of runs: at 30 % without a reason; disturbed */
	double gross_share;                  /* of runs: so late that they say nothing, and slow */
	int64_t wmem_max, tcp_rmem;          /* tcp_rmem: the base's maximum, of model_bulk */
	double effect;                       /* log-ratio, of models that have one */
	unsigned lucky_runs;                 /* left, of models that have them */
	int fail_base;                       /* errno of every baseline run */
	unsigned stop_after;                 /* runs */
	volatile int stop;
};

void simulation_start(struct simulation *, double (*model)(struct simulation *, const struct arm *, struct trial *), uint64_t seed);
struct runner simulation_runner(struct simulation *, bool lower_is_better);
/* A plan over the simulation's clock that varies `list`. */
void simulation_plan(struct simulation *, struct tune_plan *, const char *list, uint64_t seed);
/* Of the client's spec or the arm's sysctl (its last number); `missing` where it is not set. */
int64_t arm_number(const struct arm *, enum option_id, int64_t missing);
int64_t arm_maximum(const struct arm *, const char *sysctl, int64_t missing);

double model_flat(struct simulation *, const struct arm *, struct trial *);          /* nothing helps */
double model_nodelay(struct simulation *, const struct arm *, struct trial *);       /* nodelay is worth `effect` */
double model_window(struct simulation *, const struct arm *, struct trial *);        /* rcvbuf is, and the kernel says it was no limit */
double model_bulk(struct simulation *, const struct arm *, struct trial *);          /* 1 Gbit/s x 40 ms, tcp_wmem max 4 MB */
#endif
