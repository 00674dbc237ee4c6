/* The life of a connection, step by step. Its sockets are set up here without the library's help: they must not
 * depend on what is being measured. */
#include "probe/stage.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BACKLOG = 8 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static const struct in6_addr mapped_loopback = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};

static int domain_of(enum probe_family family)
{
	return family == PROBE_TCP4 || family == PROBE_UDP4 ? AF_INET : AF_INET6;
}

bool stage_is_udp(enum probe_family family)
{
	return family == PROBE_UDP4 || family == PROBE_UDP6;
}

/* IPv6 sockets bind to [::]: a bind to one IPv6 address switches IPV6_V6ONLY on. */
static socklen_t address_make(union address *a, enum probe_family family)
{
	memset(a, 0, sizeof *a);
	if (domain_of(family) == AF_INET) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof a->v4;
	}
	a->v6.sin6_family = AF_INET6;
	a->v6.sin6_addr = in6addr_any;
	return sizeof a->v6;
}

int stage_socket(enum probe_family family)
{
	int off = 0,
	    fd = socket(domain_of(family), (stage_is_udp(family) ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (family == PROBE_DUAL && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off)) {
		int r = -errno;

		close(fd);
		return r;
	}
	return fd;
}

int stage_wait(int fd, short events, int patience_ms)
{
	struct pollfd wait = {.fd = fd, .events = events};
	int n = poll(&wait, 1, patience_ms);

	return n < 0 ? -errno : n ? 0 : -ETIMEDOUT;
}

/* net/ipv4/tcp_ipv4.c tcp_v4_rcv() runs a socket's filter before anything is acknowledged: "return 0" is a silent
 * peer. */
int stage_silence(int fd, bool on)
{
	struct sock_filter drop = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog program = {.len = 1, .filter = &drop};
	int none = 0;

	return on ? setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) ? -errno : 0 :
	       setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &none, sizeof none) ? -errno :
										  0;
}

/* What is under test may have closed the listener to IPv4. */
static bool listener_is_v6only(int fd)
{
	int on = 0;
	socklen_t length = sizeof on;

	return !getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, &length) && on;
}

static int listener_address(const struct stage *stage, union address *a, socklen_t *length)
{
	*length = sizeof *a;
	if (getsockname(stage->listener, &a->any, length))
		return -errno;
	if (domain_of(stage->family) == AF_INET6)
		a->v6.sin6_addr = stage->family != PROBE_DUAL || listener_is_v6only(stage->listener) ?
					  in6addr_loopback :
					  mapped_loopback;
	return 0;
}

/* --- the steps: each leaves the stage at its point ------------------------------------------------------------- */

static int step_listener(struct stage *stage)
{
	stage->listener = stage_socket(stage->family);
	return stage->listener < 0 ? stage->listener : 0;
}

static int step_bind(struct stage *stage)
{
	union address a;
	socklen_t length = address_make(&a, stage->family);

	return bind(stage->listener, &a.any, length) ? -errno : 0;
}

static int step_listen(struct stage *stage)
{
	return listen(stage->listener, BACKLOG) ? -errno : 0;
}

static int step_client(struct stage *stage)
{
	stage->client = stage_socket(stage->family);
	return stage->client < 0 ? stage->client : 0;
}

static int step_client_bind(struct stage *stage)
{
	union address a;
	socklen_t length = address_make(&a, stage->family);

	return bind(stage->client, &a.any, length) ? -errno : 0;
}

/* Never blocks; -EALREADY and the like are not failures: the client may have begun before. */
int stage_connect(const struct stage *stage, int fd)
{
	union address a;
	socklen_t length;
	int r = listener_address(stage, &a, &length), flags = fcntl(fd, F_GETFL);

	if (r)
		return r;
	fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	r = connect(fd, &a.any, length) ? -errno : 0;
	fcntl(fd, F_SETFL, flags);
	return r == -EINPROGRESS || r == -EALREADY || r == -EISCONN ? 0 : r;
}

int stage_call_with_data(const struct stage *stage)
{
	union address a;
	socklen_t length;
	int fd = stage_socket(stage->family), r = fd < 0 ? fd : listener_address(stage, &a, &length);

	if (!r && sendto(fd, "x", 1, MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL, &a.any, length) < 0 &&
	    errno != EINPROGRESS)
		r = -errno;
	if (!r)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}

int stage_call(const struct stage *stage)
{
	int fd = stage_socket(stage->family), r = fd < 0 ? fd : stage_connect(stage, fd);

	if (!r)
		return fd;
	if (fd >= 0)
		close(fd);
	return r;
}

static int step_connecting(struct stage *stage)
{
	int r = stage_silence(stage->listener, true);

	return r ? r : stage_connect(stage, stage->client);
}

static int socket_error(int fd)
{
	int error = 0;
	socklen_t length = sizeof error;

	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) ? -errno : -error;
}

/* With a byte sent, so that a listener which waits for data hands the connection over. */
static int step_established(struct stage *stage)
{
	int r;

	stage_silence(stage->listener, false); /* of a connection that was seen connecting */
	r = stage_connect(stage, stage->client);
	if (!r)
		r = stage_wait(stage->client, POLLOUT, STAGE_PATIENCE_MS);
	if (!r)
		r = socket_error(stage->client);
	if (r || stage_is_udp(stage->family))
		return r;
	return send(stage->client, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int step_queued(struct stage *stage)
{
	return stage_wait(stage->listener, POLLIN, STAGE_PATIENCE_MS);
}

static int step_accept(struct stage *stage)
{
	stage->accepted = accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC);
	return stage->accepted < 0 ? -errno : 0;
}

/* Until the FIN is acknowledged, which may take a delayed ACK's time: or the client would go on repeating it. */
static int step_close_wait(struct stage *stage)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;
	int r = shutdown(stage->client, SHUT_WR) ? -errno : stage_wait(stage->accepted, POLLRDHUP, STAGE_PATIENCE_MS);

	for (int waited_ms = 0; !r && waited_ms < STAGE_PATIENCE_MS; waited_ms++) {
		if (getsockopt(stage->client, IPPROTO_TCP, TCP_INFO, &info, &length))
			return -errno;
		if (info.tcpi_state == TCP_FIN_WAIT2)
			return 0;
		stage_wait(stage->client, 0, 1);
	}
	return r ? r : -ETIMEDOUT;
}

static int *listener_of(struct stage *stage)
{
	return &stage->listener;
}

static int *client_of(struct stage *stage)
{
	return &stage->client;
}

static int *accepted_of(struct stage *stage)
{
	return &stage->accepted;
}

enum { STEP_TCP = 1, STEP_UDP = 2, STEP_ON_DEMAND = 4 };

static const struct {
	int (*step)(struct stage *);
	int *(*socket)(struct stage *);
	unsigned which;
} steps[STAGE_POINTS] = {
	[LISTENER_UNBOUND] = {step_listener, listener_of, STEP_TCP | STEP_UDP},
	[LISTENER_BOUND] = {step_bind, listener_of, STEP_TCP | STEP_UDP},
	[LISTENER_LISTENING] = {step_listen, listener_of, STEP_TCP},
	[CLIENT_UNBOUND] = {step_client, client_of, STEP_TCP | STEP_UDP},
	[CLIENT_BOUND] = {step_client_bind, client_of, STEP_TCP | STEP_UDP | STEP_ON_DEMAND},
	[CLIENT_CONNECTING] = {step_connecting, client_of, STEP_TCP | STEP_ON_DEMAND},
	[CLIENT_ESTABLISHED] = {step_established, client_of, STEP_TCP | STEP_UDP},
	[LISTENER_QUEUED] = {step_queued, listener_of, STEP_TCP},
	[CHILD_ACCEPTED] = {step_accept, accepted_of, STEP_TCP},
	[CHILD_CLOSE_WAIT] = {step_close_wait, accepted_of, STEP_TCP},
};

enum stage_point stage_point_of(enum probe_family family, enum probe_phase phase)
{
	static const enum stage_point points[PROBE_PHASES] = {
		[PROBE_UNBOUND] = LISTENER_UNBOUND,       [PROBE_BOUND] = LISTENER_BOUND,
		[PROBE_LISTENING] = LISTENER_LISTENING,   [PROBE_CONNECTING] = CLIENT_CONNECTING,
		[PROBE_ESTABLISHED] = CLIENT_ESTABLISHED, [PROBE_ACCEPTED] = CHILD_ACCEPTED,
		[PROBE_CLOSE_WAIT] = CHILD_CLOSE_WAIT,
	};
	unsigned kind = stage_is_udp(family) ? STEP_UDP : STEP_TCP;

	return steps[points[phase]].which & kind ? points[phase] : STAGE_POINTS;
}

int stage_build(struct stage *stage, enum probe_family family, enum stage_point until, const struct stage_hook *hook)
{
	unsigned kind = stage_is_udp(family) ? STEP_UDP : STEP_TCP;

	*stage = (struct stage){family, -1, -1, -1};
	for (enum stage_point point = 0; point <= until; point++) {
		bool hooked = hook && hook->point == point;
		int r;

		if (!(steps[point].which & kind))
			continue;
		if (steps[point].which & STEP_ON_DEMAND && !hooked && point != until)
			continue;
		r = steps[point].step(stage);
		if (!r && hooked)
			r = hook->call(*steps[point].socket(stage), hook->arg);
		if (r < 0)
			return r;
	}
	return *steps[until].socket(stage);
}

void stage_close(int *fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	if (*fd < 0)
		return;
	setsockopt(*fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(*fd);
	*fd = -1;
}

void stage_strike(struct stage *stage)
{
	stage_close(&stage->client);
	stage_close(&stage->accepted);
	stage_close(&stage->listener);
}
