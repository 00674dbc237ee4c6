/* One row for each limit that leaves its mark on a socket. */
#include "doctor/host_capped.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static const struct value *option_value(const struct socket_fact *socket, enum option_id id)
{
	const struct option_fact *fact = socket->options ? &socket->options[id] : NULL;

	return fact && fact->source != SOURCE_NONE ? &fact->value : NULL;
}

static bool backlog_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return socket->known & KNOWN_QUEUE && (int64_t)socket->queue_limit == limit->number[0];
}

/* A buffer that was asked for reads twice the limit where it was cut. One that is known to be autotuning's was not. */
static bool buffer_stands(const struct sysctl_fact *limit, const struct socket_fact *socket, unsigned which,
			  enum option_id id)
{
	const struct value *value = option_value(socket, id);

	return socket->skmem_count > which && socket->skmem[which] == 2 * limit->number[0] &&
	       !(value && value->form == FORM_AUTO);
}

static bool rcvbuf_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return buffer_stands(limit, socket, SK_MEMINFO_RCVBUF, OPTION_rcvbuf);
}

static bool sndbuf_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return buffer_stands(limit, socket, SK_MEMINFO_SNDBUF, OPTION_sndbuf);
}

/* Autotuning ends at the third number. */
static bool autotuning_stands(const struct sysctl_fact *limit, const struct socket_fact *socket, unsigned which)
{
	return socket->protocol == IPPROTO_TCP && socket->state != TCP_LISTEN && limit->count == SYSCTL_NUMBERS &&
	       socket->skmem_count > which && socket->skmem[which] >= limit->number[2];
}

static bool rmem_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return autotuning_stands(limit, socket, SK_MEMINFO_RCVBUF);
}

static bool wmem_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return autotuning_stands(limit, socket, SK_MEMINFO_SNDBUF);
}

/* An option that is on, and that the sysctl's bit is missing for. */
static bool gate_stands(const struct sysctl_fact *limit, const struct socket_fact *socket, enum option_id id)
{
	const struct value *value = option_value(socket, id);

	return value && value_is_on(value) && !(limit->number[0] & catalogue[id].gate_bit);
}

static bool fastopen_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return socket->state == TCP_LISTEN ? gate_stands(limit, socket, OPTION_fastopen) :
					     gate_stands(limit, socket, OPTION_fastopen_connect);
}

static bool flowlabel_stands(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	return gate_stands(limit, socket, OPTION_autoflowlabel);
}

/* IP_LOCAL_PORT_RANGE holds high << 16 | low; an end that is 0 asks for nothing. */
static bool ports_stand(const struct sysctl_fact *limit, const struct socket_fact *socket)
{
	const struct value *value = option_value(socket, OPTION_local_port_range);
	int64_t low = value ? value->number & 0xffff : 0, high = value ? value->number >> 16 : 0;

	return limit->count == 2 && ((low && low < limit->number[0]) || (high && high > limit->number[1]));
}

static const struct {
	enum sysctl_id id;
	bool hidden;
	const char *which;
	bool (*stands)(const struct sysctl_fact *, const struct socket_fact *);
} rows[] = {
	{SYSCTL_somaxconn, false, "listeners whose accept queue is exactly this long", backlog_stands},
	{SYSCTL_rmem_max, false, "receive buffers of exactly twice this", rcvbuf_stands},
	{SYSCTL_wmem_max, false, "send buffers of exactly twice this", sndbuf_stands},
	{SYSCTL_tcp_rmem, false, "connections with a receive buffer of the largest size, or more", rmem_stands},
	{SYSCTL_tcp_wmem, false, "connections with a send buffer of the largest size, or more", wmem_stands},
	{SYSCTL_fastopen, true, "sockets with fastopen or fastopen-connect that does nothing", fastopen_stands},
	{SYSCTL_auto_flowlabels, true, "sockets with autoflowlabel that does nothing", flowlabel_stands},
	{SYSCTL_port_range, true, "sockets with a local-port-range that reaches beyond this", ports_stand},
};
_Static_assert(sizeof rows / sizeof *rows <= HOST_CAPS, "a socket may stand at all of them");

unsigned host_capped(const struct sysctl_facts *facts, const struct socket_fact *socket, enum sysctl_id ret[HOST_CAPS])
{
	unsigned count = 0;

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct sysctl_fact *limit = &facts->fact[rows[i].id];

		if (limit->known && limit->count && rows[i].stands(limit, socket))
			ret[count++] = rows[i].id;
	}
	return count;
}

const char *host_capped_which(enum sysctl_id id, bool *ret_hidden)
{
	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++)
		if (rows[i].id == id) {
			*ret_hidden = rows[i].hidden;
			return rows[i].which;
		}
	return NULL;
}
