/* Who a socket is; the parts on its settings and numbers stand beside this file. */
#include "cli/view/socket_page.h"
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <string.h>
#include "base/text.h"
#include "cli/view/socket.h"
#include "cli/view/socket_column.h"
#include "cli/view/socket_note.h"

enum { CELL = 2048 };

void page_section(FILE *out, const char *title, struct table *table, unsigned width)
{
	if (table->rows) {
		fprintf(out, "\n%s\n", title);
		table->headless = true;
		table_print(table, out, width);
	}
	table_release(table);
}

static void row(struct table *table, const char *label, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void row(struct table *table, const char *label, const char *format, ...)
{
	char text[CELL];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	table_row(table, "", label, text);
}

static void head_print(FILE *out, const struct socket_fact *socket)
{
	char local[CELL], peer[CELL];

	socket_address_text(socket, true, local, sizeof local);
	socket_address_text(socket, false, peer, sizeof peer);
	fprintf(out, "%s %s %s%s%s\n", socket_protocol_text(socket), socket_state_text(socket), text_harmless(local),
		strcmp(peer, "-") ? " to " : "", strcmp(peer, "-") ? text_harmless(peer) : "");
}

static void note_row(struct table *table, const struct socket_fact *socket)
{
	struct socket_note note;

	socket_note(socket, &note);
	if (note.kind == NOTE_NONE)
		return;
	row(table, "note", "%s: %s", note.text, note_rows[note.kind].help);
}

static void files_row(struct table *table, const struct process_fact *process)
{
	const struct process_files *files = &process->files;

	if (process->files_known && files->open >= 0 && files->soft != UINT64_MAX)
		row(table, "", "%" PRId64 " files open; at %" PRIu64 " (RLIMIT_NOFILE) accept() and socket() fail%s",
		    files->open, files->soft,
		    (uint64_t)files->open * 10 >= files->soft * 9 ? ": it is close to that" : "");
}

static void owner_rows(struct table *table, const struct socket_fact *socket)
{
	if (!socket->owners_count)
		row(table, "owner", "%s", socket_nobody_text(socket));
	for (unsigned i = 0; i < socket->owners_count; i++) {
		const struct owner_fact *owner = &socket->owners[i];
		const struct process_fact *process = owner->process;
		char thread[32] = "";

		if (owner->thread)
			snprintf(thread, sizeof thread, " of thread %d", (int)owner->thread);
		row(table, "owner", "%.*s, pid %d, fd %d%s%s%s%s%s", (int)sizeof owner->command, owner->command,
		    (int)owner->pid, owner->fd, thread, process && process->unit ? ", unit " : "",
		    process && process->unit ? process->unit : "", process && process->cgroup ? ", cgroup " : "",
		    process && process->cgroup ? process->cgroup : "");
		if (process)
			files_row(table, process);
	}
}

static void identity_row(struct table *table, const struct socket_fact *socket)
{
	char user[64] = "?", interface[64];

	if (socket->known & KNOWN_UID)
		socket_user_text(socket->uid, user, sizeof user);
	socket_column_text(COLUMN_INTERFACE, socket, interface, sizeof interface);
	row(table, "identity", "user %s, inode %u, cookie %llu%s%s%s%s", user, socket->inode,
	    (unsigned long long)socket->cookie, socket->interface ? ", bound to " : "",
	    socket->interface ? interface : "", socket->netns ? ", netns " : "",
	    socket->netns ? socket->netns->name : "");
}

static void column_row(struct table *table, const struct socket_fact *socket, const char *label,
		       enum socket_column column)
{
	char text[CELL];

	socket_column_text(column, socket, text, sizeof text);
	if (strcmp(text, "-"))
		row(table, label, "%s", text);
}

/* listen() takes min(asked, somaxconn). */
static void backlog_row(struct table *table, uint32_t limit, const struct socket_context *context)
{
	const struct sysctl_fact *cap = context ? &context->sysctls.fact[SYSCTL_somaxconn] : NULL;

	if (!cap || !cap->known)
		row(table, "backlog", "%u or more was asked for; the cap, net.core.somaxconn, cannot be read", limit);
	else if (cap->number[0] == limit)
		row(table, "backlog", "%u or more was asked for: it is what the cap, net.core.somaxconn, leaves of it",
		    limit);
	else
		row(table, "backlog", "%u was asked for; the cap is net.core.somaxconn, %lld", limit,
		    (long long)cap->number[0]);
}

static void queue_rows(struct table *table, const struct socket_fact *socket, const struct socket_context *context)
{
	char in[24], out[24];
	uint32_t queue, limit, drops;

	if (socket_queue(socket, &queue, &limit))
		row(table, "queue", "%u of %u wait for accept(); one more still fits", queue, limit);
	if (socket_queue(socket, &queue, &limit) && socket->family != AF_UNIX)
		backlog_row(table, limit, context);
	if (socket_drops(socket, &drops) && (drops || socket->state == TCP_LISTEN))
		row(table, "drops", "%u since it was opened", drops);
	if (socket->state == TCP_LISTEN)
		return;
	socket_column_text(COLUMN_RECV_Q, socket, in, sizeof in);
	socket_column_text(COLUMN_SEND_Q, socket, out, sizeof out);
	row(table, "queues", "%s not yet read by the program, %s %s", in, out,
	    socket->protocol == IPPROTO_TCP ? "not yet acknowledged by the peer" : "not yet sent");
}

/* What sock_diag tells, and no option or number of TCP has. */
static void other_rows(struct table *table, const struct socket_fact *socket)
{
	char text[CELL];

	socket_congestion_text(&socket->cc, text, sizeof text);
	if (*text)
		row(table, "congestion", "%.*s: %s", (int)sizeof socket->congestion, socket->congestion, text);
	if (socket->known & KNOWN_MD5 && socket->md5_keys)
		row(table, "md5", "%u keys of TCP_MD5SIG", socket->md5_keys);
	if (socket->known & KNOWN_CLASS_ID && socket->class_id)
		row(table, "class", "%#x: of net_cls, or its priority", socket->class_id);
	if (socket->known & KNOWN_FLAGS && socket->flags & SOCKET_DEFER_CONNECT)
		row(table, "connect", "the SYN waits for data (TCP Fast Open)");
}

void socket_page(FILE *out, const struct socket_fact *socket, const struct socket_context *context, unsigned width)
{
	struct table table;

	table_init(&table, (const char *const[]){"", "", "", NULL});
	table.headless = true;
	head_print(out, socket);
	note_row(&table, socket);
	owner_rows(&table, socket);
	identity_row(&table, socket);
	column_row(&table, socket, "timer", COLUMN_TIMER);
	column_row(&table, socket, "shutdown", COLUMN_SHUTDOWN);
	column_row(&table, socket, "upper", COLUMN_ULP);
	queue_rows(&table, socket, context);
	other_rows(&table, socket);
	table_print(&table, out, width);
	table_release(&table);
	if (socket->family == AF_UNIX)
		return;
	socket_page_buffers(out, socket, context, width);
	socket_page_options(out, socket, context, width);
	if (socket->protocol == IPPROTO_TCP && socket->tcp.have && socket->state != TCP_LISTEN)
		socket_page_tcp(out, socket, width);
}
