/* Rules about small writes: what is held back since it does not fill a segment. */
#include <inttypes.h>
#include <stdio.h>
#include "doctor/amount.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

/* With fewer looks, chance decides how many of them find a rest that comes and goes. */
enum { LOOKS_ENOUGH = 8 };

/* All looks at the connection: both, and those in between. */
static struct rests rests_of(const struct exam *exam)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct rests rests = exam->between ? *exam->between : (struct rests){0};
	uint64_t notsent, unacked;

	rests_add(&rests, rest_of(tcp->notsent_bytes, tcp->unacked_segs, tcp->mss_bytes));
	if (exam_past(exam, PAST_notsent_bytes, &notsent) && exam_past(exam, PAST_unacked_segs, &unacked))
		rests_add(&rests, rest_of(notsent, unacked, tcp->mss_bytes));
	return rests;
}

static void rests_tell(const struct rests *rests, enum rest kind, struct finding *finding)
{
	finding_number(finding, "looks", rests->looks);
	finding_number(finding, "looks_with_rest", rests->seen[kind]);
}

static bool segments_are_small(const struct exam *exam, const struct flow *flow)
{
	return flow->data_segs >= 4 && flow->sent_bytes / flow->data_segs < (double)exam->now->tcp.mss_bytes / 2;
}

/* Nagle's algorithm waits for the acknowledgement, and the peer delays that by 40 ms: much longer than the path takes. */
static bool acks_are_waited_for(const struct flow *flow)
{
	const double delay_us = 40000;

	return flow->busy_us / flow->data_segs >= flow->path_us / 2 + delay_us * 0.35 &&
	       flow->rtt_us >= flow->path_us + delay_us / 8;
}

/* Two looks catch a waiting part of a segment by chance only. More segments than answers may be messages in several writes;
 * as many are whole requests to a server that takes its time. */
static bool messages_are_split(const struct exam *exam, const struct flow *flow)
{
	uint64_t answers;

	return exam_delta(exam, PAST_data_segs_in, &answers) && flow->data_segs >= 1.5 * (double)answers;
}

/* For how long a rest waited, by the share of the looks that found one. For each segment, as each may have been one: of a
 * message in two writes it is half of what its end waits. */
static double held_us(const struct flow *flow, const struct rests *rests)
{
	return flow->seconds * 1e6 * rests->seen[REST_IN_FLIGHT] / rests->looks / flow->data_segs;
}

/* A delayed acknowledgement makes rests wait for longer than the path takes; on a long one its own changes would do so. */
static bool rests_wait_for_acks(const struct exam *exam, const struct flow *flow, const struct rests *rests)
{
	const double short_us = 20000, delay_us = 7000;

	if (flow->path_us >= short_us)
		return false;
	if (rests->looks >= LOOKS_ENOUGH)
		return rests->seen[REST_IN_FLIGHT] >= 2 && held_us(flow, rests) >= flow->path_us + delay_us;
	return acks_are_waited_for(flow) && (rests->seen[REST_IN_FLIGHT] || messages_are_split(exam, flow));
}

static void nagle_evidence(const struct flow *flow, const struct rests *rests, struct finding *finding)
{
	snprintf(
		finding->evidence, sizeof finding->evidence,
		"%.0f small segments (%.0f bytes on average) in %.1f s, each taking %s where the path takes %s (smallest RTT; "
		"smoothed: %s); at %u of %u looks a part of a segment waited for an acknowledgement; nodelay is off; %.0f retransmitted",
		flow->data_segs, flow->sent_bytes / flow->data_segs, flow->seconds,
		amount(MEASURE_TIME, flow->busy_us / flow->data_segs).text, amount(MEASURE_TIME, flow->path_us).text,
		amount(MEASURE_TIME, flow->rtt_us).text, rests->seen[REST_IN_FLIGHT], rests->looks, flow->retrans_segs);
	finding_number(finding, "data_segs", (uint64_t)flow->data_segs);
	finding_number(finding, "busy_us", (uint64_t)flow->busy_us);
	finding_number(finding, "min_rtt_us", (uint64_t)flow->path_us);
	finding_number(finding, "rtt_us", (uint64_t)flow->rtt_us);
	rests_tell(rests, REST_IN_FLIGHT, finding);
	finding->weight = flow->busy_us;
}

enum opinion rule_nagle(const struct exam *exam, struct finding *finding)
{
	int64_t nodelay, cork = 0;
	struct rests rests;
	struct flow flow;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !tcp_fact_has(&exam->now->tcp, TCP_FACT_notsent_bytes))
		return rule_unknown(finding, "%s", flow_untold);
	rests = rests_of(exam);
	if (!segments_are_small(exam, &flow) || flow.retrans_segs > flow.data_segs / 20 ||
	    !rests_wait_for_acks(exam, &flow, &rests))
		return OPINION_HEALTHY;
	if (!exam_option(exam, OPTION_nodelay, &nodelay))
		return rule_unknown(finding,
				    "small writes wait for acknowledgements, but whether nodelay is on cannot be read");
	if (nodelay || (exam_option(exam, OPTION_cork, &cork) && cork))
		return OPINION_HEALTHY;
	if (!rests.seen[REST_IN_FLIGHT])
		return rule_unknown(
			finding,
			"nodelay is off, and small segments take as long as a delayed acknowledgement, but at neither look a part of one waited: look again");
	nagle_evidence(&flow, &rests, finding);
	fix_by_spec(&finding->fix, "nodelay",
		    "or write a message with one call: writev(), or MSG_MORE on all parts but the last");
	return OPINION_SICK;
}

/* A corked rest waits until the retransmission timer would have run, 200 ms or more (include/net/tcp.h
 * tcp_check_probe_timer()). Nothing is in flight meanwhile: else it may be Nagle's, or the window's. */
static bool rests_wait(const struct flow *flow)
{
	const double wait_us = 150000;

	return flow->busy_us / (flow->data_segs > 1 ? flow->data_segs : 1) >= wait_us + flow->path_us;
}

enum opinion rule_cork(const struct exam *exam, struct finding *finding)
{
	struct rests rests;
	struct flow flow;
	int64_t cork;
	bool known;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !tcp_fact_has(&exam->now->tcp, TCP_FACT_notsent_bytes))
		return rule_unknown(finding, "%s", flow_untold);
	if (flow.retrans_segs > flow.data_segs / 5 || !rests_wait(&flow))
		return OPINION_HEALTHY;
	rests = rests_of(exam);
	known = exam_option(exam, OPTION_cork, &cork);
	if (known ? !cork : !rests.seen[REST_ALONE])
		return OPINION_HEALTHY;
	if (!known)
		return rule_unknown(
			finding,
			"a part of a segment waits with nothing in flight, but whether cork is on cannot be read");
	if (!rests.seen[REST_ALONE] && rests.looks >= LOOKS_ENOUGH)
		return OPINION_HEALTHY; /* what else it waited for */
	if (!rests.seen[REST_ALONE])
		return rule_unknown(
			finding,
			"cork is on, and segments wait as long as it may hold them, but at neither look a part of one waited: look again");
	snprintf(finding->evidence, sizeof finding->evidence,
		 "cork is on, and at %u of %u looks less than a segment waited with nothing in flight (%" PRIu64
		 " bytes when last looked at); %s of waiting for %.0f segments in %.1f s, where the path takes %s",
		 rests.seen[REST_ALONE], rests.looks, exam->now->tcp.notsent_bytes,
		 amount(MEASURE_TIME, flow.busy_us).text, flow.data_segs, flow.seconds,
		 amount(MEASURE_TIME, flow.path_us).text);
	finding_number(finding, "notsent_bytes", exam->now->tcp.notsent_bytes);
	finding_number(finding, "busy_us", (uint64_t)flow.busy_us);
	finding_number(finding, "data_segs", (uint64_t)flow.data_segs);
	rests_tell(&rests, REST_ALONE, finding);
	finding->weight = flow.busy_us;
	fix_by_spec(
		&finding->fix, "cork=off",
		"the program must switch TCP_CORK off after the last piece of a message; MSG_MORE on all pieces but the last does it by itself");
	return OPINION_SICK;
}
