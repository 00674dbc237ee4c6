/* A socket as one line: what is worth a look first, then who talks to whom. */
#include "cli/view/socket.h"
#include <arpa/inet.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include "base/text.h"
#include "base/units.h"
#include "observe/filter_state.h"

enum { WIDE = 120, CELL = 96 };
static const double much = 0.5, some_loss = 0.01; /* of the busy time; of the bytes */

const char *socket_state_text(const struct socket_fact *socket)
{
	return filter_state_name(socket->state);
}

void socket_address_text(const struct socket_fact *socket, bool source, char *text, size_t size)
{
	unsigned port = source ? socket->source_port : socket->destination_port;
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(socket->family, source ? socket->source : socket->destination, host, sizeof host);
	if (!port)
		snprintf(text, size, "%s", "-");
	else
		snprintf(text, size, socket->family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
}

static bool facts_have(const struct socket_fact *socket, enum tcp_fact_id one, enum tcp_fact_id other)
{
	return tcp_fact_has(&socket->tcp, one) && tcp_fact_has(&socket->tcp, other);
}

static bool listener_note(const struct socket_fact *socket, char *text, size_t size)
{
	const struct tcp_fact *tcp = &socket->tcp;

	if (facts_have(socket, TCP_FACT_unacked_segs, TCP_FACT_sacked_segs) && tcp->unacked_segs > tcp->sacked_segs)
		return snprintf(text, size, "queue full") > 0;
	if (socket->skmem_count > SK_MEMINFO_DROPS && socket->skmem[SK_MEMINFO_DROPS])
		return snprintf(text, size, "drops %u", socket->skmem[SK_MEMINFO_DROPS]) > 0;
	return false;
}

/* "sndbuf 63%": the share of the busy time. */
static bool share_note(const struct socket_fact *socket, uint64_t limited_us, const char *what, char *text, size_t size)
{
	double share = socket->tcp.busy_time_us ? (double)limited_us / (double)socket->tcp.busy_time_us : 0;

	return share >= much && snprintf(text, size, "%s %.0f%%", what, 100 * share) > 0;
}

static bool connection_note(const struct socket_fact *socket, char *text, size_t size)
{
	const struct tcp_fact *tcp = &socket->tcp;
	char amount[24];

	if (socket->rqueue_bytes) {
		units_round(MEASURE_SIZE, socket->rqueue_bytes, amount, sizeof amount);
		return snprintf(text, size, "unread %s", amount) > 0;
	}
	if (facts_have(socket, TCP_FACT_bytes_retrans, TCP_FACT_bytes_sent) &&
	    (double)tcp->bytes_retrans > some_loss * (double)tcp->bytes_sent)
		return snprintf(text, size, "resent %.0f%%",
				100.0 * (double)tcp->bytes_retrans / (double)tcp->bytes_sent) > 0;
	if (!facts_have(socket, TCP_FACT_busy_time_us, TCP_FACT_sndbuf_limited_us))
		return false;
	return share_note(socket, tcp->sndbuf_limited_us, "sndbuf", text, size) ||
	       share_note(socket, tcp->rwnd_limited_us, "rwnd", text, size);
}

static void note_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (!(socket->state == TCP_LISTEN ? listener_note(socket, text, size) : connection_note(socket, text, size)))
		snprintf(text, size, "-");
}

static void owners_text(const struct socket_fact *socket, char *text, size_t size)
{
	struct text out = {text, size, 0};

	*text = 0;
	for (unsigned i = 0; i < socket->owners_count; i++)
		if (!i || socket->owners[i].pid != socket->owners[i - 1].pid)
			text_add(&out, "%s%s[%d]", i ? " " : "", socket->owners[i].command, (int)socket->owners[i].pid);
	if (!socket->owners_count)
		text_add(&out, "%s", socket->known & KNOWN_OWNERS ? "-" : "?");
}

static void rtt_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (tcp_fact_has(&socket->tcp, TCP_FACT_rtt_us) && socket->tcp.rtt_us)
		units_round(MEASURE_TIME, (double)socket->tcp.rtt_us, text, size);
	else
		snprintf(text, size, "-");
}

static void size_text(double bytes, char *text, size_t size)
{
	if (bytes > 0)
		units_round(MEASURE_SIZE, bytes, text, size);
	else
		snprintf(text, size, "-");
}

static bool is_wide(unsigned width)
{
	return !width || width >= WIDE;
}

static const char *owners_heading(bool owners)
{
	return owners ? "PROCESS" : "";
}

void socket_table_init(struct table *table, enum socket_view view, unsigned width, bool owners)
{
	const char *who = owners_heading(owners);
	const char *const narrow[] = {"NOTE", "STATE", "LOCAL", "PEER", ">RTT", who, NULL};
	const char *const wide[] = {"NOTE", "PROTO", "STATE",     "LOCAL", "PEER", ">RECV-Q", ">SEND-Q",
				    ">RTT", ">SENT", ">RECEIVED", "CC",    who,    NULL};
	const char *const listeners[] = {"NOTE", "PROTO", "LOCAL", ">QUEUE", ">LIMIT", ">DROPS", who, NULL};

	table_init(table, view == VIEW_LISTENERS ? listeners : is_wide(width) ? wide : narrow);
}

static const char *protocol_text(const struct socket_fact *socket)
{
	return socket->protocol == IPPROTO_UDP ? "udp" : "tcp";
}

/* Of a TCP listener its accept queue, in connections; of a UDP socket what is unread, and no limit of the same unit. */
static void listener_row(struct table *table, const struct socket_fact *socket, const char *note, const char *local,
			 const char *who)
{
	char queue[24], limit[24] = "-", drops[24] = "?";
	bool tcp = socket->protocol == IPPROTO_TCP;

	if (tcp && facts_have(socket, TCP_FACT_unacked_segs, TCP_FACT_sacked_segs)) {
		snprintf(queue, sizeof queue, "%u", (unsigned)socket->tcp.unacked_segs);
		snprintf(limit, sizeof limit, "%u", (unsigned)socket->tcp.sacked_segs);
	} else {
		size_text(socket->rqueue_bytes, queue, sizeof queue);
	}
	if (socket->skmem_count > SK_MEMINFO_DROPS)
		snprintf(drops, sizeof drops, "%u", socket->skmem[SK_MEMINFO_DROPS]);
	table_row(table, note, protocol_text(socket), local, queue, limit, drops, who);
}

void socket_row(struct table *table, enum socket_view view, unsigned width, bool owners,
		const struct socket_fact *socket)
{
	char note[24], local[CELL], peer[CELL], rtt[24], who[512] = "", in[24], out[24], sent[24], received[24];

	note_text(socket, note, sizeof note);
	socket_address_text(socket, true, local, sizeof local);
	socket_address_text(socket, false, peer, sizeof peer);
	rtt_text(socket, rtt, sizeof rtt);
	if (owners)
		owners_text(socket, who, sizeof who);
	if (view == VIEW_LISTENERS) {
		listener_row(table, socket, note, local, who);
		return;
	}
	if (!is_wide(width)) {
		table_row(table, note, socket_state_text(socket), local, peer, rtt, who);
		return;
	}
	size_text(socket->rqueue_bytes, in, sizeof in);
	size_text(socket->wqueue_bytes, out, sizeof out);
	size_text((double)socket->tcp.bytes_sent, sent, sizeof sent);
	size_text((double)socket->tcp.bytes_received, received, sizeof received);
	table_row(table, note, protocol_text(socket), socket_state_text(socket), local, peer, in, out, rtt, sent,
		  received, socket->known & KNOWN_CONGESTION ? socket->congestion : "-", who);
}
