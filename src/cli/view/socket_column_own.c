/* The columns that are no fact of TCP and no option: a row for each, with how it is read and written. */
#include "cli/view/socket_column_own.h"
#include <inttypes.h>
#include <limits.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include "base/text.h"
#include "cli/view/socket.h"
#include "cli/view/socket_note.h"

/* --- texts -------------------------------------------------------------------------------------------------------- */

static void note_text(const struct socket_fact *socket, char *text, size_t size)
{
	struct socket_note note;

	socket_note(socket, &note);
	snprintf(text, size, "%s", note.text);
}

static void protocol_text(const struct socket_fact *socket, char *text, size_t size)
{
	snprintf(text, size, "%s", socket_protocol_text(socket));
}

/* The commonest are the longest: they have the names that ss gives them. */
static void state_text(const struct socket_fact *socket, char *text, size_t size)
{
	const char *state = socket_state_text(socket);

	snprintf(text, size, "%s",
		 !strcmp(state, "established") ? "estab" :
		 !strcmp(state, "unconnected") ? "unconn" :
						 state);
}

static void local_text(const struct socket_fact *socket, char *text, size_t size)
{
	socket_address_text(socket, true, text, size);
}

static void peer_text(const struct socket_fact *socket, char *text, size_t size)
{
	socket_address_text(socket, false, text, size);
}

static void congestion_text(const struct socket_fact *socket, char *text, size_t size)
{
	snprintf(text, size, "%s", socket->known & KNOWN_CONGESTION ? socket->congestion : "-");
}

static void owners_text(const struct socket_fact *socket, char *text, size_t size)
{
	socket_owners_text(socket, UINT_MAX, text, size);
}

static void commands_text(const struct socket_fact *socket, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (!socket->owners_count)
		text_add(&out, "%s", socket_nobody_text(socket));
	for (unsigned i = 0; i < socket->owners_count; i++) {
		unsigned j = 0;

		while (j < i &&
		       strncmp(socket->owners[j].command, socket->owners[i].command, sizeof socket->owners->command))
			j++;
		if (j == i)
			text_add(&out, "%s%.*s", i ? "," : "", (int)sizeof socket->owners->command,
				 socket->owners[i].command);
	}
}

static void pids_text(const struct socket_fact *socket, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (!socket->owners_count)
		text_add(&out, "%s", socket_nobody_text(socket));
	for (unsigned i = 0; i < socket->owners_count; i++)
		if (!i || socket->owners[i].pid != socket->owners[i - 1].pid)
			text_add(&out, "%s%d", i ? "," : "", (int)socket->owners[i].pid);
}

static void user_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (socket->known & KNOWN_UID)
		socket_user_text(socket->uid, text, size);
	else
		snprintf(text, size, "?");
}

/* One of the owners' units or cgroups: they are nearly always in the same. */
static void process_text(const struct socket_fact *socket, const char *text_of(const struct process_fact *), char *text,
			 size_t size)
{
	const struct process_fact *process = socket->owners_count ? socket->owners[0].process : NULL;
	const char *found = process ? text_of(process) : NULL;

	snprintf(text, size, "%s", found ? found : socket->owners_count ? "?" : socket_nobody_text(socket));
}

static const char *unit_of(const struct process_fact *process)
{
	return process->unit ? process->unit : process->cgroup ? "-" : NULL;
}

static const char *cgroup_of(const struct process_fact *process)
{
	return process->cgroup;
}

static void unit_text(const struct socket_fact *socket, char *text, size_t size)
{
	process_text(socket, unit_of, text, size);
}

static void owner_cgroup_text(const struct socket_fact *socket, char *text, size_t size)
{
	process_text(socket, cgroup_of, text, size);
}

static void netns_text(const struct socket_fact *socket, char *text, size_t size)
{
	snprintf(text, size, "%s", socket->netns ? socket->netns->name : "-");
}

static void ulp_text(const struct socket_fact *socket, char *text, size_t size)
{
	snprintf(text, size, "%s", socket->known & KNOWN_ULP && *socket->ulp ? socket->ulp : "-");
}

static void shutdown_text(const struct socket_fact *socket, char *text, size_t size)
{
	static const char *const words[] = {"-", "receive", "send", "both"};

	snprintf(text, size, "%s", socket->known & KNOWN_SHUTDOWN ? words[socket->shutdown & 3] : "-");
}

static void cgroup_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (socket->family == AF_UNIX)
		snprintf(text, size, "-"); /* unix_diag does not tell of any */
	else if (socket->known & KNOWN_CGROUP)
		socket_cgroup_text(socket->cgroup, text, size);
	else
		snprintf(text, size, "?");
}

static void cgroup_id_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (socket->known & KNOWN_CGROUP)
		snprintf(text, size, "%" PRIu64, socket->cgroup);
	else
		snprintf(text, size, "%s", socket->family == AF_UNIX ? "-" : "?");
}

static void interface_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (socket->interface)
		socket_interface_text(socket, text, size);
	else
		snprintf(text, size, "-");
}

static void mark_text(const struct socket_fact *socket, char *text, size_t size)
{
	if (socket->known & KNOWN_MARK)
		snprintf(text, size, "0x%x", socket->mark);
	else
		snprintf(text, size, "?");
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

static bool note_number(const struct socket_fact *socket, double *ret)
{
	struct socket_note note;

	socket_note(socket, &note);
	*ret = note.kind;
	return true;
}

static bool local_port_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->source_port;
	return socket->family != AF_UNIX;
}

static bool peer_port_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->destination_port;
	return socket->family != AF_UNIX && socket->destination_port;
}

/* A listener has connections in its queue, no bytes. */
static bool rqueue_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->rqueue_bytes;
	return socket->state != TCP_LISTEN;
}

static bool wqueue_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->wqueue_bytes;
	return socket->state != TCP_LISTEN;
}

static bool queue_number(const struct socket_fact *socket, double *ret)
{
	uint32_t queue, limit;

	if (!socket_queue(socket, &queue, &limit))
		return false;
	*ret = queue;
	return true;
}

static bool limit_number(const struct socket_fact *socket, double *ret)
{
	uint32_t queue, limit;

	if (!socket_queue(socket, &queue, &limit))
		return false;
	*ret = limit;
	return true;
}

static bool drops_number(const struct socket_fact *socket, double *ret)
{
	uint32_t drops;

	if (!socket_drops(socket, &drops))
		return false;
	*ret = drops;
	return true;
}

static bool timer_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->expires_ms;
	return socket->timer;
}

static bool uid_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->uid;
	return socket->known & KNOWN_UID;
}

static bool cgroup_id_number(const struct socket_fact *socket, double *ret)
{
	*ret = (double)socket->cgroup;
	return socket->known & KNOWN_CGROUP;
}

static bool inode_number(const struct socket_fact *socket, double *ret)
{
	*ret = socket->inode;
	return true;
}

static bool cookie_number(const struct socket_fact *socket, double *ret)
{
	*ret = (double)socket->cookie;
	return true;
}

static bool pid_number(const struct socket_fact *socket, double *ret)
{
	if (!socket->owners_count)
		return false;
	*ret = socket->owners[0].pid;
	return true;
}

static bool skmem_number(const struct socket_fact *socket, unsigned index, double *ret)
{
	if (socket->skmem_count <= index)
		return false;
	*ret = socket->skmem[index];
	return true;
}

/* --- the columns -------------------------------------------------------------------------------------------------- */

#define SKMEM_NUMBER(name, index) \
	static bool name##_number(const struct socket_fact *socket, double *ret) \
	{ \
		return skmem_number(socket, index, ret); \
	}
SKMEM_NUMBER(rmem_alloc, SK_MEMINFO_RMEM_ALLOC)
SKMEM_NUMBER(rcvbuf, SK_MEMINFO_RCVBUF)
SKMEM_NUMBER(wmem_alloc, SK_MEMINFO_WMEM_ALLOC)
SKMEM_NUMBER(sndbuf, SK_MEMINFO_SNDBUF)
SKMEM_NUMBER(wmem_queued, SK_MEMINFO_WMEM_QUEUED)
SKMEM_NUMBER(backlog, SK_MEMINFO_BACKLOG)

/* clang-format off: one row, one line */
const struct own_column own_columns[COLUMNS_OWN] = {
	[COLUMN_NOTE] = {"note", "health", "the worst that stands out; sorts by how bad it is", 0, note_text,
			 note_number, 0},
	[COLUMN_PROTO] = {"proto", "netid", "tcp, udp or unix", 0, protocol_text, NULL, 0},
	[COLUMN_STATE] = {"state", NULL, "of the connection; estab is established, unconn is unconnected", 0,
			  state_text, NULL, 0},
	[COLUMN_LOCAL] = {"local", "src", "own address and port, or path", 0, local_text, NULL, 0},
	[COLUMN_PEER] = {"peer", "dst", "the peer's address and port", 0, peer_text, NULL, 0},
	[COLUMN_LOCAL_PORT] = {"local-port", "sport", "own port", MEASURE_COUNT, NULL, local_port_number, 0},
	[COLUMN_PEER_PORT] = {"peer-port", "dport", "the peer's port", MEASURE_COUNT, NULL, peer_port_number, 0},
	[COLUMN_RECV_Q] = {"recv-q", "rqueue_bytes", "arrived, and not yet read by the program", MEASURE_SIZE, NULL,
			   rqueue_number, 0},
	[COLUMN_SEND_Q] = {"send-q", "wqueue_bytes", "written by the program, and not yet acknowledged", MEASURE_SIZE,
			   NULL, wqueue_number, 0},
	[COLUMN_QUEUE] = {"queue", NULL, "of a listener: connections that wait for accept()", MEASURE_COUNT, NULL,
			  queue_number, 0},
	[COLUMN_LIMIT] = {"limit", NULL, "of a listener: how many may wait; one more still fits", MEASURE_COUNT, NULL,
			  limit_number, 0},
	[COLUMN_DROPS] = {"drops", NULL, "packets, or connections of a listener, dropped since it was opened",
			  MEASURE_COUNT, NULL, drops_number, 0},
	[COLUMN_TIMER] = {"timer", NULL, "which of TCP's timers runs, when it ends, how often it did without an answer",
			  0, socket_timer_text, timer_number, 0},
	[COLUMN_CC] = {"cc", "congestion", "congestion control", 0, congestion_text, NULL, 0},
	[COLUMN_OWNER] = {"owner", "process", "who has it open: comm[pid]", 0, owners_text, NULL, NEEDS_OWNERS},
	[COLUMN_COMM] = {"comm", NULL, "names of the programs that have it open", 0, commands_text, NULL, NEEDS_OWNERS},
	[COLUMN_PID] = {"pid", NULL, "their process ids", 0, pids_text, pid_number, NEEDS_OWNERS},
	[COLUMN_USER] = {"user", NULL, "whose it is, by name", 0, user_text, NULL, 0},
	[COLUMN_UID] = {"uid", NULL, "the same by number", MEASURE_COUNT, NULL, uid_number, 0},
	[COLUMN_UNIT] = {"unit", NULL, "systemd unit of its (first) owner", 0, unit_text, NULL,
			 NEEDS_OWNERS | NEEDS_PROCESS},
	[COLUMN_OWNER_CGROUP] = {"owner-cgroup", NULL, "cgroup in which its (first) owner is now", 0, owner_cgroup_text,
				 NULL, NEEDS_OWNERS | NEEDS_PROCESS},
	[COLUMN_NETNS] = {"netns", NULL, "network namespace, with -N", 0, netns_text, NULL, 0},
	[COLUMN_SHUTDOWN] = {"shutdown", NULL, "which directions shutdown() has ended", 0, shutdown_text, NULL, 0},
	[COLUMN_ULP] = {"upper", NULL, "protocol on top of TCP: tls, mptcp", 0, ulp_text, NULL, 0},
	[COLUMN_CGROUP] =
		{"cgroup", NULL,
		 "cgroup (version 2) in which it was made, as a filter has it; id:N where no path of it is seen", 0,
		 cgroup_text, NULL, 0},
	[COLUMN_CGROUP_ID] = {"cgroup_id", NULL, "the inode number of that cgroup", 0, cgroup_id_text, cgroup_id_number,
			      0},
	[COLUMN_INODE] = {"inode", "ino", "as in /proc/PID/fd", MEASURE_COUNT, NULL, inode_number, 0},
	[COLUMN_COOKIE] = {"cookie", "sk", "the kernel's name for it, which no other gets until the next boot",
			   MEASURE_COUNT, NULL, cookie_number, 0},
	[COLUMN_INTERFACE] = {"interface", "dev", "the interface to which it is bound", 0, interface_text, NULL, 0},
	[COLUMN_MARK] = {"fwmark", NULL, "SO_MARK, which the kernel tells to CAP_NET_ADMIN", 0, mark_text, NULL, NEEDS_MARKS},
	[COLUMN_RMEM_ALLOC] = {"rmem_alloc_bytes", "rmem_alloc", "memory of what is in the receive queue", MEASURE_SIZE,
			       NULL, rmem_alloc_number, 0},
	[COLUMN_RCVBUF_BYTES] = {"rcvbuf_bytes", NULL, "the receive buffer's size now, as SO_RCVBUF reads",
				 MEASURE_SIZE, NULL, rcvbuf_number, 0},
	[COLUMN_WMEM_ALLOC] = {"wmem_alloc_bytes", "wmem_alloc", "memory of what is on its way to the wire",
			       MEASURE_SIZE, NULL, wmem_alloc_number, 0},
	[COLUMN_SNDBUF_BYTES] = {"sndbuf_bytes", NULL, "the send buffer's size now, as SO_SNDBUF reads", MEASURE_SIZE,
				 NULL, sndbuf_number, 0},
	[COLUMN_WMEM_QUEUED] = {"wmem_queued_bytes", "wmem_queued", "memory of what is in the send queue", MEASURE_SIZE,
				NULL, wmem_queued_number, 0},
	[COLUMN_BACKLOG_BYTES] = {"backlog_bytes", NULL, "memory of packets that wait for the socket's lock",
				  MEASURE_SIZE, NULL, backlog_number, 0},
};
/* clang-format on */
