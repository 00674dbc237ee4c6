/* Options of one socket, by the row's `via`. Knows no spec and judges nothing: what the kernel says goes up as it
 * is. */
#include "socket/access.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

/* include/uapi/linux/socket.h, since Linux 5.14; Debian 12's headers have neither. */
enum { BUF_LOCK = 72, BUF_LOCK_SND = 1, BUF_LOCK_RCV = 2 };
/* include/net/tcp_states.h */
enum { STATE_CLOSE = 7, STATE_LISTEN = 10 };

static int number_get(int fd, int level, int number, int *ret)
{
	socklen_t length = sizeof *ret;

	return getsockopt(fd, level, number, ret, &length) ? -errno : 0;
}

static int number_set(int fd, int level, int number, int value)
{
	return setsockopt(fd, level, number, &value, sizeof value) ? -errno : 0;
}

/* The bit that setsockopt of this place sets in sk_userlocks (net/core/sock.c, __sock_set_rcvbuf and SO_SNDBUF). */
static int lock_bit(const struct place *place)
{
	return place->number == SO_SNDBUF ? BUF_LOCK_SND : BUF_LOCK_RCV;
}

static int buffer_unlock(int fd, const struct place *place)
{
	int locks, r = number_get(fd, SOL_SOCKET, BUF_LOCK, &locks);

	if (r || !(locks & lock_bit(place)))
		return r;
	return number_set(fd, SOL_SOCKET, BUF_LOCK, locks & ~lock_bit(place));
}

static int sockopt_set(int fd, const struct option *option, unsigned place, const struct value *value)
{
	const struct place *at = &option->place[place];
	struct optval optval = {0};

	if (value->form == FORM_AUTO)
		return buffer_unlock(fd, at);
	value_encode(option, value, &optval);
	return setsockopt(fd, at->level, at->number, optval.raw, optval.length) ? -errno : 0;
}

static int sockopt_get(int fd, const struct option *option, unsigned place, struct value *ret)
{
	struct optval optval = {.length = sizeof optval.raw};
	const struct place *at = &option->place[place];

	if (getsockopt(fd, at->level, at->read ? at->read : at->number, optval.raw, &optval.length))
		return -errno;
	value_decode(option, &optval, ret);
	return 0;
}

/* listen() again on a listener resizes its queue. */
static int listen_set(int fd, const struct option *option, unsigned place, const struct value *value)
{
	(void)option;
	(void)place;
	return listen(fd, (int)value->number) ? -errno : 0;
}

/* The kernel tells the limit of a listener's accept queue as tcpi_sacked (net/ipv4/tcp.c, tcp_get_info). */
static int listen_get(int fd, const struct option *option, unsigned place, struct value *ret)
{
	struct tcp_info info;
	socklen_t length = sizeof info;

	(void)option;
	(void)place;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return -errno;
	if (info.tcpi_state != STATE_LISTEN)
		return -EINVAL;
	*ret = (struct value){.form = FORM_NUMBER, .number = info.tcpi_sacked};
	return 0;
}

/* On one socket the shards are only its permission that others share the port; opening them is the caller's. */
static int shards_set(int fd, const struct option *option, unsigned place, const struct value *value)
{
	(void)option;
	(void)place;
	return number_set(fd, SOL_SOCKET, SO_REUSEPORT, value->number > 1);
}

/* NULL: no call of one socket does it. None tells how many others share the port, or how they are steered. */
static const struct accessor {
	int (*set)(int fd, const struct option *, unsigned place, const struct value *);
	int (*get)(int fd, const struct option *, unsigned place, struct value *ret);
	const char *call;
} accessors[] = {
	[VIA_SOCKOPT] = {sockopt_set, sockopt_get, "setsockopt"},
	[VIA_LISTEN] = {listen_set, listen_get, "listen"},
	[VIA_SHARDS] = {shards_set, NULL, "setsockopt"},
	[VIA_STEER] = {NULL, NULL, "setsockopt"}, /* steer.c */
};
_Static_assert(sizeof accessors / sizeof *accessors == VIA_COUNT, "a via without its accessor");

int access_set(int fd, const struct option *option, unsigned place, const struct value *value)
{
	const struct accessor *accessor = &accessors[option->via];

	return accessor->set ? accessor->set(fd, option, place, value) : -EOPNOTSUPP;
}

int access_get(int fd, const struct option *option, unsigned place, struct value *ret)
{
	const struct accessor *accessor = &accessors[option->via];

	return accessor->get ? accessor->get(fd, option, place, ret) : -EOPNOTSUPP;
}

const char *access_call(const struct option *option)
{
	return accessors[option->via].call;
}

int access_get_auto(int fd, const struct option *option, unsigned place, struct value *ret)
{
	struct value size = {0};
	int locks, r = number_get(fd, SOL_SOCKET, BUF_LOCK, &locks);

	if (!r)
		r = access_get(fd, option, place, &size);
	if (r)
		return r;
	*ret = size;
	ret->form = locks & lock_bit(&option->place[place]) ? FORM_NUMBER : FORM_AUTO;
	return 0;
}

bool access_may_be_dual(const struct sockaddr_storage *address)
{
	const struct in6_addr *host = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;

	return address->ss_family == AF_INET6 && (IN6_IS_ADDR_UNSPECIFIED(host) || IN6_IS_ADDR_V4MAPPED(host));
}

int access_dual_stack(int fd, bool *ret)
{
	int only, r = number_get(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only);

	if (!r)
		*ret = !only;
	return r;
}

int access_window_cap(int fd, int64_t *ret_bytes)
{
	struct tcp_info info;
	socklen_t length = sizeof info;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return -errno;
	/* Before the peer has answered nothing is agreed; without TCPI_OPT_WSCALE the scale is 0 and is so read. */
	*ret_bytes = (int64_t)UINT16_MAX << info.tcpi_rcv_wscale;
	return 0;
}

static bool address_is_bound(const struct sockaddr_storage *address)
{
	/* sin_port and sin6_port lie at the same offset */
	return ((const struct sockaddr_in *)(const void *)address)->sin_port != 0;
}

static int other_state_read(int fd, struct access_facts *facts)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof peer;
	int listening, r = number_get(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening);

	if (r)
		return r;
	facts->listening = listening;
	facts->connected = !getpeername(fd, (struct sockaddr *)&peer, &length);
	return facts->connected || errno == ENOTCONN ? 0 : -errno;
}

static int state_read(int fd, struct access_facts *facts)
{
	struct tcp_info info;
	socklen_t length = sizeof info;

	if (facts->protocol != IPPROTO_TCP)
		return other_state_read(fd, facts);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return -errno;
	facts->listening = info.tcpi_state == STATE_LISTEN;
	facts->connected = info.tcpi_state != STATE_LISTEN && info.tcpi_state != STATE_CLOSE;
	return 0;
}

static int kind_read(int fd, struct access_facts *facts)
{
	int r = number_get(fd, SOL_SOCKET, SO_DOMAIN, &facts->family);

	if (r)
		return r;
	if (facts->family != AF_INET && facts->family != AF_INET6)
		return -EAFNOSUPPORT;
	return number_get(fd, SOL_SOCKET, SO_TYPE, &facts->type);
}

static int name_read(int fd, struct access_facts *facts)
{
	struct sockaddr_storage address = {0};
	socklen_t length = sizeof address;

	if (getsockname(fd, (struct sockaddr *)&address, &length))
		return -errno;
	facts->bound = address_is_bound(&address);
	return access_may_be_dual(&address) ? access_dual_stack(fd, &facts->dual_stack) : 0;
}

int access_kind_read(int fd, struct access_facts *ret)
{
	struct access_facts facts = {0};
	int r = kind_read(fd, &facts);

	if (!r && facts.family == AF_INET6)
		r = name_read(fd, &facts);
	if (!r)
		*ret = facts;
	return r;
}

int access_facts_read(int fd, struct access_facts *ret)
{
	struct access_facts facts = {0};
	int r = kind_read(fd, &facts);

	if (!r)
		r = number_get(fd, SOL_SOCKET, SO_PROTOCOL, &facts.protocol);
	if (!r)
		r = state_read(fd, &facts);
	if (!r)
		r = name_read(fd, &facts);
	if (!r)
		*ret = facts;
	return r;
}
