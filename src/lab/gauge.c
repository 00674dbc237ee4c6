/* Readings before and after, and their difference. Knows no workload. */
#include "lab/gauge.h"
#include "base/error.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int host_open(struct gauge *gauge, enum host host, struct sockctl_error *error)
{
	int code = world_enter(gauge->world, host);

	if (code)
		return error_set(error, code, "enter",
				 host == HOST_CLIENT ? "client's namespace" : "server's namespace", NULL);
	code = counters_open(&gauge->counters[host]);
	if (code)
		return error_set(error, code, "open", "/proc/thread-self/net/netstat", NULL);
	if (host == HOST_SERVER)
		listening_open(&gauge->listening);
	return netlink_open(&gauge->diag[host], error);
}

int gauge_open(struct gauge *gauge, const struct world *world, struct sockctl_error *error)
{
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int code = 0;

	if (home < 0)
		return error_set(error, -errno, "open", "/proc/thread-self/ns/net", NULL);
	*gauge = (struct gauge){world, {{-1, -1}, {-1, -1}}, {NULL, NULL}, {{-1, -1, -1, -1}}};
	for (enum host host = 0; !code && host < HOSTS; host++)
		code = host_open(gauge, host, error);
	if (setns(home, CLONE_NEWNET) && !code)
		code = error_set(error, -errno, "setns", "the own namespace", NULL);
	close(home);
	if (code)
		gauge_close(gauge);
	return code;
}

void gauge_close(struct gauge *gauge)
{
	for (enum host host = 0; host < HOSTS; host++) {
		counters_close(&gauge->counters[host]);
		netlink_close(gauge->diag[host]);
		gauge->diag[host] = NULL;
	}
	listening_close(&gauge->listening);
	gauge->world = NULL;
}

int gauge_read(const struct gauge *gauge, struct gauge_reading *reading)
{
	int code = 0;

	for (enum host host = 0; !code && host < HOSTS; host++)
		code = counters_sample(&gauge->counters[host], &reading->counters[host]);
	world_link_stats(gauge->world, &reading->link);
	return code;
}

static double both_ways(const uint64_t before[2], const uint64_t after[2])
{
	return (double)(after[0] - before[0]) + (double)(after[1] - before[1]);
}

void evidence_of_hosts(struct evidence *evidence, const struct gauge_reading *before, const struct gauge_reading *after)
{
	for (enum host host = 0; host < HOSTS; host++) {
		evidence->counters[host] = after->counters[host];
		host_fact_subtract(&evidence->counters[host], &before->counters[host]);
	}
	evidence->link_drops = both_ways(before->link.queue_drops, after->link.queue_drops);
	evidence->link_losses = both_ways(before->link.losses, after->link.losses);
	evidence->lateness_p99_us = link_lateness_us(&before->link, &after->link, 0.99);
}

static double fact_now(const struct tcp_fact *fact, enum tcp_fact_id id, uint64_t value)
{
	return tcp_fact_has(fact, id) ? (double)value : NAN;
}

/* `before` may be empty: of a connection that was seen from its start, everything is counted. */
#define FACT_NOW(fact, name) fact_now(fact, TCP_FACT_##name, (fact)->name)
#define FACT_GROWN(before, after, name) (FACT_NOW(after, name) - (double)(before)->name)

void evidence_of_sender(struct evidence *evidence, enum host sender, const struct tcp_fact *before,
			const struct tcp_fact *after)
{
	evidence->have_sender = true;
	evidence->sender = sender;
	evidence->busy_us = FACT_GROWN(before, after, busy_time_us);
	evidence->rwnd_limited_us = FACT_GROWN(before, after, rwnd_limited_us);
	evidence->sndbuf_limited_us = FACT_GROWN(before, after, sndbuf_limited_us);
	evidence->retransmits = FACT_GROWN(before, after, retrans_total_segs);
	evidence->rtt_us = FACT_NOW(after, rtt_us);
	evidence->min_rtt_us = FACT_NOW(after, min_rtt_us);
	evidence->cwnd_segs = FACT_NOW(after, cwnd_segs);
}

bool evidence_is_calm(const struct evidence *evidence, const struct path *path, char *why, size_t size)
{
	double allowed_us = 0.05 * (double)path_rtt_us(path);

	if (allowed_us <= 0 || !(evidence->lateness_p99_us > allowed_us))
		return true;
	snprintf(why, size, "the link was late: p99 %.0f us, %.0f us allowed (5 %% of the round trip)",
		 evidence->lateness_p99_us, allowed_us);
	return false;
}
