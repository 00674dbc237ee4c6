/* Sockets in a given phase of their life, in a network namespace of our own. */
#include "stage.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

enum { PATIENCE_S = 10, BACKLOG = 8 };

const char *const family_names[FAMILIES] = {"IPv4", "IPv6", "dual-stack"};

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t address_make(union address *a, enum family family)
{
	memset(a, 0, sizeof *a);
	if (family == FAMILY_V4) {
		a->v4.sin_family = AF_INET;
		a->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		return sizeof a->v4;
	}
	a->v6.sin6_family = AF_INET6; /* bound to [::]: a bind to one IPv6 address switches IPV6_V6ONLY on */
	a->v6.sin6_addr = in6addr_any;
	return sizeof a->v6;
}

static int socket_open(enum family family)
{
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int off = 0, fd = socket(family == FAMILY_V4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
	if (family == FAMILY_DUAL)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
	return fd;
}

static const struct in6_addr mapped_loopback = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 127, 0, 0, 1}}};

/* What is under test may have closed the listener to IPv4. */
static int listener_is_v6only(int fd)
{
	int on = 0;
	socklen_t length = sizeof on;

	return !getsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, &length) && on;
}

/* The client, with a byte sent, so that a listener which waits for data hands the connection over. */
static int client_open(struct stage *stage, enum family family)
{
	union address a;
	socklen_t length = sizeof a;

	if (getsockname(stage->listener, &a.any, &length))
		return -errno;
	stage->client = socket_open(family);
	if (stage->client < 0)
		return stage->client;
	if (family != FAMILY_V4)
		a.v6.sin6_addr = family == FAMILY_V6 || listener_is_v6only(stage->listener) ? in6addr_loopback :
											      mapped_loopback;
	if (connect(stage->client, &a.any, length))
		return -errno;
	return send(stage->client, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : -errno;
}

static int step_bind(struct stage *stage, enum family family)
{
	union address a;
	socklen_t length = address_make(&a, family);

	return bind(stage->listener, &a.any, length) ? -errno : 0;
}

static int step_listen(struct stage *stage, enum family family)
{
	(void)family;
	return listen(stage->listener, BACKLOG) ? -errno : 0;
}

static int step_create(struct stage *stage, enum family family)
{
	stage->listener = socket_open(family);
	return stage->listener < 0 ? stage->listener : 0;
}

/* The life of a listener. */
static const struct {
	enum sockctl_phase phase;
	int (*step)(struct stage *, enum family);
} steps[] = {
	{SOCKCTL_CREATED, step_create},
	{SOCKCTL_PRE_LISTEN, step_bind},
	{SOCKCTL_LISTENING, step_listen},
};

int stage_build(struct stage *stage, enum family family, enum sockctl_phase phase, const struct stage_hook *hook)
{
	int r = 0;

	*stage = (struct stage){-1, -1, -1};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		r = steps[i].step(stage, family);
		if (!r && hook && hook->phase == steps[i].phase)
			r = hook->call(stage->listener, hook->arg);
		if (r || phase == steps[i].phase)
			return r ? r : stage->listener;
	}
	r = client_open(stage, family);
	if (r)
		return r;
	stage->accepted = accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC);
	if (stage->accepted < 0)
		return -errno;
	return phase == SOCKCTL_CONNECTED ? stage->client : stage->accepted;
}

static void close_by_reset(int fd)
{
	struct linger now = {.l_onoff = 1, .l_linger = 0};

	if (fd < 0)
		return;
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
	close(fd);
}

void stage_strike(struct stage *stage)
{
	close_by_reset(stage->client);
	close_by_reset(stage->accepted);
	close_by_reset(stage->listener);
}

/* A fresh socket that has been through the hook: does it bind? */
static bool bind_try(enum family family, const struct stage_hook *hook, const union address *a, socklen_t length)
{
	int fd = socket_open(family);
	bool bound = fd >= 0 && !(hook && hook->call(fd, hook->arg)) && !bind(fd, &a->any, length);

	if (fd >= 0)
		close(fd);
	return bound;
}

bool stage_bind_foreign(enum family family, const struct stage_hook *hook)
{
	static const struct in6_addr v6 = {{{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}}};
	static const struct in6_addr mapped = {{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1}}};
	union address a;
	socklen_t length = address_make(&a, family);

	if (family == FAMILY_V4)
		a.v4.sin_addr.s_addr = htonl(0xc0000201);
	else
		a.v6.sin6_addr = family == FAMILY_V6 ? v6 : mapped;
	return bind_try(family, hook, &a, length);
}

bool stage_bind_again(enum family family, const struct stage_hook *server, const struct stage_hook *again)
{
	union address a;
	socklen_t length = sizeof a;
	struct stage stage;
	bool bound = false;
	char byte;

	if (stage_build(&stage, family, SOCKCTL_ACCEPTED, server) >= 0 &&
	    !getsockname(stage.listener, &a.any, &length) && recv(stage.accepted, &byte, 1, 0) == 1) {
		close(stage.listener);
		close(stage.accepted); /* the side that closes first keeps the port */
		stage.listener = stage.accepted = -1;
		bound = bind_try(family, again, &a, length);
	}
	stage_strike(&stage);
	return bound;
}

/* --- namespaces and capabilities ----------------------------------------------------------------------------------- */

static int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, text, strlen(text));
	int r = n < 0 ? -errno : 0;

	if (fd >= 0)
		close(fd);
	return r;
}

static int user_namespace_enter(void)
{
	char map[64];
	uid_t uid = geteuid();
	gid_t gid = getegid();
	int r;

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -errno;
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)uid);
	r = file_write("/proc/self/uid_map", map);
	file_write("/proc/self/setgroups", "deny");
	snprintf(map, sizeof map, "0 %u 1\n", (unsigned)gid);
	return r ? r : file_write("/proc/self/gid_map", map);
}

int stage_enter_namespace(void)
{
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd, r = unshare(CLONE_NEWNET) ? user_namespace_enter() : 0;

	if (r)
		return r;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	r = ioctl(fd, SIOCSIFFLAGS, &request) ? -errno : 0;
	close(fd);
	return r;
}

static int capabilities_change(int keep)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};

	if (syscall(SYS_capget, &header, data))
		return -errno;
	for (int i = 0; i < 2; i++)
		data[i].effective = keep ? data[i].permitted : 0;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

int stage_drop_capabilities(void)
{
	return capabilities_change(0);
}

int stage_restore_capabilities(void)
{
	return capabilities_change(1);
}
