/* Differences, and a few questions about them. */
#include "doctor/flow.h"
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include "doctor/address.h"
#include "doctor/amount.h"

const char flow_untold[] =
	"its round trips, or what it sent and waited for, are not told: an older kernel, or no round trip was measured yet";

bool flow_is_open(const struct socket_fact *socket)
{
	return socket->protocol == IPPROTO_TCP &&
	       (socket->state == TCP_ESTABLISHED || socket->state == TCP_CLOSE_WAIT) && socket->inode;
}

bool flow_read(const struct exam *exam, struct flow *ret)
{
	const struct {
		enum past_id id;
		double *to;
	} deltas[] = {
		{PAST_busy_time_us, &ret->busy_us},
		{PAST_rwnd_limited_us, &ret->rwnd_limited_us},
		{PAST_sndbuf_limited_us, &ret->sndbuf_limited_us},
		{PAST_bytes_sent, &ret->sent_bytes},
		{PAST_bytes_acked, &ret->acked_bytes},
		{PAST_bytes_received, &ret->received_bytes},
		{PAST_data_segs_out, &ret->data_segs},
		{PAST_retrans_total_segs, &ret->retrans_segs},
		{PAST_dsack_dups, &ret->dsack_dups},
	};
	const struct tcp_fact *tcp = &exam->now->tcp;
	uint64_t delta;

	for (unsigned i = 0; i < sizeof deltas / sizeof *deltas; i++) {
		if (!exam_delta(exam, deltas[i].id, &delta))
			return false;
		*deltas[i].to = (double)delta;
	}
	ret->seconds = exam_seconds(exam);
	ret->path_us = (double)tcp->min_rtt_us;
	ret->rtt_us = (double)tcp->rtt_us;
	ret->least_rtt_us = ret->most_rtt_us = ret->rtt_us;
	if (exam_past(exam, PAST_rtt_us, &delta)) {
		ret->least_rtt_us = fmin(ret->rtt_us, (double)delta);
		ret->most_rtt_us = fmax(ret->rtt_us, (double)delta);
	}
	ret->rate_bytes_per_s = ret->busy_us > 0 ? ret->acked_bytes / ret->busy_us * 1e6 : 0;
	return tcp_fact_has(tcp, TCP_FACT_min_rtt_us) && tcp_fact_has(tcp, TCP_FACT_rtt_us) &&
	       tcp->min_rtt_us < UINT32_MAX; /* ~0: nothing was measured yet */
}

bool flow_is_busy(const struct flow *flow)
{
	return flow->busy_us >= flow->seconds * 1e6 / 5;
}

bool flow_path_is_empty(const struct flow *flow)
{
	return flow->least_rtt_us <= 1.3 * flow->path_us + 1000;
}

void flow_limit_tell(const struct flow *flow, const char *key, double limited_us, struct text *evidence,
		     struct finding *finding)
{
	text_add(evidence, "for %.0f %% of the %s in which it had data to send in %.1f s, ",
		 100 * limited_us / flow->busy_us, amount(MEASURE_TIME, flow->busy_us).text, flow->seconds);
	finding_number(finding, "busy_us", (uint64_t)flow->busy_us);
	finding_number(finding, key, (uint64_t)limited_us);
}

void flow_rate_tell(const struct flow *flow, struct text *evidence, struct finding *finding)
{
	text_add(evidence, "; %s over an RTT of %s", amount(MEASURE_RATE, 8 * flow->rate_bytes_per_s).text,
		 amount(MEASURE_TIME, flow->rtt_us).text);
	finding_number(finding, "rtt_us", (uint64_t)flow->rtt_us);
	finding_number(finding, "rate_bytes_per_s", (uint64_t)flow->rate_bytes_per_s);
}

bool flow_is_local(const struct exam *exam)
{
	const struct socket_fact *socket = exam->now;
	struct address here = address_of(socket->family, socket->source),
		       peer = address_of(socket->family, socket->destination);

	return address_is_loopback(&peer) || address_equal(&here, &peer) ||
	       (exam->host->here && addresses_have(exam->host->here, &peer));
}

bool flow_backs_off_on_loss(const struct socket_fact *socket)
{
	return socket->known & KNOWN_CONGESTION &&
	       (!strcmp(socket->congestion, "cubic") || !strcmp(socket->congestion, "reno"));
}
