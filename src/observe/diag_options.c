/* One row for each option: from the fact to what a read by getsockopt() would give. A row that another could decide
 * as well is not here: INET_DIAG_CLASS_ID is SO_PRIORITY or a net_cls class, a keepalive timer may be that of
 * FIN_WAIT2. */
#include "observe/diag_options.h"
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

static bool number_tell(bool known, int64_t number, struct value *ret)
{
	ret->form = FORM_NUMBER;
	ret->number = number;
	return known;
}

static bool text_tell(bool known, const char text[sizeof((struct value *)0)->text], struct value *ret)
{
	ret->form = FORM_TEXT;
	if (known)
		memcpy(ret->text, text, sizeof ret->text);
	return known;
}

/* The place that governs the socket's own family, as a read through its fd has it. */
static bool tos_tell(const struct socket_fact *socket, struct value *ret)
{
	if (socket->family == AF_INET6)
		return number_tell(socket->known & KNOWN_TCLASS, socket->tclass, ret);
	return number_tell(socket->known & KNOWN_TOS, socket->tos, ret);
}

/* The byte without its two bits of ECN. */
static bool dscp_tell(const struct socket_fact *socket, struct value *ret)
{
	bool known = tos_tell(socket, ret);

	ret->number >>= 2;
	return known;
}

static bool mark_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->known & KNOWN_MARK, socket->mark, ret);
}

static bool v6only_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->known & KNOWN_V6ONLY, socket->known & KNOWN_V6ONLY && socket->v6only, ret);
}

static bool interface_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->known & KNOWN_SHUTDOWN, socket->interface, ret); /* full sockets have that */
}

static bool rcvbuf_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->skmem_count > SK_MEMINFO_RCVBUF, socket->skmem[SK_MEMINFO_RCVBUF], ret);
}

static bool sndbuf_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->skmem_count > SK_MEMINFO_SNDBUF, socket->skmem[SK_MEMINFO_SNDBUF], ret);
}

static bool backlog_tell(const struct socket_fact *socket, struct value *ret)
{
	return number_tell(socket->known & KNOWN_QUEUE, socket->queue_limit, ret);
}

static bool cc_tell(const struct socket_fact *socket, struct value *ret)
{
	return text_tell(socket->known & KNOWN_CONGESTION, socket->congestion, ret);
}

static bool ulp_tell(const struct socket_fact *socket, struct value *ret)
{
	return text_tell(socket->known & KNOWN_ULP, socket->ulp, ret);
}

static bool flag_tell(const struct socket_fact *socket, enum socket_flag flag, struct value *ret)
{
	return number_tell(socket->known & KNOWN_FLAGS, (socket->flags & flag) != 0, ret);
}

static bool freebind_tell(const struct socket_fact *socket, struct value *ret)
{
	return flag_tell(socket, SOCKET_FREEBIND, ret);
}

static bool transparent_tell(const struct socket_fact *socket, struct value *ret)
{
	return flag_tell(socket, SOCKET_TRANSPARENT, ret);
}

static bool no_port_tell(const struct socket_fact *socket, struct value *ret)
{
	return flag_tell(socket, SOCKET_BIND_ADDRESS_NO_PORT, ret);
}

/* These have a place of their own for IPv6, of which sock_diag says nothing. */
static bool v4_flag_tell(const struct socket_fact *socket, enum socket_flag flag, struct value *ret)
{
	return socket->family == AF_INET && flag_tell(socket, flag, ret);
}

static bool recverr_tell(const struct socket_fact *socket, struct value *ret)
{
	return v4_flag_tell(socket, SOCKET_RECVERR, ret);
}

static bool rfc4884_tell(const struct socket_fact *socket, struct value *ret)
{
	return v4_flag_tell(socket, SOCKET_RECVERR_RFC4884, ret);
}

static bool multicast_loop_tell(const struct socket_fact *socket, struct value *ret)
{
	return v4_flag_tell(socket, SOCKET_MULTICAST_LOOP, ret);
}

static bool multicast_all_tell(const struct socket_fact *socket, struct value *ret)
{
	return v4_flag_tell(socket, SOCKET_MULTICAST_ALL, ret);
}

static const struct {
	enum option_id id;
	uint8_t protocols; /* as the catalogue has it, which is not asked a million times */
	bool (*tell)(const struct socket_fact *, struct value *ret);
} rows[] = {
	{OPTION_v6only, PROTOCOL_ALL, v6only_tell},
	{OPTION_freebind, PROTOCOL_ALL, freebind_tell},
	{OPTION_bind_address_no_port, PROTOCOL_ALL, no_port_tell},
	{OPTION_transparent, PROTOCOL_ALL, transparent_tell},
	{OPTION_bind_ifindex, PROTOCOL_ALL, interface_tell},
	{OPTION_mark, PROTOCOL_ALL, mark_tell},
	{OPTION_rcvbuf, PROTOCOL_ALL, rcvbuf_tell},
	{OPTION_sndbuf, PROTOCOL_ALL, sndbuf_tell},
	{OPTION_tos, PROTOCOL_ALL, tos_tell},
	{OPTION_dscp, PROTOCOL_ALL, dscp_tell},
	{OPTION_cc, PROTOCOL_TCP, cc_tell},
	{OPTION_ulp, PROTOCOL_TCP, ulp_tell},
	{OPTION_recverr, PROTOCOL_ALL, recverr_tell},
	{OPTION_recverr_rfc4884, PROTOCOL_UDP, rfc4884_tell},
	{OPTION_multicast_loop, PROTOCOL_UDP, multicast_loop_tell},
	{OPTION_multicast_all, PROTOCOL_UDP, multicast_all_tell},
	{OPTION_backlog, PROTOCOL_TCP, backlog_tell},
};

void diag_options(const struct socket_fact *socket, struct option_fact options[])
{
	unsigned protocol = socket->protocol == IPPROTO_UDP ? PROTOCOL_UDP : PROTOCOL_TCP;

	for (unsigned i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct option_fact *fact = &options[rows[i].id];
		bool told = socket->family != AF_UNIX && rows[i].protocols & protocol &&
			    rows[i].tell(socket, &fact->value);

		fact->source = told ? SOURCE_DIAG : SOURCE_NONE;
	}
}
