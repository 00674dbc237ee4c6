/* A trial: one run of a workload under one arm, and the evidence of what held it back. Plain data, and who can run one. */
#ifndef LAB_TRIAL_H
#define LAB_TRIAL_H
#include <stdbool.h>
#include "fact/host_fact.h"
#include "fact/tcp_fact.h"
#include "lab/world.h"

enum { ARM_SYSCTLS = 8 };
struct arm_sysctl {
	char name[48];                       /* "net/ipv4/tcp_wmem" */
	char value[64];                      /* "4096 16384 16777216" */
};

/* A spec for each host, and sysctls of both namespaces. */
struct arm {
	struct sockctl_spec spec[HOSTS];
	unsigned sysctls;
	struct arm_sysctl sysctl[ARM_SYSCTLS];
};

struct metric {
	const char *name;                    /* with its unit: "goodput_bps", "latency_p50_us", "requests_per_s", "wall_time_us" */
	bool lower_is_better;
};

/* Where the time went, over the measured part of the run. The sender is the side that sent more. Times in us, NaN where unknown. */
struct evidence {
	bool have_sender;
	enum host sender;
	double busy_us, rwnd_limited_us, sndbuf_limited_us;      /* the kernel's clocks */
	/* Share of samples, 0 to 1, in which the send buffer was full and all of it in flight: the kernel's own clock stands
	 * still unless a send empties the queue (net/ipv4/tcp_output.c tcp_cwnd_validate), and so sees little of it. */
	double sndbuf_full_share;
	double retransmits, rtt_us, min_rtt_us, cwnd_segs;
	struct host_fact counters[HOSTS];    /* differences */
	double link_drops, link_losses;
	double lateness_p99_us;              /* of the emulated link */
	double nagle_stalls;                 /* delayed acknowledgements at the receiver per request of the sender; NaN if not applicable */
};

struct trial {
	double value;                        /* of the metric */
	bool valid;                          /* false: the machine disturbed it, on every attempt */
	unsigned retries;                    /* runs before this one that were disturbed, and thrown away */
	char why_invalid[96];
	struct evidence evidence;
	struct sockctl_report report[HOSTS]; /* count 0 where none is known */
	uint64_t samples;                    /* requests, bytes... behind the value */
};

/* What can run trials: a built-in workload, a pair of commands, a simulation. */
struct runner {
	struct metric metric;
	/* 0, or -errno with `error` when no run of this arm can succeed (-ECANCELED: interrupted) */
	int (*run)(void *context, const struct arm *, struct trial *ret, struct sockctl_error *);
	void *context;
	unsigned *retries;                   /* of a disturbed trial, at most: the caller's to change; NULL: it has none */
};
#endif
