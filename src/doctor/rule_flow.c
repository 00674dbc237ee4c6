/* Rules about what holds a sender back other than its buffer: the peer's window, idle times; and how its packets
 * are marked. */
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "doctor/amount.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

enum { TIMER_WINDOW_PROBE = 4 /* idiag_timer */ };

/* What the windows of both looks, and what went through, say of the peer. */
enum window {
	WINDOW_GROWING, /* its autotuning is at work */
	WINDOW_SMALL,   /* used up in every round trip */
	WINDOW_CLOSING, /* it opens only as the peer's program reads */
};

static enum window window_kind(const struct exam *exam, const struct flow *flow)
{
	const uint64_t large = 65536;
	uint64_t now = exam->now->tcp.snd_wnd_bytes, before = now, mss = exam->now->tcp.mss_bytes, most;

	exam_past(exam, PAST_snd_wnd_bytes, &before);
	if (now < 2 * mss || before < 2 * mss || exam->now->timer == TIMER_WINDOW_PROBE)
		return WINDOW_CLOSING;
	if (now > large && now > 2 * before)
		return WINDOW_GROWING;
	most = now > before ? now : before;
	return flow->rate_bytes_per_s * flow->path_us / 1e6 >= 0.5 * (double)most ? WINDOW_SMALL : WINDOW_CLOSING;
}

/* A small window on a path that is full costs nothing. */
static bool window_matters(const struct flow *flow, enum window kind)
{
	double share = flow->busy_us > 0 ? flow->rwnd_limited_us / flow->busy_us : 0;

	if (!flow_is_busy(flow) || kind == WINDOW_GROWING || flow->path_us < FLOW_FAR_US)
		return false;
	return kind == WINDOW_SMALL ? share >= 0.2 && flow_path_is_empty(flow) : share >= 0.5;
}

static void window_evidence(const struct exam *exam, const struct flow *flow, enum window kind, struct finding *finding)
{
	struct text evidence = TEXT(finding->evidence);
	uint64_t before = exam->now->tcp.snd_wnd_bytes;

	exam_past(exam, PAST_snd_wnd_bytes, &before);
	flow_limit_tell(flow, "rwnd_limited_us", flow->rwnd_limited_us, &evidence, finding);
	text_add(&evidence,
		 "the peer's window was the limit; it was %" PRIu64 " bytes at the first look and %" PRIu64
		 " at the second: ",
		 before, exam->now->tcp.snd_wnd_bytes);
	text_add(&evidence,
		 kind == WINDOW_SMALL ? "it is as small as that" : "it closes, since the peer's program reads slowly");
	finding_number(finding, "snd_wnd_bytes", exam->now->tcp.snd_wnd_bytes);
	flow_rate_tell(flow, &evidence, finding);
	finding->weight = flow->rwnd_limited_us;
}

/* Between programs of one host the window is how the reader holds the writer back, and nothing is wrong: who reads nothing
 * at all is found at its own socket. */
enum opinion rule_peer_window(const struct exam *exam, struct finding *finding)
{
	enum window kind;
	struct flow flow;

	if (!flow_is_open(exam->now) || flow_is_local(exam) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !tcp_fact_has(&exam->now->tcp, TCP_FACT_snd_wnd_bytes))
		return rule_unknown(finding, "%s", flow_untold);
	kind = window_kind(exam, &flow);
	if (!window_matters(&flow, kind))
		return OPINION_HEALTHY;
	window_evidence(exam, &flow, kind, finding);
	if (kind == WINDOW_SMALL)
		snprintf(
			finding->fix.advice, sizeof finding->fix.advice,
			"at the peer: rcvbuf=auto (no SO_RCVBUF in its program, and set before listen() or connect()), or a larger maximum in its "
			"net.ipv4.tcp_rmem; nothing on this side");
	else
		snprintf(
			finding->fix.advice, sizeof finding->fix.advice,
			"no setting mends it: see why the peer's program reads slowly; a larger buffer there only hides it");
	return OPINION_SICK;
}

/* The window that tcp_cwnd_restart() (net/ipv4/tcp_output.c) leaves after an idle time: halved for each RTO of it, but
 * no less than the initial window. */
static uint64_t cwnd_restarted(uint64_t cwnd, uint64_t idle_us, uint64_t rto_us)
{
	const uint64_t initial = 10;
	uint64_t halvings = rto_us ? idle_us / rto_us : 0;
	uint64_t left = halvings < 32 ? cwnd >> halvings : 0;

	return left > initial ? left : cwnd < initial ? cwnd : initial;
}

struct restart {
	uint64_t idle_ms, cwnd,
		left; /* at the first look: for how long, the window, and what the next burst began with */
};

/* It was idle at the first look, then sent a burst that filled the small window until it was large again. */
static bool restart_read(const struct exam *exam, struct restart *ret)
{
	uint64_t rto_us;

	if (!exam_past(exam, PAST_last_data_sent_ms, &ret->idle_ms) || !exam_past(exam, PAST_cwnd_segs, &ret->cwnd) ||
	    !exam_past(exam, PAST_rto_us, &rto_us))
		return false;
	ret->left = cwnd_restarted(ret->cwnd, 1000 * ret->idle_ms, rto_us);
	return true;
}

static unsigned doublings(uint64_t from, uint64_t to)
{
	unsigned count = 0;

	while (from < to && count < 32) {
		from *= 2;
		count++;
	}
	return count;
}

enum opinion rule_idle_restart(const struct exam *exam, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct restart restart;
	struct flow flow;
	int64_t on;
	unsigned trips;

	if (!flow_is_open(exam->now) || !exam->before || !flow_backs_off_on_loss(exam->now))
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !restart_read(exam, &restart) ||
	    !exam_sysctl(exam, SYSCTL_slow_start_after_idle, 0, &on))
		return rule_unknown(finding, "%s", flow_untold);
	trips = doublings(restart.left, restart.cwnd < tcp->cwnd_segs ? restart.cwnd : tcp->cwnd_segs);
	if (!on || flow.path_us < 5 * FLOW_FAR_US || flow.retrans_segs > 0 || trips < 2 ||
	    flow.sent_bytes < 2 * (double)(restart.left * tcp->mss_bytes))
		return OPINION_HEALTHY;
	snprintf(finding->evidence, sizeof finding->evidence,
		 "idle for %s at the first look, with a window of %" PRIu64
		 " segments: the next burst began with %" PRIu64 ", and had %" PRIu64
		 " when looked at again (%s sent, nothing lost): %u round trips of %s to get back what it had",
		 amount(MEASURE_TIME, 1e3 * (double)restart.idle_ms).text, restart.cwnd, restart.left, tcp->cwnd_segs,
		 amount(MEASURE_SIZE, flow.sent_bytes).text, trips, amount(MEASURE_TIME, flow.rtt_us).text);
	finding_number(finding, "idle_ms", restart.idle_ms);
	finding_number(finding, "cwnd_before_segs", restart.cwnd);
	finding_number(finding, "cwnd_restarted_segs", restart.left);
	finding_number(finding, "cwnd_segs", tcp->cwnd_segs);
	finding_number(finding, "rtt_us", (uint64_t)flow.rtt_us);
	finding->weight = trips * flow.rtt_us;
	fix_by_sysctl(
		&finding->fix, "net.ipv4.tcp_slow_start_after_idle=0",
		"the sysctl takes effect at once, for all connections of this namespace; bbr is exempt from it (cc=bbr)");
	return OPINION_SICK;
}

static bool is_any(const uint8_t *address)
{
	static const uint8_t any[16];

	return !memcmp(address, any, sizeof any);
}

/* IP_TOS governs a socket's IPv4 traffic, IPV6_TCLASS the rest: which of them matters, and which was set. */
enum opinion rule_half_dscp(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;
	bool listener = socket->protocol == IPPROTO_TCP && socket->state == TCP_LISTEN, both, v4;
	unsigned tos = socket->tos & ~3u, tclass = socket->tclass & ~3u; /* without ECN */

	if (socket->family != AF_INET6 || socket->protocol != IPPROTO_TCP || !(listener || flow_is_open(socket)))
		return OPINION_NOT_ITS_CASE;
	if ((socket->known & (KNOWN_TOS | KNOWN_TCLASS)) != (KNOWN_TOS | KNOWN_TCLASS))
		return rule_unknown(finding, "this kernel does not tell IP_TOS and IPV6_TCLASS");
	v4 = address_of(socket->family, socket->source).family == AF_INET;
	both = listener && is_any(socket->source) && socket->known & KNOWN_V6ONLY && !socket->v6only;
	if ((listener && !both && !v4) || (tos && tclass) || (!tos && !tclass) || (!both && (v4 ? tos : tclass)))
		return OPINION_HEALTHY;
	snprintf(finding->evidence, sizeof finding->evidence,
		 "IP_TOS is 0x%02x and IPV6_TCLASS is 0x%02x: its %s traffic leaves unmarked", tos, tclass,
		 tos ? "IPv6" : "IPv4");
	finding_number(finding, "tos", tos);
	finding_number(finding, "tclass", tclass);
	finding->weight = tos + tclass;
	snprintf(finding->fix.spec, sizeof finding->fix.spec, "tos=0x%02x", tos + tclass);
	snprintf(finding->fix.advice, sizeof finding->fix.advice, "a [::] socket needs IP_TOS as well as IPV6_TCLASS");
	return OPINION_SICK;
}
