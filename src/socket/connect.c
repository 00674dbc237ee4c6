/* An outgoing connection to one address: what must precede connect(), connect(), the rest. Resolves nothing. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "socket/address.h"
#include "socket/outgoing.h"
#include "socket/report.h"

/* How long the socket's SO_SNDTIMEO lets a call wait from now on; -1: for ever, as without one. 0 or -errno. */
static int patience_read(int fd, int64_t *ret_us)
{
	struct value timeout = {.number = 0};
	int r = access_get(fd, &catalogue[OPTION_sndtimeo], 0, &timeout);

	if (!r)
		*ret_us = timeout.number ? timeout.number : -1;
	return r;
}

/* 0, ETIMEDOUT: the patience is at its end, or another errno. */
static int answer_wait(int fd, int64_t wait_us)
{
	enum { US_PER_MS = 1000 };
	struct pollfd poller = {.fd = fd, .events = POLLOUT};
	int64_t end_us = (int64_t)clock_us() + wait_us;
	int r;

	do {
		int64_t left_us = end_us - (int64_t)clock_us();
		int64_t left_ms = left_us > 0 ? (left_us + US_PER_MS - 1) / US_PER_MS : 0;

		r = poll(&poller, 1, wait_us < 0 ? -1 : left_ms < INT_MAX ? (int)left_ms : INT_MAX);
	} while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : r ? errno : ETIMEDOUT;
}

static int timeout_tell(const struct outgoing *out)
{
	return error_set(&out->report->error, -ETIMEDOUT, "connect", out->subject,
			 "the socket's send timeout (SO_SNDTIMEO) passed before there was an answer");
}

/* An interrupted connect() goes on by itself, and so does that of a socket which the hook has made non-blocking: the
 * caller has asked for a connection, so it is waited for, as long as the socket's send timeout allows. On a blocking
 * socket EINPROGRESS says that it has passed (net/ipv4/af_inet.c, __inet_stream_connect). */
static int connect_finish(const struct outgoing *out, int e)
{
	if (e == EINPROGRESS && !(fcntl(out->at.fd, F_GETFL) & O_NONBLOCK))
		return timeout_tell(out);
	if (e == EINPROGRESS || e == EINTR) {
		int64_t wait_us;
		int r = patience_read(out->at.fd, &wait_us);

		if (r)
			return outgoing_failed(out, "getsockopt", -r);
		e = answer_wait(out->at.fd, wait_us);
		if (e == ETIMEDOUT)
			return timeout_tell(out);
		e = e ? e : outgoing_result(out->at.fd);
	}
	return e ? outgoing_failed(out, "connect", e) : outgoing_check_peer(out);
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
