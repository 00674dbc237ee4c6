/* What held a run back: shares of time, compared with what is too little to matter. */
#include "lab/cause.h"
#include <math.h>
#include <stdio.h>

static const double little_share = 0.15;

static const struct {
	const char *text, *measure, *of;
	double least; /* a smaller share is noise */
} causes[CAUSES] = {
	[CAUSE_NONE] = {"nothing", "", "", 0},
	[CAUSE_SNDBUF] = {"the send buffer", "full and all in flight", "of the time", 0.05},
	[CAUSE_RWND] = {"the peer's receive window", "rwnd_limited", "of the busy time", 0.05},
	[CAUSE_NAGLE] = {"Nagle waiting for a delayed acknowledgement", "stalls at", "of the requests", 0.05},
	[CAUSE_LOSS] = {"lost segments", "retransmitted", "of the segments", 0.0002},
	[CAUSE_CONGESTION] = {"the path, which is full", "", "", 0},
	[CAUSE_UNKNOWN] = {"unknown", "", "", 0},
};

const char *tune_cause_text(enum tune_cause cause)
{
	return (unsigned)cause < CAUSES ? causes[cause].text : "unknown";
}

const struct evidence evidence_none = {
	.busy_us = NAN,
	.rwnd_limited_us = NAN,
	.sndbuf_limited_us = NAN,
	.sndbuf_full_share = NAN,
	.retransmits = NAN,
	.rtt_us = NAN,
	.min_rtt_us = NAN,
	.cwnd_segs = NAN,
	.link_drops = NAN,
	.link_losses = NAN,
	.lateness_p99_us = NAN,
	.nagle_stalls = NAN,
};

static void mean_add(double *mean, unsigned runs_before, double value)
{
	if (isnan(*mean))
		*mean = value;
	else if (!isnan(value))
		*mean += (value - *mean) / (runs_before + 1);
}

void evidence_add(struct evidence *mean, unsigned runs_before, const struct evidence *one)
{
	mean->have_sender |= one->have_sender;
	mean->sender = one->have_sender ? one->sender : mean->sender;
	mean_add(&mean->busy_us, runs_before, one->busy_us);
	mean_add(&mean->rwnd_limited_us, runs_before, one->rwnd_limited_us);
	mean_add(&mean->sndbuf_limited_us, runs_before, one->sndbuf_limited_us);
	mean_add(&mean->sndbuf_full_share, runs_before, one->sndbuf_full_share);
	mean_add(&mean->retransmits, runs_before, one->retransmits);
	mean_add(&mean->rtt_us, runs_before, one->rtt_us);
	mean_add(&mean->min_rtt_us, runs_before, one->min_rtt_us);
	mean_add(&mean->cwnd_segs, runs_before, one->cwnd_segs);
	mean_add(&mean->link_drops, runs_before, one->link_drops);
	mean_add(&mean->link_losses, runs_before, one->link_losses);
	mean_add(&mean->lateness_p99_us, runs_before, one->lateness_p99_us);
	mean_add(&mean->nagle_stalls, runs_before, one->nagle_stalls);
	for (int host = 0; host < HOSTS; host++)
		mean->counters[host] = one->counters[host];
}

static double segments_sent(const struct evidence *evidence)
{
	double most = 0;

	for (int host = 0; host < HOSTS; host++)
		if (evidence->counters[host].have >> HOST_FACT_out_segs & 1)
			most = fmax(most, (double)evidence->counters[host].out_segs);
	return most;
}

double cause_share(const struct evidence *evidence, enum tune_cause cause)
{
	switch (cause) {
	case CAUSE_SNDBUF:
		return fmax(evidence->busy_us > 0 ? evidence->sndbuf_limited_us / evidence->busy_us : NAN,
			    evidence->sndbuf_full_share);
	case CAUSE_RWND:
		return evidence->busy_us > 0 ? evidence->rwnd_limited_us / evidence->busy_us : NAN;
	case CAUSE_NAGLE:
		return evidence->nagle_stalls > 1 ? 1 : evidence->nagle_stalls;
	case CAUSE_LOSS:
		return segments_sent(evidence) > 0 ? evidence->retransmits / segments_sent(evidence) : NAN;
	default:
		return NAN;
	}
}

bool cause_limits(const struct evidence *evidence, enum tune_cause cause)
{
	return cause_share(evidence, cause) >= little_share;
}

bool cause_spares(const struct evidence *evidence, enum tune_cause cause)
{
	return cause_share(evidence, cause) < little_share;
}

static bool evidence_known(const struct evidence *evidence)
{
	return evidence->busy_us > 0 || !isnan(evidence->nagle_stalls) || !isnan(evidence->retransmits);
}

enum tune_cause cause_of(const struct evidence *evidence, double *ret_share)
{
	static const enum tune_cause by_share[] = {CAUSE_SNDBUF, CAUSE_RWND, CAUSE_NAGLE};
	enum tune_cause most = CAUSE_NONE;

	*ret_share = 0;
	for (unsigned i = 0; i < sizeof by_share / sizeof *by_share; i++) {
		double share = cause_share(evidence, by_share[i]);

		if (share >= causes[by_share[i]].least && share > *ret_share) {
			most = by_share[i];
			*ret_share = share;
		}
	}
	if (most != CAUSE_NONE)
		return most;
	if (evidence->link_losses > 0 && cause_share(evidence, CAUSE_LOSS) >= causes[CAUSE_LOSS].least) {
		*ret_share = cause_share(evidence, CAUSE_LOSS);
		return CAUSE_LOSS;
	}
	if (evidence->link_drops > 0)
		return CAUSE_CONGESTION;
	return evidence_known(evidence) ? CAUSE_NONE : CAUSE_UNKNOWN;
}

int cause_share_text(enum tune_cause cause, double share, char *text, size_t size)
{
	if (isnan(share) || !*causes[cause].measure)
		return snprintf(text, size, "%s", tune_cause_text(cause));
	return snprintf(text, size, "%s %.*f %% %s", causes[cause].measure, share < 0.01 && share > 0 ? 2 : 0,
			100 * share, causes[cause].of);
}
