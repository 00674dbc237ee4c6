/* The worst thing that one socket's numbers say. */
#include "cli/view/socket_note.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include "base/units.h"

/* Of the busy time; of the bytes. */
static const double much = 0.5, some_loss = 0.01;
/* One lost segment of a short connection says nothing. */
enum { RESENT_LEAST = 3 };
/* idiag_timer: net/ipv4/inet_diag.c inet_sk_diag_fill() */
enum { TIMER_RETRANSMIT = 1, TIMER_PROBE = 4 };
/* Fewer waiting connections than these say nothing about a shard; more than so many times its fair share is a lot. */
enum { UNEVEN_LEAST = 8, UNEVEN_TIMES = 2 };

const struct note_row note_rows[NOTE_COUNT] = {
#define NOTE_ROW(ID, tone, sample, help) [NOTE_##ID] = {TONE_##tone, sample, help},
	NOTE_LIST(NOTE_ROW)
#undef NOTE_ROW
};

static bool facts_have(const struct socket_fact *socket, enum tcp_fact_id one, enum tcp_fact_id other)
{
	return tcp_fact_has(&socket->tcp, one) && tcp_fact_has(&socket->tcp, other);
}

bool socket_queue(const struct socket_fact *socket, uint32_t *ret_queue, uint32_t *ret_limit)
{
	if (!(socket->known & KNOWN_QUEUE))
		return false;
	*ret_queue = socket->queue;
	*ret_limit = socket->queue_limit;
	return true;
}

bool socket_drops(const struct socket_fact *socket, uint32_t *ret)
{
	if (socket->skmem_count <= SK_MEMINFO_DROPS)
		return false;
	*ret = socket->skmem[SK_MEMINFO_DROPS];
	return true;
}

static bool note_set(struct socket_note *note, enum note_kind kind, double amount)
{
	note->kind = kind;
	note->amount = amount;
	return true;
}

static bool drops_note(const struct socket_fact *socket, struct socket_note *note)
{
	uint32_t drops;

	if (!socket_drops(socket, &drops) || !drops)
		return false;
	snprintf(note->text, sizeof note->text, "drops %u", drops);
	return note_set(note, NOTE_DROPS, drops);
}

static bool listener_note(const struct socket_fact *socket, struct socket_note *note)
{
	uint32_t queue, limit;

	if (!socket_queue(socket, &queue, &limit) || queue <= limit)
		return drops_note(socket, note);
	snprintf(note->text, sizeof note->text, "queue full");
	return note_set(note, NOTE_QUEUE_FULL, queue);
}

/* The kernel is waiting for an answer right now. */
static bool timer_note(const struct socket_fact *socket, struct socket_note *note)
{
	if (socket->timer == TIMER_RETRANSMIT && socket->retransmits) {
		snprintf(note->text, sizeof note->text, "no answer x%u", socket->retransmits);
		return note_set(note, NOTE_NO_ANSWER, socket->retransmits);
	}
	if (socket->timer != TIMER_PROBE || !socket->wqueue_bytes)
		return false;
	snprintf(note->text, sizeof note->text, "window shut");
	return note_set(note, NOTE_WINDOW_SHUT, socket->wqueue_bytes);
}

static bool unread_note(const struct socket_fact *socket, struct socket_note *note)
{
	char amount[16];

	if (!socket->rqueue_bytes)
		return false;
	units_round(MEASURE_SIZE, socket->rqueue_bytes, amount, sizeof amount);
	snprintf(note->text, sizeof note->text, "unread %s", amount);
	return note_set(note, NOTE_UNREAD, socket->rqueue_bytes);
}

static bool closed_note(const struct socket_fact *socket, struct socket_note *note)
{
	if (socket->protocol != IPPROTO_TCP || socket->state != TCP_CLOSE_WAIT)
		return false;
	snprintf(note->text, sizeof note->text, "peer closed");
	return note_set(note, NOTE_PEER_CLOSED, 0);
}

static bool resent_note(const struct socket_fact *socket, struct socket_note *note)
{
	const struct tcp_fact *tcp = &socket->tcp;
	double share;

	if (!facts_have(socket, TCP_FACT_bytes_retrans, TCP_FACT_bytes_sent) || !tcp->bytes_sent)
		return false;
	share = (double)tcp->bytes_retrans / (double)tcp->bytes_sent;
	if (share < some_loss ||
	    (tcp_fact_has(tcp, TCP_FACT_retrans_total_segs) && tcp->retrans_total_segs < RESENT_LEAST))
		return false;
	snprintf(note->text, sizeof note->text, "resent %.0f%%", 100 * share);
	return note_set(note, NOTE_RESENT, share);
}

/* "sndbuf 63%": the share of the busy time. */
static bool share_note(const struct socket_fact *socket, enum note_kind kind, uint64_t limited_us,
		       struct socket_note *note)
{
	double share = socket->tcp.busy_time_us ? (double)limited_us / (double)socket->tcp.busy_time_us : 0;

	if (share < much)
		return false;
	snprintf(note->text, sizeof note->text, "%s %.0f%%", kind == NOTE_SNDBUF ? "sndbuf" : "rwnd", 100 * share);
	return note_set(note, kind, share);
}

static bool limited_note(const struct socket_fact *socket, struct socket_note *note)
{
	const struct tcp_fact *tcp = &socket->tcp;

	if (!facts_have(socket, TCP_FACT_busy_time_us, TCP_FACT_sndbuf_limited_us))
		return false;
	return share_note(socket, NOTE_SNDBUF, tcp->sndbuf_limited_us, note) ||
	       share_note(socket, NOTE_RWND, tcp->rwnd_limited_us, note);
}

void socket_note(const struct socket_fact *socket, struct socket_note *ret)
{
	static bool (*const notes[])(const struct socket_fact *, struct socket_note *) = {
		timer_note, unread_note, closed_note, resent_note, limited_note,
	};

	*ret = (struct socket_note){.text = "-"};
	if (socket->state == TCP_LISTEN) {
		listener_note(socket, ret);
		return;
	}
	if (socket->protocol == IPPROTO_UDP && drops_note(socket, ret))
		return;
	for (unsigned i = 0; i < sizeof notes / sizeof *notes; i++)
		if (notes[i](socket, ret))
			return;
}

bool socket_note_uneven(const uint32_t queue[], unsigned count, struct socket_note *ret)
{
	uint64_t sum = 0;
	uint32_t most = 0;

	for (unsigned i = 0; i < count; i++) {
		sum += queue[i];
		most = queue[i] > most ? queue[i] : most;
	}
	if (count < 2 || most < UNEVEN_LEAST || (uint64_t)most * count <= UNEVEN_TIMES * sum)
		return false;
	snprintf(ret->text, sizeof ret->text, "uneven %.0f%%", 100 * (double)most / (double)sum);
	return note_set(ret, NOTE_UNEVEN, most);
}
