/* An outgoing connection to one address: what must precede connect(), connect(), the rest. Resolves nothing. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>
#include "base/error.h"
#include "socket/address.h"
#include "socket/outgoing.h"
#include "socket/report.h"

static int connect_wait(int fd)
{
	struct pollfd poller = {.fd = fd, .events = POLLOUT};

	while (poll(&poller, 1, -1) < 0)
		if (errno != EINTR)
			return errno;
	return outgoing_result(fd);
}

/* An interrupted connect() goes on by itself (calling it again would answer EALREADY), and so does that of a
 * socket which the hook has made non-blocking: the caller has asked for a connection, so it is waited for. On a
 * blocking socket EINPROGRESS says that SO_SNDTIMEO has passed (net/ipv4/af_inet.c, __inet_stream_connect). */
static int connect_finish(const struct outgoing *out, int e)
{
	if (e == EINPROGRESS && !(fcntl(out->at.fd, F_GETFL) & O_NONBLOCK))
		return error_set(&out->report->error, -ETIMEDOUT, "connect", out->subject,
				 "the socket's send timeout (SO_SNDTIMEO) passed before there was an answer");
	if (e == EINPROGRESS || e == EINTR)
		e = connect_wait(out->at.fd);
	return e ? outgoing_failed(out, "connect", e) : 0;
}

static int connect_make(struct outgoing *out, const struct sockaddr *address, socklen_t length, int flags)
{
	int e = connect(out->at.fd, address, length) ? errno : 0, r;

	if (flags & SOCK_NONBLOCK)
		return e && e != EINPROGRESS && e != EINTR ? outgoing_failed(out, "connect", e) : 0;
	r = connect_finish(out, e);
	return r ? r : outgoing_phase(out, SOCKCTL_CONNECTED, OUTGOING_SET_AND_READ);
}

static int arguments_check(const struct sockaddr *address, socklen_t length, int flags, const char *subject,
			   struct sockctl_error *error)
{
	int r = outgoing_check(address, length, subject, error);

	if (!r && flags & ~(SOCK_NONBLOCK | SOCK_CLOEXEC))
		r = error_set(error, -EINVAL, "connect", subject, "flags are SOCK_NONBLOCK or 0");
	return r;
}

int sockctl_connect(const struct sockaddr *address, socklen_t length, int flags, const struct sockctl_spec *spec,
		    const struct sockctl_control *control, struct sockctl_report *report)
{
	struct outgoing out = {.at = {.spec = apply_spec(spec)}, .control = control};
	struct sockctl_report spare;
	char subject[sizeof spare.error.subject] = "";
	int r = report_begin(&report, &spare, out.at.spec);

	if (r)
		return r;
	out.report = report;
	out.subject = subject;
	if (address && length >= sizeof address->sa_family)
		address_format(address, length, subject, sizeof subject);
	r = arguments_check(address, length, flags, subject, &report->error);
	if (!r)
		r = outgoing_open(&out, address, flags & SOCK_NONBLOCK);
	if (r)
		return r;
	r = outgoing_phase(&out, SOCKCTL_CREATED, OUTGOING_SET_AND_READ);
	if (!r)
		r = outgoing_phase(&out, SOCKCTL_PRE_CONNECT, OUTGOING_SET_AND_READ);
	if (!r)
		r = connect_make(&out, address, length, flags);
	if (r)
		close(out.at.fd);
	return r ? r : out.at.fd;
}
