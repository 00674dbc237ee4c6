/* Requests to inet_diag, and the way of its messages to the visitor. Knows nothing of owners or findings. */
#include "observe/diag.h"
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include "base/error.h"
#include "observe/unix_diag.h"

struct dump {
	diag_visit *visit;
	void *arg;
	uint8_t protocol;
	uint64_t count;            /* of all that came */
	bool marked;               /* with marks */
	struct socket_fact socket; /* one for all: most of it is written anew for each, the rest is not looked at */
};

static int message_visit(void *arg, const void *payload, size_t size)
{
	struct dump *dump = arg;

	dump->count++;
	if (diag_parse(payload, size, &dump->socket))
		return 0;
	dump->marked |= (dump->socket.known & KNOWN_MARK) != 0;
	dump->socket.protocol = dump->protocol;
	dump->socket.type = dump->protocol == IPPROTO_UDP ? SOCK_DGRAM : SOCK_STREAM;
	return dump->visit(dump->arg, &dump->socket);
}

static uint8_t extension(unsigned attribute)
{
	return (uint8_t)(1 << (attribute - 1));
}

/* INET_DIAG_VEGASINFO stands for all that congestion controls tell, INET_DIAG_TCLASS for the class too. */
static uint8_t extensions(const struct diag_filter *filter)
{
	uint8_t all = extension(INET_DIAG_INFO) | extension(INET_DIAG_SKMEMINFO) | extension(INET_DIAG_CONG) |
		      extension(INET_DIAG_VEGASINFO);

	if (filter->bare)
		return 0;
	return filter->classes ? all | extension(INET_DIAG_TOS) | extension(INET_DIAG_TCLASS) : all;
}

static uint32_t states_of(const struct diag_filter *filter)
{
	return filter->states ? filter->states : UINT32_MAX;
}

static int request_send(struct netlink *netlink, uint16_t type, void *request, size_t size,
			const struct diag_filter *filter)
{
	struct nlattr code = {(uint16_t)(sizeof code + filter->code_bytes), INET_DIAG_REQ_BYTECODE};
	const struct iovec pieces[] = {
		{request, size}, {&code, sizeof code}, {(void *)filter->code, filter->code_bytes}};

	return netlink_ask(netlink, type, pieces, filter->code_bytes ? 3 : 1);
}

static int family_dump(struct netlink *netlink, uint8_t family, const struct diag_filter *filter, struct dump *dump)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = family,
		.sdiag_protocol = dump->protocol,
		.idiag_ext = extensions(filter),
		.idiag_states = states_of(filter),
	};
	int code = request_send(netlink, SOCK_DIAG_BY_FAMILY, &request, sizeof request, filter);

	return code ? code : netlink_answer(netlink, message_visit, dump);
}

/* The request of the time before SOCK_DIAG_BY_FAMILY is answered with both families (inet_diag_dump_compat() of
 * net/ipv4/inet_diag.c): the kernel goes through its table of sockets once instead of twice. There is none for UDP. */
static int both_dump(struct netlink *netlink, const struct diag_filter *filter, struct dump *dump)
{
	struct inet_diag_req request = {
		.idiag_family = AF_INET, .idiag_ext = extensions(filter), .idiag_states = states_of(filter)};
	int code = request_send(netlink, TCPDIAG_GETSOCK, &request, sizeof request, filter);

	return code ? code : netlink_answer(netlink, message_visit, dump);
}

static int families_dump(struct netlink *netlink, const struct diag_filter *filter, struct dump *dump)
{
	int code = -EOPNOTSUPP;

	if (filter->family)
		return family_dump(netlink, filter->family, filter, dump);
	if (dump->protocol == IPPROTO_TCP)
		code = both_dump(netlink, filter, dump);
	if (code != -EOPNOTSUPP)
		return code;
	code = family_dump(netlink, AF_INET, filter, dump);
	return code ? code : family_dump(netlink, AF_INET6, filter, dump);
}

static int inet_dump(struct netlink *netlink, const struct diag_filter *filter, struct dump *dump,
		     struct sockctl_error *error)
{
	const char *what = dump->protocol == IPPROTO_UDP ? "UDP sockets" : "TCP sockets";
	int code = families_dump(netlink, filter, dump);

	if (code == -ENOENT) /* no module has registered for it */
		return error_set(error, -EOPNOTSUPP, "sock_diag", what, "this kernel lacks %s",
				 dump->protocol == IPPROTO_UDP ? "udp_diag (CONFIG_INET_UDP_DIAG)" :
								 "tcp_diag (CONFIG_INET_TCP_DIAG)");
	return code < 0 ? error_set(error, code, "sock_diag", what, NULL) : code;
}

struct behind {
	uint64_t cookie;
	bool met;
	uint64_t count; /* of sockets that came after that one */
};

static int behind_count(void *arg, struct socket_fact *socket)
{
	struct behind *behind = arg;

	behind->count += behind->met;
	behind->met |= socket->cookie == behind->cookie;
	return 0;
}

/* Did a socket with many keys end the dump? Then there are others behind the last, in the same order, without them: not
 * just one or two that came meanwhile to the end of the kernel's table. */
static int end_check(const struct dump *dump, const struct diag_filter *filter, struct sockctl_error *error)
{
	enum { MEANWHILE = 2 };
	const struct diag_filter bare = {.states = filter->states,
					 .family = filter->family,
					 .bare = true,
					 .code = filter->code,
					 .code_bytes = filter->code_bytes};
	struct behind behind = {.cookie = dump->socket.cookie, .met = !dump->count};
	struct dump again = {.visit = behind_count, .arg = &behind, .protocol = dump->protocol};
	struct netlink *netlink;
	int code = netlink_open_admin(&netlink, error);

	if (code)
		return code;
	code = inet_dump(netlink, &bare, &again, error);
	netlink_close(netlink);
	if (!behind.met && again.count > dump->count) /* the last has gone */
		behind.count = again.count - dump->count;
	if (code || behind.count <= MEANWHILE)
		return code;
	return error_set(
		error, -EMSGSIZE, "sock_diag", "marks",
		"the kernel ends such a dump at a socket with more keys of TCP_MD5SIG than a message holds: %llu "
		"sockets are behind it; without marks they come",
		(unsigned long long)behind.count);
}

int diag_dump_from(struct netlink *netlink, const struct diag_filter *filter, diag_visit *visit, void *arg,
		   struct sockctl_error *error)
{
	struct dump dump;
	int code;

	if (filter->family == AF_UNIX)
		return unix_diag_dump(netlink, filter->states, visit, arg, error);
	dump.visit = visit;
	dump.arg = arg;
	dump.protocol = filter->protocol ? filter->protocol : IPPROTO_TCP;
	dump.count = 0;
	dump.marked = false;
	code = inet_dump(netlink, filter, &dump, error);
	if (code || !filter->marks || dump.protocol != IPPROTO_TCP || (dump.count && !dump.marked))
		return code;
	return end_check(&dump, filter, error);
}

int diag_dump(const struct diag_filter *filter, diag_visit *visit, void *arg, struct sockctl_error *error)
{
	struct netlink *netlink;
	int code = filter->marks ? netlink_open_admin(&netlink, error) : netlink_open(&netlink, error);

	if (code)
		return code;
	code = diag_dump_from(netlink, filter, visit, arg, error);
	netlink_close(netlink);
	return code;
}

/* --- one socket -------------------------------------------------------------------------------------------------- */

struct again {
	struct socket_fact *socket;
	bool found;
};

static int again_visit(void *arg, const void *payload, size_t size)
{
	struct again *again = arg;

	again->found |= !diag_parse(payload, size, again->socket);
	return 0;
}

/* net/ipv4/inet_diag.c inet_diag_find_one_icsk(); a mapped address is looked for as the IPv4 address it is. */
static struct inet_diag_req_v2 again_request(const struct socket_fact *socket)
{
	struct inet_diag_req_v2 request = {
		.sdiag_family = socket->family,
		.sdiag_protocol = socket->protocol,
		.idiag_ext = extension(INET_DIAG_INFO) | extension(INET_DIAG_VEGASINFO),
		.idiag_states = UINT32_MAX,
		.id.idiag_sport = htons(socket->source_port),
		.id.idiag_dport = htons(socket->destination_port),
		.id.idiag_if = socket->interface,
		.id.idiag_cookie = {(uint32_t)socket->cookie, (uint32_t)(socket->cookie >> 32)},
	};
	size_t size = socket->family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);

	memcpy(request.id.idiag_src, socket->source, size);
	memcpy(request.id.idiag_dst, socket->destination, size);
	return request;
}

int diag_again(struct netlink *netlink, const struct socket_fact *socket, struct socket_fact *ret)
{
	struct inet_diag_req_v2 request = again_request(socket);
	struct again again = {ret, false};
	int r = netlink_ask_one(netlink, SOCK_DIAG_BY_FAMILY, &request, sizeof request);

	r = r ? r : netlink_answer(netlink, again_visit, &again);
	return r ? r : again.found ? 0 : -EPROTO;
}
