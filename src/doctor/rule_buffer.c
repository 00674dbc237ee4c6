/* Rules about buffers: who fixed them too small, and what the kernel's autotuning would make of them. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include "base/text.h"
#include "doctor/amount.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

enum {
	LARGEST = 2,         /* index in tcp_rmem and tcp_wmem: how far autotuning goes */
	SCALE_NEGOTIATED = 4 /* TCPI_OPT_WSCALE */
};

/* What is known of one of a socket's two buffers. */
struct buffer {
	int64_t bytes;   /* as getsockopt tells: half of it, or a little more, is payload */
	int64_t largest; /* of autotuning; 0: not known */
	int64_t cap;     /* of setsockopt, in what is asked for: twice that is granted; 0: not known */
	bool fixed, fixed_known;
};

static bool buffer_read(const struct exam *exam, bool sending, struct buffer *ret)
{
	unsigned index = sending ? SK_MEMINFO_SNDBUF : SK_MEMINFO_RCVBUF;
	int64_t option;

	*ret = (struct buffer){0};
	if (exam->now->skmem_count <= index)
		return false;
	ret->bytes = exam->now->skmem[index];
	ret->fixed = socket_buffer_fixed(exam->now, sending ? OPTION_sndbuf : OPTION_rcvbuf, &option,
					 &ret->fixed_known);
	exam_sysctl(exam, sending ? SYSCTL_tcp_wmem : SYSCTL_tcp_rmem, LARGEST, &ret->largest);
	exam_sysctl(exam, sending ? SYSCTL_wmem_max : SYSCTL_rmem_max, 0, &ret->cap);
	return true;
}

/* Raising the maximum of autotuning costs nothing where less is needed. */
static void autotuning_fix(const struct exam *exam, const struct buffer *buffer, struct fix *fix)
{
	const struct sysctl_fact *wmem = &exam->host->sysctls.fact[SYSCTL_tcp_wmem];
	int64_t wanted = 4 * (buffer->largest > buffer->bytes ? buffer->largest : buffer->bytes);

	snprintf(fix->sysctl, sizeof fix->sysctl, "net.ipv4.tcp_wmem=%" PRId64 " %" PRId64 " %" PRId64, wmem->number[0],
		 wmem->number[1], wanted);
	if (buffer->fixed)
		snprintf(fix->spec, sizeof fix->spec, "sndbuf=auto");
	if (!buffer->cap)
		snprintf(
			fix->advice, sizeof fix->advice,
			"autotuning takes of it what the path needs; a fixed sndbuf is capped by net.core.wmem_max, which cannot be read here");
	else
		snprintf(
			fix->advice, sizeof fix->advice,
			"autotuning takes of it what the path needs; a fixed sndbuf gets no more than net.core.wmem_max, %" PRId64
			": %s",
			buffer->cap,
			2 * buffer->cap > buffer->bytes ? "more than now, but it does not adapt" :
							  "no more than it has now");
}

static void sndbuf_fix(const struct exam *exam, const struct buffer *buffer, struct fix *fix)
{
	if (!buffer->fixed || buffer->largest < 2 * buffer->bytes) {
		autotuning_fix(exam, buffer, fix);
		return;
	}
	snprintf(fix->spec, sizeof fix->spec, "sndbuf=auto");
	snprintf(fix->advice, sizeof fix->advice,
		 "leave SO_SNDBUF out of the program: autotuning goes up to %s here (net.ipv4.tcp_wmem)",
		 amount(MEASURE_SIZE, (double)buffer->largest).text);
}

static void sndbuf_evidence(const struct flow *flow, const struct buffer *buffer, struct finding *finding)
{
	struct text evidence = TEXT(finding->evidence);

	flow_limit_tell(flow, "sndbuf_limited_us", flow->sndbuf_limited_us, &evidence, finding);
	text_add(&evidence, "the send buffer of %" PRId64 " bytes was the limit", buffer->bytes);
	text_add(&evidence,
		 buffer->fixed ? ": the program has fixed it" : ": as much as net.ipv4.tcp_wmem lets autotuning take");
	finding_number(finding, "sndbuf_bytes", (uint64_t)buffer->bytes);
	flow_rate_tell(flow, &evidence, finding);
	text_add(&evidence, " (at least %s): no queue on the way", amount(MEASURE_TIME, flow->path_us).text);
	finding->weight = flow->sndbuf_limited_us;
}

/* The kernel says when the buffer was the limit: nothing left to send, the window not full, and the program waiting for
 * room (net/ipv4/tcp_output.c tcp_cwnd_validate()). It says so too while the path is full, and the buffer holds more than
 * that: then there is a queue on the way. */
enum opinion rule_send_buffer(const struct exam *exam, struct finding *finding)
{
	struct buffer buffer;
	struct flow flow;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!flow_read(exam, &flow) || !buffer_read(exam, true, &buffer) || !buffer.largest)
		return rule_unknown(finding, "%s", flow_untold);
	if (flow.path_us < FLOW_FAR_US || !flow_is_busy(&flow) || flow.sndbuf_limited_us < 0.15 * flow.busy_us ||
	    !flow_path_is_empty(&flow))
		return OPINION_HEALTHY;
	if (!buffer.fixed_known)
		return rule_unknown(finding,
				    "the send buffer was the limit, but whether the program fixed it cannot be read");
	if (!buffer.fixed && buffer.bytes < buffer.largest / 4 * 3)
		return OPINION_HEALTHY; /* it still grows */
	sndbuf_evidence(&flow, &buffer, finding);
	sndbuf_fix(exam, &buffer, &finding->fix);
	return OPINION_SICK;
}

static bool scale_is_negotiated(const struct tcp_fact *tcp)
{
	return tcp->negotiated_bits & SCALE_NEGOTIATED;
}

/* The largest window that the handshake's scale lets it announce (net/ipv4/tcp_output.c tcp_select_window()); rcv_wnd may
 * be larger. */
static uint64_t window_cap(const struct tcp_fact *tcp)
{
	return 65535ull << (scale_is_negotiated(tcp) ? tcp->rcv_wscale : 0);
}

/* How a receiver uses its window. A receiver has no RTT but the handshake's and that of its windows: the smaller one. */
struct intake {
	double in_flight_bytes, path_us, rate_bytes_per_s;
	bool path_is_empty;
};

static bool intake_read(const struct exam *exam, struct intake *ret)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct flow flow;

	if (!flow_read(exam, &flow) || !tcp_fact_has(tcp, TCP_FACT_rcv_rtt_us))
		return false;
	ret->path_us = flow.path_us;
	if (tcp->rcv_rtt_us && (double)tcp->rcv_rtt_us < ret->path_us)
		ret->path_us = (double)tcp->rcv_rtt_us;
	ret->rate_bytes_per_s = flow.received_bytes / flow.seconds;
	ret->in_flight_bytes = ret->rate_bytes_per_s * ret->path_us / 1e6;
	ret->path_is_empty = (double)tcp->rcv_rtt_us <= 1.3 * flow.path_us + 1000;
	return true;
}

/* Most of it arrives in each round trip, and no queue on the way says that the path is full. */
static bool window_is_used_up(const struct intake *intake, uint64_t window_bytes)
{
	return intake->path_us >= FLOW_FAR_US && intake->path_is_empty &&
	       intake->in_flight_bytes >= 0.6 * (double)window_bytes;
}

static void receive_buffer_evidence(const struct exam *exam, const struct intake *intake, const struct buffer *buffer,
				    struct finding *finding)
{
	snprintf(finding->evidence, sizeof finding->evidence,
		 "%s arrive in each RTT of %s, and the window is %" PRIu64
		 " bytes, of a buffer that the program fixed at %" PRId64 "; %s in %.1f s, and read at once",
		 amount(MEASURE_SIZE, intake->in_flight_bytes).text, amount(MEASURE_TIME, intake->path_us).text,
		 exam->now->tcp.rcv_wnd_bytes, buffer->bytes, amount(MEASURE_RATE, 8 * intake->rate_bytes_per_s).text,
		 exam_seconds(exam));
	finding_number(finding, "in_flight_bytes", (uint64_t)intake->in_flight_bytes);
	finding_number(finding, "rcv_wnd_bytes", exam->now->tcp.rcv_wnd_bytes);
	finding_number(finding, "rcvbuf_bytes", (uint64_t)buffer->bytes);
	finding_number(finding, "path_rtt_us", (uint64_t)intake->path_us);
	finding->weight = intake->in_flight_bytes;
}

/* One that the window scale holds down is another rule's. */
enum opinion rule_receive_buffer(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;
	struct buffer buffer;
	struct intake intake;

	if (!flow_is_open(socket) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!intake_read(exam, &intake) || !buffer_read(exam, false, &buffer) || !buffer.largest ||
	    !tcp_fact_has(&socket->tcp, TCP_FACT_rcv_wnd_bytes))
		return rule_unknown(finding, "%s", flow_untold);
	if (!window_is_used_up(&intake, socket->tcp.rcv_wnd_bytes) ||
	    socket->tcp.rcv_wnd_bytes > window_cap(&socket->tcp) || socket->rqueue_bytes > buffer.bytes / 8 ||
	    buffer.largest < 2 * buffer.bytes)
		return OPINION_HEALTHY;
	if (!buffer.fixed_known)
		return rule_unknown(finding,
				    "its window is used up, but whether the program fixed the buffer cannot be read");
	if (!buffer.fixed)
		return OPINION_HEALTHY; /* it still grows */
	receive_buffer_evidence(exam, &intake, &buffer, finding);
	snprintf(finding->fix.spec, sizeof finding->fix.spec, "rcvbuf=auto");
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"leave SO_RCVBUF out of the program: autotuning goes up to %s here (net.ipv4.tcp_rmem), of new connections",
		amount(MEASURE_SIZE, (double)buffer.largest).text);
	return OPINION_SICK;
}

static void window_scale_evidence(const struct exam *exam, const struct buffer *buffer, bool in_use,
				  const struct intake *intake, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct text evidence = TEXT(finding->evidence);
	uint64_t cap = window_cap(tcp);

	if (scale_is_negotiated(tcp))
		text_add(&evidence,
			 "a receive buffer of %" PRId64 " bytes, but a window scale of %" PRIu64
			 " from the handshake: ",
			 buffer->bytes, tcp->rcv_wscale);
	else
		text_add(&evidence,
			 "a receive buffer of %" PRId64 " bytes, but the handshake settled no window scale: ",
			 buffer->bytes);
	text_add(&evidence, "no window above %" PRIu64 " bytes can be announced, %s over its RTT of %s", cap,
		 amount(MEASURE_RATE, 8e6 * (double)cap / intake->path_us).text,
		 amount(MEASURE_TIME, intake->path_us).text);
	text_add(&evidence, in_use ? "; that is what limits it now: %s in %.1f s" : "; now it receives %s (in %.1f s)",
		 amount(MEASURE_RATE, 8 * intake->rate_bytes_per_s).text, exam_seconds(exam));
	finding_number(finding, "rcvbuf_bytes", (uint64_t)buffer->bytes);
	finding_number(finding, "window_cap_bytes", cap);
	finding_number(finding, "path_rtt_us", (uint64_t)intake->path_us);
	finding_number(finding, "rate_bytes_per_s", (uint64_t)intake->rate_bytes_per_s);
	finding->weight = (double)buffer->bytes;
}

/* Without a scale neither the program nor its buffer is to blame: one end, or something on the way, left it out. */
static void window_scale_fix(const struct exam *exam, const struct buffer *buffer, struct fix *fix)
{
	int64_t scaling;
	struct text advice = TEXT(fix->advice);

	if (!scale_is_negotiated(&exam->now->tcp)) {
		if (!exam_sysctl(exam, SYSCTL_window_scaling, 0, &scaling))
			text_add(
				&advice,
				"net.ipv4.tcp_window_scaling must be 1 at both ends, and nothing on the way may take the option out");
		else if (scaling)
			text_add(
				&advice,
				"it is on here (net.ipv4.tcp_window_scaling): the peer, or something on the way, leaves it out");
		else
			snprintf(fix->sysctl, sizeof fix->sysctl, "net.ipv4.tcp_window_scaling=1");
		return;
	}
	if (buffer->fixed_known && !buffer->fixed) {
		text_add(
			&advice,
			"no program has fixed it: net.ipv4.tcp_rmem was raised after the handshake; new connections get the scale for it");
		return;
	}
	if (buffer->fixed)
		snprintf(fix->spec, sizeof fix->spec, "rcvbuf=auto");
	text_add(&advice, "%sSO_RCVBUF before listen() or connect(), or not at all: autotuning settles the scale",
		 buffer->fixed ? "" : "if the program sets it: ");
	if (buffer->largest)
		text_add(&advice, " for %s here (net.ipv4.tcp_rmem)",
			 amount(MEASURE_SIZE, (double)buffer->largest).text);
}

/* The handshake fixes by how much windows are shifted: a buffer that was made larger later is never announced in full.
 * Half of the buffer is taken for payload, as the kernel does of a socket that has received nothing. A peer without
 * window scaling is worth a word only where that costs something. */
enum opinion rule_window_scale(const struct exam *exam, struct finding *finding)
{
	const struct tcp_fact *tcp = &exam->now->tcp;
	struct buffer buffer;
	struct intake intake;
	bool in_use;

	if (!flow_is_open(exam->now) || !exam->before)
		return OPINION_NOT_ITS_CASE;
	if (!tcp_fact_has(tcp, TCP_FACT_rcv_wscale) || !tcp_fact_has(tcp, TCP_FACT_negotiated_bits) ||
	    !buffer_read(exam, false, &buffer) || !intake_read(exam, &intake))
		return rule_unknown(finding, "%s", flow_untold);
	in_use = window_is_used_up(&intake, window_cap(tcp));
	if (intake.path_us < FLOW_FAR_US || (double)buffer.bytes / 2 <= 1.5 * (double)window_cap(tcp) ||
	    (!scale_is_negotiated(tcp) && !in_use))
		return OPINION_HEALTHY;
	window_scale_evidence(exam, &buffer, in_use, &intake, finding);
	finding->severity = in_use ? SEVERITY_WARNING : SEVERITY_NOTE;
	window_scale_fix(exam, &buffer, &finding->fix);
	return OPINION_SICK;
}
