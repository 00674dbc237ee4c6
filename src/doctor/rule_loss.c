/* Rules about what the path does with packets: losing them, or queueing them. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "doctor/amount.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

enum { SSTHRESH_NEVER_SET = 0x7fffffff };

/* The start of a connection ends in a burst of losses that says nothing of the path. It is over once so many round trips'
 * data had arrived at the first look, and slow start too. */
static bool is_young(const struct exam *exam, const struct flow *flow)
{
	const double trips = 10;
	uint64_t ssthresh, acked;

	return !exam_past(exam, PAST_ssthresh_segs, &ssthresh) || !exam_past(exam, PAST_bytes_acked, &acked) ||
	       ssthresh >= SSTHRESH_NEVER_SET || (double)acked < trips * flow->rate_bytes_per_s * flow->path_us / 1e6;
}

/* What the RTT of both looks says of the queues on the way. */
enum queues { QUEUES_EMPTY, QUEUES_FULL, QUEUES_CHANGED, QUEUES_UNTOLD };

/* Small messages and their answers: the smoothed RTT holds what the peer takes to think and to delay its acknowledgement,
 * and so few segments fill no queue. */
static bool has_little_in_flight(const struct exam *exam, const struct flow *flow)
{
	const double few = 4, mss = (double)exam->now->tcp.mss_bytes;

	return flow->sent_bytes < flow->data_segs * mss / 2 || flow->rate_bytes_per_s * flow->rtt_us / 1e6 < few * mss;
}

static enum queues queues_of(const struct exam *exam, const struct flow *flow)
{
	const double empty = 1.5, full = 2;

	if (flow->most_rtt_us <= empty * flow->path_us + 1000)
		return QUEUES_EMPTY;
	if (has_little_in_flight(exam, flow))
		return QUEUES_UNTOLD;
	return flow->least_rtt_us >= full * flow->path_us ? QUEUES_FULL : QUEUES_CHANGED;
}

static double loss_share(const struct flow *flow)
{
	double lost = flow->retrans_segs - flow->dsack_dups;

	return flow->data_segs > 0 && lost > 0 ? lost / flow->data_segs : 0;
}

static bool needless(const struct flow *flow)
{
	return flow->dsack_dups >= flow->retrans_segs / 2;
}

/* Whose fault, and what can be done about it. */
enum fault { FAULT_NEEDLESS, FAULT_LINK, FAULT_QUEUE, FAULT_UNTOLD, FAULT_UNCLEAR };
static const struct {
	const char *verdict, *advice;
} faults[] = {
	[FAULT_NEEDLESS] =
		{"so most were not lost: they came out of order, or late",
		 "nothing was lost: packets overtake each other (several links that are used in turn, a queue for each CPU), or the RTT "
		 "jumps; see to the path, no setting of this socket mends it"},
	[FAULT_LINK] =
		{"so the path loses them without being full",
		 "no queue is full: a faulty link, a duplex mismatch, a policer, or a queue that is far too short; "
		 "`sockctl path loss=...` shows what it costs a program"},
	[FAULT_QUEUE] = {"so a queue on the way is full, and drops them",
			 "fewer connections at once, pacing (cc=bbr, max-pacing-rate), or a faster link"},
	[FAULT_UNTOLD] =
		{"it has too little in flight to fill a queue, and its RTT holds the peer's time to answer too: whether "
		 "the link loses them or others fill a queue is not told",
		 "it is not this connection that causes them: see whether others fill the path (bufferbloat), else look for a "
		 "faulty link or a policer"},
};

static enum fault fault_of(const struct exam *exam, const struct flow *flow)
{
	static const enum fault of_queues[] = {[QUEUES_EMPTY] = FAULT_LINK,
					       [QUEUES_FULL] = FAULT_QUEUE,
					       [QUEUES_CHANGED] = FAULT_UNCLEAR,
					       [QUEUES_UNTOLD] = FAULT_UNTOLD};

	return needless(flow) ? FAULT_NEEDLESS : of_queues[queues_of(exam, flow)];
}

static void retransmission_evidence(const struct exam *exam, const struct flow *flow, enum fault fault,
				    struct finding *finding)
{
	struct text evidence = TEXT(finding->evidence);

	text_add(&evidence, "%.0f of %.0f segments were sent again in %.1f s (%.1f %%)", flow->retrans_segs,
		 flow->data_segs, flow->seconds, 100 * flow->retrans_segs / flow->data_segs);
	text_add(&evidence, "; the peer says that %.0f of these had arrived already (DSACK)", flow->dsack_dups);
	text_add(&evidence, "; RTT %s, at least %s; ", amount(MEASURE_TIME, flow->rtt_us).text,
		 amount(MEASURE_TIME, flow->path_us).text);
	text_add(&evidence, "%s", faults[fault].verdict);
	finding_number(finding, "retrans_segs", (uint64_t)flow->retrans_segs);
	finding_number(finding, "data_segs", (uint64_t)flow->data_segs);
	finding_number(finding, "dsack_dups", (uint64_t)flow->dsack_dups);
	finding_number(finding, "rtt_us", (uint64_t)flow->rtt_us);
	finding_number(finding, "min_rtt_us", (uint64_t)flow->path_us);
	finding_number(finding, "rto_us", exam->now->tcp.rto_us);
	finding->weight = flow->retrans_segs;
}

/* On short paths a busy CPU is late enough for a needless retransmission. A sender that fills a queue has to lose some. */
static bool retransmits_much(const struct exam *exam, const struct flow *flow)
{
	const double least = 10, usual = 0.02, of_full = 0.05;
	double count = flow->path_us < FLOW_FAR_US ? flow->retrans_segs - flow->dsack_dups : flow->retrans_segs;
	double share = queues_of(exam, flow) == QUEUES_FULL ? of_full : usual;

	return count >= least && count >= share * flow->data_segs;
}

enum opinion rule_retransmissions(const struct exam *exam, struct finding *finding)
{
	struct flow flow;
	enum fault fault;

	if (!flow_is_open(exam->now) || flow_is_local(exam) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow))
		return rule_unknown(finding, "%s", flow_untold);
	if (is_young(exam, &flow) || !retransmits_much(exam, &flow))
		return OPINION_HEALTHY;
	fault = fault_of(exam, &flow);
	if (fault == FAULT_UNCLEAR)
		return rule_unknown(
			finding,
			"many segments were sent again, but the RTT tells not whether a queue was full then: a longer --for may");
	retransmission_evidence(exam, &flow, fault, finding);
	snprintf(finding->fix.advice, sizeof finding->fix.advice, "%s", faults[fault].advice);
	return OPINION_SICK;
}

/* Mathis, Semke, Mahdavi and Ott 1997: no more than 1.22 segments a round trip by the square root of the loss share. */
static double loss_bound_bytes_per_s(const struct exam *exam, const struct flow *flow)
{
	return 1.22 * (double)exam->now->tcp.mss_bytes / (flow->rtt_us / 1e6) / sqrt(loss_share(flow));
}

static bool loss_explains_rate(const struct exam *exam, const struct flow *flow)
{
	double bound = loss_bound_bytes_per_s(exam, flow);

	return flow->rate_bytes_per_s < 2 * bound && flow->rate_bytes_per_s > bound / 4;
}

static bool has_word(const struct sysctl_fact *fact, const char *word)
{
	return fact->known && text_has_word(fact->text, word, strlen(word));
}

static void congestion_fix(const struct exam *exam, struct fix *fix)
{
	const struct sysctl_fact *facts = exam->host->sysctls.fact;

	if (has_word(&facts[SYSCTL_congestion_available], "bbr") || has_word(&facts[SYSCTL_congestion_allowed], "bbr"))
		snprintf(fix->spec, sizeof fix->spec, "cc=bbr");
	snprintf(
		fix->advice, sizeof fix->advice, "%s",
		has_word(&facts[SYSCTL_congestion_allowed], "bbr") ?
			"every user may choose bbr here (net.ipv4.tcp_allowed_congestion_control)" :
		has_word(&facts[SYSCTL_congestion_available], "bbr") ?
			"bbr is loaded, but is not in net.ipv4.tcp_allowed_congestion_control: it takes CAP_NET_ADMIN" :
			"bbr, which does not take every loss for congestion, is not loaded here: modprobe tcp_bbr, then cc=bbr");
}

/* Connections that share a full path lose packets too, and Mathis' bound holds of them as well: only an RTT that stays at its
 * least tells the two apart, so it must not move by more than a jitter. */
enum opinion rule_cubic_on_loss(const struct exam *exam, struct finding *finding)
{
	const double least = 8, smallest = 0.001, largest = 0.1;
	struct flow flow;
	double share;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !(exam->now->known & KNOWN_CONGESTION))
		return rule_unknown(finding, "%s", flow_untold);
	share = loss_share(&flow);
	if (!flow_backs_off_on_loss(exam->now) || flow.path_us < 5 * FLOW_FAR_US || flow.busy_us < flow.seconds * 5e5 ||
	    is_young(exam, &flow) || flow.retrans_segs < least || needless(&flow) || share < smallest ||
	    share > largest || flow.most_rtt_us > 1.15 * flow.path_us + 1000 ||
	    flow.rwnd_limited_us + flow.sndbuf_limited_us > flow.busy_us / 4 || !loss_explains_rate(exam, &flow))
		return OPINION_HEALTHY;
	snprintf(
		finding->evidence, sizeof finding->evidence,
		"%s at %s: %.0f of %.0f segments lost in %.1f s (%.2f %%) over an RTT of %s (at least %s: no queue is full); "
		"so many losses allow about %s (Mathis 1997)",
		exam->now->congestion, amount(MEASURE_RATE, 8 * flow.rate_bytes_per_s).text,
		flow.retrans_segs - flow.dsack_dups, flow.data_segs, flow.seconds, 100 * share,
		amount(MEASURE_TIME, flow.rtt_us).text, amount(MEASURE_TIME, flow.path_us).text,
		amount(MEASURE_RATE, 8 * loss_bound_bytes_per_s(exam, &flow)).text);
	finding_number(finding, "retrans_segs", (uint64_t)flow.retrans_segs);
	finding_number(finding, "data_segs", (uint64_t)flow.data_segs);
	finding_number(finding, "rate_bytes_per_s", (uint64_t)flow.rate_bytes_per_s);
	finding_number(finding, "bound_bytes_per_s", (uint64_t)loss_bound_bytes_per_s(exam, &flow));
	finding_number(finding, "rtt_us", (uint64_t)flow.rtt_us);
	finding->weight = flow.acked_bytes;
	congestion_fix(exam, &finding->fix);
	return OPINION_SICK;
}

static double in_flight_bytes(const struct exam *exam)
{
	return (double)(exam->now->tcp.unacked_segs * exam->now->tcp.mss_bytes);
}

/* In flight beyond what the path itself holds: it waits in a queue. */
static double queued_bytes(const struct exam *exam, const struct flow *flow)
{
	return in_flight_bytes(exam) - flow->rate_bytes_per_s * flow->path_us / 1e6;
}

/* At both looks the RTT was several times the path's, and the connection filled it itself: it has as much in flight as
 * its own rate and that delay come to. Both hold only of what still moves: the window went through twice between the looks. */
static bool is_bloated(const struct exam *exam, const struct flow *flow)
{
	const double times = 4, least_us = 100000;
	double delay_us = flow->least_rtt_us - flow->path_us;

	return flow->acked_bytes > 0 && flow->acked_bytes >= 2 * in_flight_bytes(exam) &&
	       flow->least_rtt_us >= times * flow->path_us && delay_us >= least_us &&
	       queued_bytes(exam, flow) >= 0.5 * flow->rate_bytes_per_s * delay_us / 1e6;
}

static void bloat_fix(const struct exam *exam, const struct flow *flow, struct fix *fix)
{
	const uint64_t much = 262144;
	uint64_t rate_kbps = (uint64_t)(8 * flow->rate_bytes_per_s / 1000 * 0.9),
		 notsent = exam->now->tcp.notsent_bytes;
	struct text advice = TEXT(fix->advice);

	if (flow_backs_off_on_loss(exam->now))
		congestion_fix(exam, fix);
	advice.length = *fix->advice ? strlen(fix->advice) : 0;
	text_add(&advice,
		 "%sthe queue is at the slowest link: fq_codel or cake there; or max-pacing-rate=%" PRIu64
		 "kbit here, a little below what goes through",
		 advice.length ? "; " : "", rate_kbps ? rate_kbps : 1);
	if (notsent < much)
		return;
	snprintf(fix->spec + strlen(fix->spec), sizeof fix->spec - strlen(fix->spec), "%snotsent-lowat=128K",
		 *fix->spec ? "," : "");
}

enum opinion rule_bufferbloat(const struct exam *exam, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct text evidence = TEXT(finding->evidence);
	struct flow flow;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !tcp_fact_has(tcp, TCP_FACT_notsent_bytes))
		return rule_unknown(finding, "%s", flow_untold);
	if (flow.busy_us < flow.seconds * 5e5 || !is_bloated(exam, &flow))
		return OPINION_HEALTHY;
	text_add(
		&evidence,
		"RTT %s, where the path takes %s; %s of it is a queue, and this connection fills it: %s in flight at %s",
		amount(MEASURE_TIME, flow.rtt_us).text, amount(MEASURE_TIME, flow.path_us).text,
		amount(MEASURE_TIME, flow.rtt_us - flow.path_us).text, amount(MEASURE_SIZE, in_flight_bytes(exam)).text,
		amount(MEASURE_RATE, 8 * flow.rate_bytes_per_s).text);
	if (tcp->notsent_bytes)
		text_add(&evidence, "; %s more wait in its send buffer, another %s",
			 amount(MEASURE_SIZE, (double)tcp->notsent_bytes).text,
			 amount(MEASURE_TIME, 1e6 * (double)tcp->notsent_bytes / flow.rate_bytes_per_s).text);
	finding_number(finding, "rtt_us", (uint64_t)flow.rtt_us);
	finding_number(finding, "min_rtt_us", (uint64_t)flow.path_us);
	finding_number(finding, "in_flight_bytes", (uint64_t)in_flight_bytes(exam));
	finding_number(finding, "notsent_bytes", tcp->notsent_bytes);
	finding_number(finding, "rate_bytes_per_s", (uint64_t)flow.rate_bytes_per_s);
	finding->weight = flow.rtt_us - flow.path_us;
	bloat_fix(exam, &flow, &finding->fix);
	return OPINION_SICK;
}
