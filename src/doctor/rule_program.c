/* Rules about what a program does with its connections: reading, closing. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include "base/text.h"
#include "base/units.h"
#include "doctor/flow.h"
#include "doctor/rule.h"

/* The kernel counts the peer's FIN as a byte that waits (net/ipv4/tcp_diag.c tcp_diag_get_info()). */
static uint32_t waiting_bytes(uint8_t state, uint32_t rqueue_bytes)
{
	return rqueue_bytes - (state == TCP_CLOSE_WAIT && rqueue_bytes);
}

/* A few bytes may wait for ever in a connection that is well: what a server says at the end of an idle one
 * (close_notify of TLS, HTTP 408) stays until a pool takes it out. The window shrinks by what waits, so a share of both
 * together says how far the peer is from having to wait; without it, the buffer's payload: half of it (tcp(7)). */
static bool is_much(const struct socket_fact *socket, uint32_t waiting)
{
	enum { SHARE = 4 };
	uint64_t room = waiting;

	if (tcp_fact_has(&socket->tcp, TCP_FACT_rcv_wnd_bytes))
		room += socket->tcp.rcv_wnd_bytes;
	else if (socket->skmem_count > SK_MEMINFO_RCVBUF)
		room = socket->skmem[SK_MEMINFO_RCVBUF] / 2;
	return SHARE * (uint64_t)waiting >= room;
}

static void unread_evidence(const struct exam *exam, struct finding *finding, uint32_t waiting)
{
	const struct socket_fact *socket = exam->now;
	struct text evidence = TEXT(finding->evidence);
	char size[24];

	units_round(MEASURE_SIZE, waiting, size, sizeof size);
	text_add(&evidence, "%s waiting, and nothing read in %.1f s", size, exam_seconds(exam));
	if (tcp_fact_has(&socket->tcp, TCP_FACT_rcv_wnd_bytes))
		text_add(&evidence,
			 "; the window it announces is %" PRIu64 " bytes (counts from a fourth of both together)",
			 socket->tcp.rcv_wnd_bytes);
	finding_number(finding, "rqueue_bytes", waiting);
}

/* bytes_received counts what the kernel took; less what still waits, it is what the program has read. */
enum opinion rule_unread(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;
	uint32_t now = waiting_bytes(socket->state, socket->rqueue_bytes), before;
	uint64_t received;

	if (!flow_is_open(socket))
		return OPINION_NOT_ITS_CASE;
	before = exam->before ? waiting_bytes(exam->before->state, exam->before->rqueue_bytes) : 0;
	if (!now || !before || !is_much(socket, now))
		return OPINION_HEALTHY;
	if (!exam_delta(exam, PAST_bytes_received, &received))
		return rule_unknown(finding, "this kernel does not count bytes received");
	if (received + before != now) /* else it has read something */
		return OPINION_HEALTHY;
	if (exam->host->interval_us < RULE_SHORTEST_WAIT_US)
		return rule_unknown(finding, "the looks were only %.1f s apart", exam_seconds(exam));
	unread_evidence(exam, finding, now);
	finding->excused_by_stall = true; /* a proxy holds its one side back while the other takes nothing */
	finding->weight = now;
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"no setting mends it: see where the program hangs (strace -p, a profiler); a larger buffer only hides it");
	return OPINION_SICK;
}

/* Clients keep such connections in pools on purpose; servers have no reason to, but a client that has shut down its side
 * and waits for an answer looks the same. */
static void close_wait_fix(const struct exam *exam, struct finding *finding)
{
	if (exam->listener) {
		snprintf(
			finding->fix.advice, sizeof finding->fix.advice,
			"no setting mends it: the program must close() when read() returns 0, unless the client has shut down its side "
			"only and waits for an answer");
		return;
	}
	finding->severity = SEVERITY_NOTE;
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"a pool of connections may keep them until it would use them next, and is well; if their number grows from one look "
		"to a later one, the program must close() when read() returns 0");
}

/* Growth is told of connections that are silent for a part of what is long. */
enum { GROWTH_SOONER = 6 };

static void files_tell(const struct process_files *files, bool several, struct text *evidence, struct finding *finding)
{
	if (!files->soft || files->open < 0)
		return;
	text_add(evidence, "; %s%" PRId64 " files open", several ? "one of its processes has " : "", files->open);
	finding_number(finding, "open_files", (uint64_t)files->open);
	if (files->soft == UINT64_MAX)
		return;
	text_add(evidence, " of %" PRIu64, files->soft);
	finding_number(finding, "open_files_limit", files->soft);
	if (files_are_scarce(files))
		finding->severity = SEVERITY_FAULT;
}

/* Half-closed connections are in use where an answer follows: a program may think for a while before it comes, or send
 * it piece by piece. So it must have been silent for long, and several must be. What the peer sent last is its FIN, or
 * an acknowledgement after that. */
enum opinion rule_close_wait(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;
	const uint64_t long_ms = rule_long_silent_ms(exam->host);
	struct text evidence = TEXT(finding->evidence);
	uint64_t sent;

	if (!flow_is_open(socket))
		return OPINION_NOT_ITS_CASE;
	if (socket->state != TCP_CLOSE_WAIT || !exam->before || exam->before->state != TCP_CLOSE_WAIT)
		return OPINION_HEALTHY;
	if (!exam_delta(exam, PAST_bytes_sent, &sent))
		return rule_unknown(finding, "this kernel does not count bytes sent");
	if (!tcp_fact_has(&socket->tcp, TCP_FACT_last_ack_received_ms))
		return rule_unknown(finding, "this kernel does not tell when the peer was last heard");
	if (sent || socket->wqueue_bytes || socket->tcp.last_ack_received_ms < long_ms)
		return OPINION_HEALTHY;
	text_add(
		&evidence,
		"CLOSE_WAIT at both looks, nothing sent in %.1f s, nothing to send; last heard of the peer %.0f s ago (counts from %.0f s)",
		exam_seconds(exam), (double)socket->tcp.last_ack_received_ms / 1e3, (double)long_ms / 1e3);
	finding_number(finding, "last_ack_received_ms", socket->tcp.last_ack_received_ms);
	finding->weight = (double)socket->tcp.last_ack_received_ms;
	close_wait_fix(exam, finding);
	if (socket->owners_count && socket->owners[0].process && socket->owners[0].process->files_known)
		files_tell(&socket->owners[0].process->files, false, &evidence, finding);
	return OPINION_SICK;
}

static void growth_evidence(const struct exam *exam, struct finding *finding, uint64_t forgotten)
{
	const struct close_waits *waits = &exam->listener->close_waits;
	const struct process_files *files = &waits->files;
	uint64_t grown = waits->now - waits->kept;
	struct text evidence = TEXT(finding->evidence);

	text_add(&evidence,
		 "CLOSE_WAIT: %" PRIu64 " at the first look, %" PRIu64
		 " more %.1f s later, and none was closed; %" PRIu64
		 " of the first owe no answer, the oldest of them for %.1f s (counts from %.1f s)",
		 waits->kept, grown, exam_seconds(exam), forgotten, (double)waits->oldest_ms / 1e3,
		 (double)rule_long_silent_ms(exam->host) / GROWTH_SOONER / 1e3);
	finding_number(finding, "close_wait_before", waits->kept);
	finding_number(finding, "close_wait", waits->now);
	finding_number(finding, "forgotten", forgotten);
	finding_number(finding, "oldest_ms", waits->oldest_ms);
	files_tell(files, waits->several, &evidence, finding);
	if (!waits->several && files->soft && files->soft != UINT64_MAX && (uint64_t)files->open < files->soft)
		text_add(&evidence, ", reached in %.0f s by these alone if it goes on like this",
			 exam_seconds(exam) * (double)(files->soft - (uint64_t)files->open) / (double)grown);
	finding->weight = (double)grown;
}

/* What a program closes late it closes in the end: of those that were there at the first look some are gone. Where none is,
 * ten are more than were, and ten have nothing to wait for, it forgets them. One that hangs, or thinks, has not read their
 * end, or owes an answer. */
enum opinion rule_close_wait_growth(const struct exam *exam, struct finding *finding)
{
	const uint64_t many = 10;
	const struct close_waits *waits = &exam->listener->close_waits;
	uint64_t forgotten = waits->forgotten + (waits->serving ? waits->unread : 0);

	if (waits->closed_on_port || forgotten < many || waits->now < waits->kept + many ||
	    GROWTH_SOONER * waits->oldest_ms < rule_long_silent_ms(exam->host))
		return OPINION_HEALTHY;
	if (waits->long_silent >= many)
		return OPINION_HEALTHY; /* close-wait-leak's */
	if (exam->host->interval_us < RULE_SHORTEST_WAIT_US)
		return rule_unknown(finding, "the looks were only %.1f s apart", exam_seconds(exam));
	growth_evidence(exam, finding, forgotten);
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"no setting mends it: the program must close() when read() returns 0, unless the client has shut down its side only and "
		"waits for what comes; a higher RLIMIT_NOFILE only delays the end");
	return OPINION_SICK;
}
