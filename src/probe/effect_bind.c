/* Effects on bind(), and on who gets the connections of a port. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "probe/effect.h"

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* Does a fresh socket, with the value of the case, bind there? */
static struct probe_finding bind_show(const struct effect_case *c, const union address *a, socklen_t length)
{
	int fd = stage_socket(c->subject->family);
	bool set = fd >= 0 && (!c->value || !effect_set(c, fd));
	struct probe_finding finding = EFFECT_FINDING(set && !bind(fd, &a->any, length));

	if (fd >= 0)
		close(fd);
	return set ? finding : EFFECT_UNKNOWN("it cannot be set before bind()");
}

/* A documentation address (RFC 5737, RFC 3849), which no host has. */
static struct probe_finding show_address(const struct effect_case *c)
{
	static const struct in6_addr v6 = {{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
	static const struct in6_addr mapped = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}}};
	enum probe_family family = c->subject->family;
	union address a = {.v4 = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)}};

	if (family == PROBE_TCP4 || family == PROBE_UDP4)
		return bind_show(c, &a, sizeof a.v4);
	memset(&a, 0, sizeof a);
	a.v6.sin6_family = AF_INET6;
	a.v6.sin6_addr = family == PROBE_DUAL ? mapped : v6;
	return bind_show(c, &a, sizeof a.v6);
}

/* A server gets the option in the phase of the case, has one connection, closes it and itself: the side that closes first
 * keeps the port, in TIME_WAIT. Its successor has the option too: must the connection make way? */
static struct probe_finding show_time_wait(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	struct effect_case server = *c, successor = *c;
	struct stage_hook hook = {LISTENER_UNBOUND, effect_hook, &server};
	struct value own;
	struct stage stage;
	union address a;
	socklen_t length = sizeof a;
	char byte;

	if (c->phase == PROBE_CONNECTING || c->phase == PROBE_ESTABLISHED || c->phase == PROBE_CLOSE_WAIT)
		return EFFECT_UNKNOWN("nobody binds to what this phase leaves");
	subject_value(c->subject, &own);
	successor.value = &own;
	hook.point = c->value ? stage_point_of(c->subject->family, c->phase) : STAGE_POINTS;
	if (stage_build(&stage, c->subject->family, CHILD_ACCEPTED, &hook) >= 0 &&
	    !getsockname(stage.listener, &a.any, &length) && recv(stage.accepted, &byte, 1, 0) == 1) {
		close(stage.listener);
		close(stage.accepted);
		stage.listener = stage.accepted = -1;
		finding = bind_show(&successor, &a, length);
	}
	stage_strike(&stage);
	return finding;
}

static struct probe_finding show_foreign(const struct effect_case *c)
{
	bool before = c->phase == PROBE_UNBOUND || c->phase == PROBE_PHASES;

	return before ? show_address(c) : EFFECT_UNKNOWN("what comes for others' addresses takes routing to see");
}

const struct effect_probe effect_foreign = {.show = show_foreign, .udp = true};
const struct effect_probe effect_address = {.show = show_address, .decided = EFFECT_AFTER_BIND, .udp = true};
const struct effect_probe effect_time_wait = {.show = show_time_wait};

/* Two sockets that both have it, of which the first got it in the phase of the case. */
static struct probe_finding show_shared_port(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	struct stage stage;
	union address a;
	socklen_t length = sizeof a;

	if (c->phase > PROBE_LISTENING && c->phase != PROBE_PHASES)
		return EFFECT_UNKNOWN("nobody shares a connection");
	if (effect_listen(&stage, c) >= 0 && !getsockname(stage.listener, &a.any, &length))
		finding = bind_show(c, &a, length);
	stage_strike(&stage);
	return finding;
}

/* Does a socket for all of IPv4 bind to the same port? */
static struct probe_finding show_ipv6_only(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	int fd = stage_socket(stage_is_udp(c->subject->family) ? PROBE_UDP4 : PROBE_TCP4);
	struct stage stage;
	union address a;
	socklen_t length = sizeof a;

	if (effect_listen(&stage, c) >= 0 && !getsockname(stage.listener, &a.any, &length) && fd >= 0) {
		union address other = {.v4 = {.sin_family = AF_INET, .sin_port = a.v6.sin6_port}};

		finding = EFFECT_FINDING(!bind(fd, &other.any, sizeof other.v4));
	}
	if (fd >= 0)
		close(fd);
	stage_strike(&stage);
	return finding;
}

enum { ARRIVES_MS = 300 };

/* Does a datagram or a caller get through? */
static bool somebody_arrives(const struct stage *stage)
{
	int caller = stage_call(stage), error = 0;
	socklen_t length = sizeof error;
	bool arrives = false;

	if (caller < 0)
		return false;
	if (stage_is_udp(stage->family))
		arrives = send(caller, "x", 1, MSG_NOSIGNAL) == 1 && !stage_wait(stage->listener, POLLIN, ARRIVES_MS);
	else
		arrives = !stage_wait(caller, POLLOUT, ARRIVES_MS) &&
			  !getsockopt(caller, SOL_SOCKET, SO_ERROR, &error, &length) && !error;
	close(caller);
	return arrives;
}

static struct probe_finding device_connection(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	struct scene scene;

	scene_build(&scene, c);
	if (!scene.error && send(scene.peer, "x", 1, MSG_NOSIGNAL) == 1)
		finding = EFFECT_FINDING(stage_wait(scene.fd, POLLIN, ARRIVES_MS) == -ETIMEDOUT);
	scene_strike(&scene);
	return finding;
}

/* Everybody comes by the loopback device; the socket listens to another. */
static struct probe_finding show_device(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no listener came about");
	bool udp = stage_is_udp(c->subject->family);
	struct stage stage;

	if (c->phase == PROBE_CONNECTING || c->phase == PROBE_CLOSE_WAIT || (udp && c->phase == PROBE_ESTABLISHED))
		return EFFECT_UNKNOWN("nothing is to arrive in this phase");
	if (c->phase == PROBE_ESTABLISHED || c->phase == PROBE_ACCEPTED)
		return device_connection(c);
	if (effect_listen(&stage, c) >= 0)
		finding = EFFECT_FINDING(!somebody_arrives(&stage));
	stage_strike(&stage);
	return finding;
}

const struct effect_probe effect_shared_port = {.show = show_shared_port, .udp = true};
const struct effect_probe effect_ipv6_only = {.show = show_ipv6_only, .decided = EFFECT_AFTER_BIND, .udp = true};
const struct effect_probe effect_device = {.show = show_device, .text = SCENE_DEVICE, .udp = true};
/* On the loopback device every packet has a hop limit of 64. */
const struct effect_probe effect_min_hops = {.show = show_device, .text = "255"};

/* --- the port that bind() chooses ------------------------------------------------------------------------------ */

/* The port of a fresh socket, with the value of the case, after bind() to port 0; -1 if it does not come about. */
static int port_chosen(const struct effect_case *c)
{
	enum probe_family family = c->subject->family;
	bool v4 = family == PROBE_TCP4 || family == PROBE_UDP4;
	union address a = {.v4 = {.sin_family = v4 ? AF_INET : AF_INET6}}; /* the rest: any address */
	socklen_t length = v4 ? sizeof a.v4 : sizeof a.v6;
	int fd = stage_socket(family), port = -1;

	if (fd < 0)
		return -1;
	if ((!c->value || !effect_set(c, fd)) && !bind(fd, &a.any, length) && !getsockname(fd, &a.any, &length))
		port = ntohs(a.v4.sin_port); /* sin_port and sin6_port lie at the same offset */
	close(fd);
	return port;
}

static struct probe_finding show_port(const struct effect_case *c)
{
	int port = port_chosen(c);

	return port < 0 ? EFFECT_UNKNOWN("no socket could be bound") : EFFECT_FINDING(!port);
}

/* The host's own range may hold the row's: then a port of it may come up by chance, but not thrice. */
static struct probe_finding show_port_range(const struct effect_case *c)
{
	enum { TRIES = 3 };
	struct value range;
	bool within = true;

	subject_value(c->subject, &range);
	for (int i = 0; i < TRIES && within; i++) {
		int port = port_chosen(c);

		if (port < 0)
			return EFFECT_UNKNOWN("no socket could be bound");
		within = port >= (range.number & UINT16_MAX) && port <= range.number >> 16;
	}
	return EFFECT_FINDING(within);
}

const struct effect_probe effect_port = {.show = show_port, .decided = EFFECT_AFTER_BIND, .udp = true};
const struct effect_probe effect_port_range = {.show = show_port_range, .decided = EFFECT_AFTER_BIND, .udp = true};
