/* One outgoing connection: its phases, its errors in words. Resolves nothing, waits for nothing. */
#include "socket/outgoing.h"
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "base/error.h"
#include "socket/address.h"

static const char *failure_hint(int errno_value)
{
	switch (errno_value) {
	case ECONNREFUSED:
		return "; nothing listens there";
	case ETIMEDOUT:
		return "; no answer: the host, a firewall, or a listener whose queue is full";
	case EADDRNOTAVAIL:
		return "; no local port is left for this destination (net.ipv4.ip_local_port_range), or no interface here "
		       "has the source address";
	case EADDRINUSE:
		return "; another socket has the source address and port (port 0 picks one)";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "; there is no route";
	default:
		return "";
	}
}

int outgoing_failed(const struct outgoing *out, const char *call, int e)
{
	return error_set(&out->report->error, -e, call, out->subject, "%s%s", strerror(e), failure_hint(e));
}

bool outgoing_is_mapped(const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const void *)address;

	return address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);
}

int outgoing_check(const struct sockaddr *address, socklen_t length, const char *subject, struct sockctl_error *error)
{
	socklen_t least;

	if (!address || length < sizeof address->sa_family)
		return error_set(error, -EINVAL, "connect", NULL, "an address is needed");
	least = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return error_set(error, -EAFNOSUPPORT, "connect", subject, "an IPv4 or IPv6 address is needed");
	if (length < least)
		return error_set(error, -EINVAL, "connect", subject, "the address is cut short");
	return 0;
}

int outgoing_phase(struct outgoing *out, enum sockctl_phase phase, enum outgoing_how how)
{
	struct plan plan = {0};
	int r;

	out->at.phase = phase;
	if (phase != SOCKCTL_CREATED)
		plan_make(&plan, out->at.spec, &out->target, phase);
	if (phase == SOCKCTL_CREATED)
		r = apply_unsupported(&out->at, &out->target, out->report);
	else
		r = (how == OUTGOING_SET ? apply_set : apply_plan)(&out->at, &plan, out->report);
	return r ? r : apply_control(out->control, &out->at, &out->report->error);
}

int outgoing_open(struct outgoing *out, const struct sockaddr *address, int flags)
{
	out->target = (struct plan_target){address->sa_family, outgoing_is_mapped(address), PROTOCOL_TCP};
	out->at.fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, IPPROTO_TCP);
	return out->at.fd < 0 ? outgoing_failed(out, "socket", errno) : 0;
}

static bool port_is_open(const struct sockaddr *address)
{
	return !((const struct sockaddr_in *)(const void *)address)->sin_port; /* lies alike in sockaddr_in6 */
}

int outgoing_bind(struct outgoing *out, const struct sockaddr *local, socklen_t length)
{
	const enum option_id late_port = OPTION_bind_address_no_port;
	const struct value on = {.form = FORM_NUMBER, .number = 1};

	/* A kernel without it binds all the same, and runs out of ports earlier: no reason to fail. */
	if (port_is_open(local) && !spec_find(out->at.spec, late_port))
		access_set(out->at.fd, &catalogue[late_port], 0, &on);
	return bind(out->at.fd, local, length) ? outgoing_failed(out, "bind", errno) : 0;
}

int outgoing_result(int fd)
{
	int e = 0;
	socklen_t length = sizeof e;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &length) ? errno : e;
}

static int own_peer_read(int fd, bool *ret)
{
	struct sockaddr_in6 own = {0}, peer = {0}; /* has room for the IPv4 form, too */
	socklen_t own_length = sizeof own, peer_length = sizeof peer;

	if (getsockname(fd, (struct sockaddr *)&own, &own_length))
		return -errno;
	/* With fastopen-connect nothing is connected yet. */
	if (getpeername(fd, (struct sockaddr *)&peer, &peer_length))
		return errno == ENOTCONN ? 0 : -errno;
	*ret = own_length == peer_length && !memcmp(&own, &peer, own_length);
	return 0;
}

int outgoing_check_peer(const struct outgoing *out)
{
	bool own = false;
	int r = own_peer_read(out->at.fd, &own);

	if (r)
		return outgoing_failed(out, "getsockname", -r);
	return own ? error_set(&out->report->error, -ECONNREFUSED, "connect", out->subject,
			       "nothing listens there: the socket was given that very port, and met itself") :
		     0;
}
