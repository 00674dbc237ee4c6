/* Rules about how long it takes to notice that a peer is gone: keepalive and user-timeout. A peer on this host cannot
 * vanish silently: the kernel closes its end. */
#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include "base/text.h"
#include "doctor/amount.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

enum { TIMER_NONE = 0, TIMER_KEEPALIVE = 2 /* idiag_timer */ };

/* What the peer's death is noticed by; a count or interval that is not set is the sysctl's already, as getsockopt tells. */
struct watch {
	int64_t keepalive, idle_s, interval_s, count, user_timeout_ms;
};

static bool watch_read(const struct exam *exam, struct watch *ret)
{
	return exam_option(exam, OPTION_keepalive, &ret->keepalive) &&
	       exam_option(exam, OPTION_keepalive_idle, &ret->idle_s) &&
	       exam_option(exam, OPTION_keepalive_interval, &ret->interval_s) &&
	       exam_option(exam, OPTION_keepalive_count, &ret->count) &&
	       exam_option(exam, OPTION_user_timeout, &ret->user_timeout_ms);
}

static bool is_remote(const struct exam *exam)
{
	return flow_is_open(exam->now) && !flow_is_local(exam);
}

/* Silent in both directions; false as well if the kernel does not tell. */
static uint64_t silent_us(const struct socket_fact *socket)
{
	const struct tcp_fact *tcp = &socket->tcp;
	uint64_t ms = tcp->last_data_sent_ms;

	ms = tcp->last_data_received_ms < ms ? tcp->last_data_received_ms : ms;
	return 1000 * ms;
}

static bool silence_is_told(const struct socket_fact *socket)
{
	return tcp_fact_has(&socket->tcp, TCP_FACT_last_data_sent_ms) &&
	       tcp_fact_has(&socket->tcp, TCP_FACT_last_data_received_ms);
}

static bool is_long_idle(const struct exam *exam)
{
	return silent_us(exam->now) >= exam->host->idle_us && !exam->now->wqueue_bytes;
}

static void keepalive_fix(struct fix *fix)
{
	fix_by_spec(
		fix, "keepalive=60s/15s/4,user-timeout=115s",
		"finds a peer that vanished within two minutes, with data in flight too, and keeps state alive in whatever forgets after "
		"four minutes or more");
}

/* No timer is pending on a connection with nothing to send: keepalive is off. The kernel tells that of everybody's sockets
 * (net/ipv4/inet_diag.c inet_sk_diag_fill()). */
enum opinion rule_keepalive_off(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;

	if (!is_remote(exam))
		return OPINION_NOT_ITS_CASE;
	if (!silence_is_told(socket))
		return rule_unknown(finding, "this kernel does not tell since when a connection is silent");
	if (!is_long_idle(exam) || socket->timer != TIMER_NONE)
		return OPINION_HEALTHY;
	snprintf(
		finding->evidence, sizeof finding->evidence,
		"nothing sent or received for %s, and no timer is set: if the peer vanishes without a word, nobody will notice",
		amount(MEASURE_TIME, (double)silent_us(socket)).text);
	finding_number(finding, "silent_us", silent_us(socket));
	finding->weight = (double)silent_us(socket);
	keepalive_fix(&finding->fix);
	return OPINION_SICK;
}

/* How long the kernel goes on before it gives up (net/ipv4/tcp_timer.c tcp_model_timeout()). */
static double give_up_seconds(const struct exam *exam)
{
	int64_t retries = 15, rto_max_ms = 120000;
	const double base = 0.2;
	double most, threshold;

	exam_sysctl(exam, SYSCTL_retries2, 0, &retries);
	exam_sysctl(exam, SYSCTL_rto_max, 0, &rto_max_ms);
	exam_option(exam, OPTION_rto_max, &rto_max_ms);
	most = (double)rto_max_ms / 1e3;
	threshold = floor(log2(most / base));
	if ((double)retries <= threshold)
		return (exp2((double)retries + 1) - 1) * base;
	return (exp2(threshold + 1) - 1) * base + ((double)retries - threshold) * most;
}

static void silent_peer_evidence(const struct exam *exam, const struct watch *watch, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct text evidence = TEXT(finding->evidence);

	text_add(&evidence,
		 "%" PRIu64 " segments in flight, %" PRIu64
		 " timeouts in a row without an answer, last heard of the peer %s ago; ",
		 tcp->unacked_segs, tcp->retransmits,
		 amount(MEASURE_TIME, 1e3 * (double)tcp->last_ack_received_ms).text);
	if (watch->keepalive)
		text_add(&evidence,
			 "keepalive is on (%" PRId64 "s/%" PRId64 "s/%" PRId64
			 "), but probes nothing while data is unacknowledged; ",
			 watch->idle_s, watch->interval_s, watch->count);
	text_add(
		&evidence,
		"user-timeout is not set: the kernel goes on for about %s (tcp_retries2), unless the program's own timeout ends it",
		amount(MEASURE_TIME, 1e6 * give_up_seconds(exam)).text);
	finding_number(finding, "unacked_segs", tcp->unacked_segs);
	finding_number(finding, "retransmits", tcp->retransmits);
	finding_number(finding, "last_ack_received_ms", tcp->last_ack_received_ms);
	finding_number(finding, "give_up_s", (uint64_t)give_up_seconds(exam));
	finding->weight = (double)tcp->last_ack_received_ms + 1;
}

/* Clients lose their network every day, and many programs end the waiting themselves, after a minute as a rule, which
 * cannot be seen: only a silence that outlasted such a timeout counts, or --idle, if that is less. */
static bool nobody_ends_the_waiting(const struct exam *exam)
{
	const uint64_t timeouts = 3, patience_us = 120 * 1000000;
	uint64_t least_us = exam->host->idle_us < patience_us ? exam->host->idle_us : patience_us;

	return exam->now->tcp.retransmits >= timeouts && 1000 * exam->now->tcp.last_ack_received_ms >= least_us;
}

enum opinion rule_user_timeout(const struct exam *exam, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct watch watch;
	uint64_t acked;

	if (!is_remote(exam) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!exam_delta(exam, PAST_bytes_acked, &acked) || !tcp_fact_has(tcp, TCP_FACT_retransmits) ||
	    !tcp_fact_has(tcp, TCP_FACT_last_ack_received_ms))
		return rule_unknown(finding, "this kernel does not tell what is acknowledged");
	if (acked || !tcp->unacked_segs || !nobody_ends_the_waiting(exam))
		return OPINION_HEALTHY;
	if (!watch_read(exam, &watch))
		return rule_unknown(finding,
				    "the peer does not answer, but whether user-timeout is set cannot be read");
	if (watch.user_timeout_ms)
		return OPINION_HEALTHY;
	silent_peer_evidence(exam, &watch, finding);
	if (!watch.keepalive || watch.idle_s > 600)
		keepalive_fix(&finding->fix);
	else
		snprintf(finding->fix.spec, sizeof finding->fix.spec, "user-timeout=%" PRId64 "s",
			 watch.idle_s + watch.interval_s * watch.count - (watch.interval_s + 1) / 2);
	return OPINION_SICK;
}

/* With user-timeout the count is not asked: the first probe that finds the time over, and another unanswered before it,
 * ends the connection (net/ipv4/tcp_timer.c tcp_keepalive_timer()). */
static int64_t probes_sent(const struct watch *watch)
{
	int64_t interval_ms = 1000 * watch->interval_s, rest_ms = watch->user_timeout_ms - 1000 * watch->idle_s;
	int64_t probes = (rest_ms + interval_ms - 1) / interval_ms;

	return rest_ms > 0 && probes > 1 ? probes : 1;
}

/* The usual two hours are nobody's choice. */
enum opinion rule_probe_count(const struct exam *exam, struct finding *finding)
{
	const int64_t chosen_s = 3600;
	struct watch watch;
	int64_t probes, wanted_s;

	if (!is_remote(exam))
		return OPINION_NOT_ITS_CASE;
	if (!watch_read(exam, &watch))
		return rule_unknown(
			finding,
			"keepalive and user-timeout of other users' sockets, or of closed ones, cannot be read");
	if (!watch.keepalive || !watch.user_timeout_ms || watch.idle_s >= chosen_s || watch.interval_s <= 0)
		return OPINION_HEALTHY;
	probes = probes_sent(&watch);
	if (2 * probes > watch.count && probes < 2 * watch.count)
		return OPINION_HEALTHY;
	wanted_s = watch.idle_s + watch.interval_s * watch.count;
	snprintf(finding->evidence, sizeof finding->evidence,
		 "keepalive=%" PRId64 "s/%" PRId64 "s/%" PRId64 " asks for %" PRId64 " probes, over after %" PRId64
		 " s; user-timeout=%s "
		 "ends the connection after %" PRId64 " unanswered, %" PRId64 " s",
		 watch.idle_s, watch.interval_s, watch.count, watch.count, wanted_s,
		 amount(MEASURE_TIME, 1e3 * (double)watch.user_timeout_ms).text, probes,
		 watch.idle_s + probes * watch.interval_s);
	finding_number(finding, "probes_asked", (uint64_t)watch.count);
	finding_number(finding, "probes_sent", (uint64_t)probes);
	finding_number(finding, "user_timeout_ms", (uint64_t)watch.user_timeout_ms);
	finding->severity = probes < watch.count ? SEVERITY_WARNING : SEVERITY_NOTE;
	finding->weight = probes < watch.count ? 1.0 / (double)probes : (double)probes;
	snprintf(finding->fix.spec, sizeof finding->fix.spec, "user-timeout=%" PRId64 "s",
		 wanted_s - (watch.interval_s + 1) / 2);
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"a little below idle + interval x count; user-timeout also bounds how long unacknowledged data may wait");
	return OPINION_SICK;
}

/* What on the way forgets a silent connection, and after how long unless it is told otherwise; the shortest first. */
static const struct middlebox {
	int64_t seconds;
	const char *name, *source;
} middleboxes[] = {
	{240, "Azure Load Balancer", "learn.microsoft.com/azure/load-balancer/load-balancer-tcp-idle-timeout"},
	{350, "AWS Network Load Balancer",
	 "docs.aws.amazon.com/elasticloadbalancing/latest/network/update-idle-timeout.html"},
	{600, "Google Cloud's VPC firewall", "cloud.google.com/compute/docs/troubleshooting"},
};
enum { MIDDLEBOXES = sizeof middleboxes / sizeof *middleboxes };

static bool is_link_local(const struct socket_fact *socket)
{
	const uint8_t *address = socket->destination;

	return socket->family == AF_INET ? address[0] == 169 && address[1] == 254 :
					   address[0] == 0xfe && (address[1] & 0xc0) == 0x80;
}

enum opinion rule_keepalive_slow(const struct exam *exam, struct finding *finding)
{
	struct text evidence = TEXT(finding->evidence);
	struct watch watch;

	if (!is_remote(exam) || is_link_local(exam->now))
		return OPINION_NOT_ITS_CASE;
	if (!silence_is_told(exam->now))
		return rule_unknown(finding, "this kernel does not tell since when a connection is silent");
	if (!is_long_idle(exam) || exam->now->timer != TIMER_KEEPALIVE)
		return OPINION_HEALTHY;
	if (!watch_read(exam, &watch))
		return rule_unknown(finding, "keepalive's times of other users' sockets cannot be read");
	if (!watch.keepalive || watch.idle_s < middleboxes[0].seconds)
		return OPINION_HEALTHY;
	text_add(&evidence,
		 "silent for %s; the first keepalive probe comes after %" PRId64
		 " s; sooner than that would forget it:",
		 amount(MEASURE_TIME, (double)silent_us(exam->now)).text, watch.idle_s);
	for (unsigned i = 0; i < MIDDLEBOXES && middleboxes[i].seconds <= watch.idle_s; i++)
		text_add(&evidence, "%s %s (%" PRId64 " s)", i ? "," : "", middleboxes[i].name, middleboxes[i].seconds);
	finding_number(finding, "silent_us", silent_us(exam->now));
	finding_number(finding, "keepalive_idle_s", (uint64_t)watch.idle_s);
	finding->weight = (double)watch.idle_s;
	fix_by_spec(
		&finding->fix, "keepalive=200s/20s/5",
		"only where something of the kind is on the way; the whole host: net.ipv4.tcp_keepalive_time, where the program sets no time");
	return OPINION_SICK;
}
