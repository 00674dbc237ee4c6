/* Counts; what they mean is the rule's. */
#include "doctor/close_waits.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "doctor/exam.h"
#include "doctor/flow.h"

static bool is_one(const struct socket_fact *socket)
{
	return flow_is_open(socket) && socket->state == TCP_CLOSE_WAIT;
}

void close_wait_ports_add(struct close_wait_ports *ports, const struct socket_fact *socket)
{
	if (!is_one(socket))
		return;
	ports->unseen[socket->source_port]++;
	ports->all++;
}

static bool was_one(const struct past *before)
{
	return before && before->accepted && before->state == TCP_CLOSE_WAIT;
}

void close_wait_ports_see(struct close_wait_ports *ports, const struct socket_fact *socket, const struct past *before)
{
	if (is_one(socket) && was_one(before))
		ports->unseen[socket->source_port]--;
}

static bool has(const struct socket_fact *socket, enum tcp_fact_id id)
{
	return tcp_fact_has(&socket->tcp, id);
}

/* What the peer has sent was answered by something. A program that thinks for long over a half-closed connection owes an
 * answer; so does one that has never sent anything, to clients that listen only: they shut down their side at once. */
static bool owes_nothing(const struct socket_fact *socket)
{
	const struct tcp_fact *tcp = &socket->tcp;

	return has(socket, TCP_FACT_bytes_sent) && tcp->bytes_sent > 0 &&
	       tcp->last_data_sent_ms <= tcp->last_data_received_ms;
}

static uint64_t sent_between(const struct socket_fact *socket, const struct past *before)
{
	return has(socket, TCP_FACT_bytes_sent) ?
		       socket->tcp.bytes_sent - (before ? past_number(before, PAST_bytes_sent) : 0) :
		       0;
}

static void kept_add(struct close_waits *waits, const struct socket_fact *socket, const struct past *before,
		     uint64_t long_ms)
{
	uint64_t silent_ms = socket->tcp.last_ack_received_ms;

	waits->kept++;
	if (sent_between(socket, before) || socket->wqueue_bytes || !owes_nothing(socket) ||
	    !has(socket, TCP_FACT_last_ack_received_ms))
		return;
	waits->forgotten += !socket->rqueue_bytes;
	waits->unread += socket->rqueue_bytes == 1; /* the FIN: net/ipv4/tcp_diag.c tcp_diag_get_info() */
	waits->long_silent += silent_ms >= long_ms;
	if (silent_ms > waits->oldest_ms)
		waits->oldest_ms = silent_ms;
}

/* Of several processes the one that will be the first to have no files left. */
static bool is_scarcer(const struct process_files *files, const struct process_files *than)
{
	return !than->soft || (double)files->open / (double)files->soft > (double)than->open / (double)than->soft;
}

static void process_note(struct close_waits *waits, const struct socket_fact *socket)
{
	const struct owner_fact *owner = socket->owners_count ? socket->owners : NULL;
	const struct process_fact *process = owner ? owner->process : NULL;

	if (!owner)
		return;
	waits->several |= waits->pid && waits->pid != owner->pid;
	waits->pid = owner->pid;
	if (process && process->files_known && process->files.open >= 0 && process->files.soft &&
	    is_scarcer(&process->files, &waits->files))
		waits->files = process->files;
}

void close_waits_add(struct close_waits *waits, const struct socket_fact *socket, const struct past *before,
		     uint64_t long_ms)
{
	if (!is_one(socket)) {
		waits->serving |= sent_between(socket, before) > 0;
		return;
	}
	waits->now++;
	process_note(waits, socket);
	if (was_one(before))
		kept_add(waits, socket, before, long_ms);
	else
		waits->serving |= sent_between(socket, before) > 0;
}

bool files_are_scarce(const struct process_files *files)
{
	return files->soft && files->soft != UINT64_MAX && files->open >= 0 &&
	       100 * (uint64_t)files->open >= 80 * files->soft;
}
