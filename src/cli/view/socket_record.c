/* A socket as an object. Keys carry their units; what nobody told is null. */
#include "cli/view/socket.h"
#include <netinet/in.h>
#include "base/sysctl.h"
#include "cli/view/option_texts.h"
#include "record/ip.h"

static void end_object(struct sink *sink, const char *key, const struct socket_fact *socket, const uint8_t *address,
		       uint16_t port)
{
	char host[IP_TEXT], *end = socket->family == AF_INET6 ? ip6_put(host, address) : ip4_put(host, address);

	sink_object(sink, key);
	sink_string_key(sink, "address", sizeof "address" - 1, host, (size_t)(end - host));
	sink_integer(sink, "port", port);
	sink_close(sink);
}

/* Of field_emit(): is the i-th known? */
#define HAVE(i, known) ((uint64_t)((known) != 0) << (i))

static void known_integer(struct sink *sink, const char *key, bool known, uint64_t value)
{
	if (known)
		sink_integer(sink, key, (int64_t)value);
	else
		sink_null(sink, key);
}

/* accept() fails with EMFILE where both are equal. */
static void files_members(struct sink *sink, const struct process_fact *process)
{
	if (!process->files_known)
		return;
	known_integer(sink, "files", process->files.open >= 0, (uint64_t)process->files.open);
	known_integer(sink, "files_limit", process->files.soft != UINT64_MAX, process->files.soft);
}

static void owners_array(struct sink *sink, const struct socket_fact *socket)
{
	if (!socket->owners_count && !(socket->known & KNOWN_OWNERS)) {
		sink_null(sink, "owners");
		return;
	}
	sink_array(sink, "owners");
	for (unsigned i = 0; i < socket->owners_count; i++) {
		sink_object(sink, NULL);
		sink_integer(sink, "pid", socket->owners[i].pid);
		sink_string(sink, "comm", socket->owners[i].command);
		if (socket->owners[i].thread)
			sink_integer(sink, "thread", socket->owners[i].thread);
		sink_integer(sink, "fd", socket->owners[i].fd);
		if (socket->owners[i].process) {
			sink_string(sink, "cgroup", socket->owners[i].process->cgroup);
			sink_string(sink, "unit", socket->owners[i].process->unit);
			files_members(sink, socket->owners[i].process);
		}
		sink_close(sink);
	}
	sink_close(sink);
}

static void setting_members(struct sink *sink, const struct option *option, const struct socket_fact *socket,
			    const struct socket_context *context)
{
	const struct option_fact *usual = socket_default(option, socket, context);

	sink_string(sink, "setting", setting_names[socket_setting(option, socket, context)]);
	if (usual)
		option_value_member(sink, "default", &usual->value);
	else
		sink_null(sink, "default");
}

/* With what only -v looks at. */
static void options_in_full(struct sink *sink, const struct socket_fact *socket, const struct socket_context *context)
{
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		if (socket->options[id].source == SOURCE_NONE)
			continue;
		sink_object(sink, catalogue[id].name);
		option_fact_members(sink, &catalogue[id], &socket->options[id]);
		setting_members(sink, &catalogue[id], socket, context);
		sink_close(sink);
	}
}

static void options_object(struct sink *sink, const struct socket_fact *socket, const struct socket_context *context,
			   struct option_texts *texts)
{
	if (!socket->options) {
		sink_null(sink, "options");
		sink_string(sink, "options_why", socket_options_why(socket));
		return;
	}
	sink_object(sink, "options");
	if (context)
		options_in_full(sink, socket, context);
	else
		option_facts_record(sink, socket->options, texts);
	sink_close(sink);
	sink_string(sink, "options_why", socket_options_why(socket));
}

struct other {
	uint64_t class_id, md5_keys;
};

static void known_bool(struct sink *sink, const char *key, const struct socket_fact *socket, enum socket_flag flag)
{
	if (socket->known & KNOWN_FLAGS)
		sink_bool(sink, key, socket->flags & flag);
	else
		sink_null(sink, key);
}

/* What sock_diag tells, and no option or number of TCP has. */
static void other_members(struct sink *sink, const struct socket_fact *socket)
{
	static const struct field fields[] = {
		FIELD(struct other, class_id, NULL),
		FIELD(struct other, md5_keys, NULL),
	};
	const struct other other = {socket->class_id, socket->md5_keys};

	field_emit(sink, fields, sizeof fields / sizeof *fields, &other,
		   HAVE(0, socket->known & KNOWN_CLASS_ID) | HAVE(1, socket->known & KNOWN_MD5));
	known_bool(sink, "hdrincl", socket, SOCKET_HDRINCL);
	known_bool(sink, "nodefrag", socket, SOCKET_NODEFRAG);
	known_bool(sink, "defer_connect", socket, SOCKET_DEFER_CONNECT);
	socket_congestion_record(sink, "congestion_info", &socket->cc);
}

/* SK_MEMINFO_* of linux/sock_diag.h, in its order. */
struct skmem {
	uint64_t rmem_alloc_bytes, rcvbuf_bytes, wmem_alloc_bytes, sndbuf_bytes, fwd_alloc_bytes, wmem_queued_bytes,
		optmem_bytes, backlog_bytes, drops;
};
_Static_assert(sizeof(struct skmem) == SOCKET_SKMEM * sizeof(uint64_t), "every word of skmem has its name");

static void skmem_object(struct sink *sink, const struct socket_fact *socket)
{
	static const struct field fields[SOCKET_SKMEM] = {
		FIELD(struct skmem, rmem_alloc_bytes, NULL),
		FIELD(struct skmem, rcvbuf_bytes, NULL),
		FIELD(struct skmem, wmem_alloc_bytes, NULL),
		FIELD(struct skmem, sndbuf_bytes, NULL),
		FIELD(struct skmem, fwd_alloc_bytes, NULL),
		FIELD(struct skmem, wmem_queued_bytes, NULL),
		FIELD(struct skmem, optmem_bytes, NULL),
		FIELD(struct skmem, backlog_bytes, NULL),
		FIELD(struct skmem, drops, NULL),
	};
	uint64_t words[SOCKET_SKMEM];

	if (!socket->skmem_count) {
		sink_null(sink, "skmem");
		return;
	}
	for (unsigned i = 0; i < socket->skmem_count; i++)
		words[i] = socket->skmem[i];
	sink_object(sink, "skmem");
	field_emit(sink, fields, socket->skmem_count, words, UINT64_MAX);
	sink_close(sink);
}

/* A unix socket's path; the other end has only an inode. */
static void unix_ends(struct sink *sink, const struct socket_fact *socket)
{
	sink_object(sink, "local");
	sink_string(sink, "path", *socket->path ? socket->path : NULL);
	sink_bool(sink, "abstract", socket->abstract);
	sink_close(sink);
	sink_object(sink, "peer");
	known_integer(sink, "inode", socket->known & KNOWN_PEER && socket->peer_inode, socket->peer_inode);
	sink_close(sink);
}

static void netns_object(struct sink *sink, const struct netns_fact *netns)
{
	sink_object(sink, "netns");
	sink_integer(sink, "inode", (int64_t)netns->inode);
	sink_string(sink, "name", netns->name);
	sink_close(sink);
}

static void limit_object(struct sink *sink, const char *key, enum sysctl_id sysctl, int64_t bytes)
{
	char name[64];

	if (sysctl == SYSCTL_COUNT) {
		sink_null(sink, key);
		return;
	}
	sink_object(sink, key);
	sink_string(sink, "sysctl", sysctl_name(sysctl_rows[sysctl].path, name, sizeof name));
	known_integer(sink, "bytes", bytes >= 0, (uint64_t)bytes);
	sink_close(sink);
}

static void buffer_object(struct sink *sink, const char *key, const struct socket_fact *socket, bool receive,
			  const struct socket_context *context)
{
	struct socket_buffer buffer;

	if (!socket_buffer(socket, receive, context, &buffer)) {
		sink_null(sink, key);
		return;
	}
	sink_object(sink, key);
	sink_integer(sink, "granted_bytes", (int64_t)buffer.granted_bytes);
	sink_integer(sink, "usable_bytes", (int64_t)buffer.usable_bytes);
	sink_string(sink, "setting", setting_names[buffer.setting]);
	sink_string(sink, "asked", asked_names[buffer.asked]);
	known_integer(sink, "asked_bytes", buffer.asked > ASKED_NOTHING, buffer.asked_bytes);
	limit_object(sink, "cap", buffer.cap, buffer.cap_bytes);
	limit_object(sink, "autotune", buffer.autotune, buffer.autotune_bytes);
	if (receive) {
		known_integer(sink, "window_shift", buffer.has_window, buffer.window_shift);
		known_integer(sink, "window_cap_bytes", buffer.has_window, buffer.window_cap_bytes);
		if (buffer.has_window)
			sink_bool(sink, "window_cuts", buffer.window_cuts);
		else
			sink_null(sink, "window_cuts");
	}
	sink_close(sink);
}

struct identity {
	uint64_t interface, inode, cookie, uid;
};

static void identity_members(struct sink *sink, const struct socket_fact *socket)
{
	static const struct field fields[] = {
		FIELD(struct identity, interface, NULL),
		FIELD(struct identity, inode, NULL),
		FIELD(struct identity, cookie, NULL),
		FIELD(struct identity, uid, NULL),
	};
	const struct identity identity = {socket->interface, socket->inode, socket->cookie, socket->uid};

	field_emit(sink, fields, sizeof fields / sizeof *fields, &identity,
		   HAVE(0, socket->interface) | HAVE(1, true) | HAVE(2, true) | HAVE(3, socket->known & KNOWN_UID));
}

struct queues {
	uint64_t queue, queue_limit, rqueue_bytes, wqueue_bytes, mark, cgroup_id;
};

/* The first two are of listeners alone. */
static void queue_members(struct sink *sink, const struct socket_fact *socket)
{
	enum { OF_LISTENERS = 2 };
	static const struct field fields[] = {
		FIELD(struct queues, queue, NULL),        FIELD(struct queues, queue_limit, NULL),
		FIELD(struct queues, rqueue_bytes, NULL), FIELD(struct queues, wqueue_bytes, NULL),
		FIELD(struct queues, mark, NULL),         FIELD(struct queues, cgroup_id, NULL),
	};
	const struct queues queues = {socket->queue,        socket->queue_limit, socket->rqueue_bytes,
				      socket->wqueue_bytes, socket->mark,        socket->cgroup};
	uint64_t have = HAVE(0, true) | HAVE(1, true) | HAVE(2, true) | HAVE(3, true) |
			HAVE(4, socket->known & KNOWN_MARK) | HAVE(5, socket->known & KNOWN_CGROUP);
	unsigned first = socket->known & KNOWN_QUEUE ? 0 : OF_LISTENERS;

	field_emit(sink, fields + first, sizeof fields / sizeof *fields - first, &queues, have >> first);
}

void socket_record(struct sink *sink, const char *key, const struct socket_fact *socket,
		   const struct socket_context *context, struct option_texts *texts)
{
	sink_object(sink, key);
	if (socket->netns)
		netns_object(sink, socket->netns);
	sink_string(sink, "protocol", socket_protocol_text(socket));
	sink_string(sink, "family", socket->family == AF_UNIX ? "unix" : socket->family == AF_INET6 ? "inet6" : "inet");
	sink_string(sink, "state", socket_state_text(socket));
	if (socket->family == AF_UNIX) {
		unix_ends(sink, socket);
	} else {
		end_object(sink, "local", socket, socket->source, socket->source_port);
		end_object(sink, "peer", socket, socket->destination, socket->destination_port);
	}
	identity_members(sink, socket);
	queue_members(sink, socket);
	sink_string(sink, "congestion", socket->known & KNOWN_CONGESTION ? socket->congestion : NULL);
	if (socket->owners_asked) {
		owners_array(sink, socket);
		sink_string(sink, "owners_why", socket->owners_why);
	}
	if (socket->tcp.have) {
		sink_object(sink, "tcp");
		field_emit(sink, tcp_fact_fields, TCP_FACT_COUNT, &socket->tcp, socket->tcp.have);
		sink_close(sink);
	} else {
		sink_null(sink, "tcp");
	}
	skmem_object(sink, socket);
	if (socket->family != AF_UNIX)
		other_members(sink, socket);
	options_object(sink, socket, context, texts);
	if (context) {
		buffer_object(sink, "receive_buffer", socket, true, context);
		buffer_object(sink, "send_buffer", socket, false, context);
	}
	sink_close(sink);
}
