/* Outgoing connections: what must precede connect(), connect(), the rest. Resolves nothing. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "socket/address.h"
#include "socket/apply.h"
#include "socket/report.h"

struct connecting {
	struct applying at;
	struct plan_target target;
	const struct sockctl_control *control;
	struct sockctl_report *report;
};

static const char *connect_hint(int errno_value)
{
	switch (errno_value) {
	case ECONNREFUSED:
		return "; nothing listens there";
	case ETIMEDOUT:
		return "; no answer: the host, a firewall, or a listener whose queue is full";
	case EADDRNOTAVAIL:
		return "; no local port is left for this destination (net.ipv4.ip_local_port_range)";
	case ENETUNREACH:
	case EHOSTUNREACH:
		return "; there is no route";
	default:
		return "";
	}
}

static int call_failed(const struct connecting *c, const char *op, const char *subject, int e)
{
	return error_set(&c->report->error, -e, op, subject, "%s%s", strerror(e), connect_hint(e));
}

static int phase_make(struct connecting *c, enum sockctl_phase phase)
{
	struct plan plan = {0};
	int r;

	c->at.phase = phase;
	if (phase != SOCKCTL_CREATED)
		plan_make(&plan, c->at.spec, &c->target, phase);
	r = phase == SOCKCTL_CREATED ? apply_unsupported(&c->at, &c->target, c->report) :
				       apply_plan(&c->at, &plan, c->report);
	return r ? r : apply_control(c->control, &c->at, &c->report->error);
}

/* An interrupted connect() goes on by itself; calling it again would answer EALREADY. */
static int connect_finish(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	int e = 0;
	socklen_t length = sizeof e;

	while (poll(&poller, 1, -1) < 0)
		if (errno != EINTR)
			return errno;
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &e, &length) ? errno : e;
}

static int connect_make(struct connecting *c, const struct sockaddr *address, socklen_t length, int flags,
			const char *subject)
{
	bool waits = !(flags & SOCK_NONBLOCK);
	int e = connect(c->at.fd, address, length) ? errno : 0;

	if (e == EINTR && waits)
		e = connect_finish(c->at.fd);
	if (e && (waits || (e != EINPROGRESS && e != EINTR)))
		return call_failed(c, "connect", subject, e);
	return waits ? phase_make(c, SOCKCTL_CONNECTED) : 0;
}

static bool address_is_mapped(const struct sockaddr *address)
{
	const struct sockaddr_in6 *six = (const void *)address;

	return address->sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&six->sin6_addr);
}

static int arguments_check(const struct sockaddr *address, socklen_t length, int flags, const char *subject,
			   struct sockctl_error *error)
{
	socklen_t least = address->sa_family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);

	if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
		return error_set(error, -EAFNOSUPPORT, "connect", subject, "an IPv4 or IPv6 address is needed");
	if (length < least)
		return error_set(error, -EINVAL, "connect", subject, "the address is cut short");
	if (flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		return error_set(error, -EINVAL, "connect", subject, "flags are SOCK_NONBLOCK or 0");
	return 0;
}

int sockctl_connect(const struct sockaddr *address, socklen_t length, int flags, const struct sockctl_spec *spec,
		    const struct sockctl_control *control, struct sockctl_report *report)
{
	struct connecting c = {.at = {.spec = apply_spec(spec)}, .control = control};
	struct sockctl_report spare;
	char subject[sizeof spare.error.subject];
	int r = report_begin(&report, &spare, c.at.spec);

	if (r)
		return r;
	c.report = report;
	if (!address || length < sizeof address->sa_family)
		return error_set(&report->error, -EINVAL, "connect", NULL, "an address is needed");
	address_format(address, length, subject, sizeof subject);
	r = arguments_check(address, length, flags, subject, &report->error);
	if (r)
		return r;
	c.target = (struct plan_target){address->sa_family, address_is_mapped(address), PROTOCOL_TCP};
	c.at.fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | (flags & SOCK_NONBLOCK), IPPROTO_TCP);
	if (c.at.fd < 0)
		return call_failed(&c, "socket", subject, errno);
	r = phase_make(&c, SOCKCTL_CREATED);
	if (!r)
		r = phase_make(&c, SOCKCTL_PRE_CONNECT);
	if (!r)
		r = connect_make(&c, address, length, flags, subject);
	if (r)
		close(c.at.fd);
	return r ? r : c.at.fd;
}
