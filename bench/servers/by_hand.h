/* What is to be in effect on every accepted connection: as a spec, and as a program makes it that has no library for
 * it. The servers of peers use it for what their own API lacks; it knows nothing of them. */
#ifndef BENCH_BY_HAND_H
#define BENCH_BY_HAND_H
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define CONNECTION_SPEC "nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=128K,sndbuf=128K"

enum {
	BACKLOG = 4096,
	BUFFER_BYTES = 128 << 10,
	KEEPALIVE_IDLE_S = 30,
	KEEPALIVE_INTERVAL_S = 10,
	KEEPALIVE_COUNT = 3,
	USER_TIMEOUT_MS = 55000,
};

static inline void must(int result, const char *call)
{
	if (result < 0) {
		perror(call);
		exit(1);
	}
}

static inline void by_hand_set(int fd, int level, int option, int value)
{
	must(setsockopt(fd, level, option, &value, sizeof value), "setsockopt");
}

static inline void by_hand_timers(int fd)
{
	by_hand_set(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
	by_hand_set(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_COUNT);
	by_hand_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

static inline void by_hand_all(int fd)
{
	by_hand_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	by_hand_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	by_hand_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
	by_hand_timers(fd);
	by_hand_set(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_BYTES);
	by_hand_set(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_BYTES);
}

static inline struct sockaddr_in by_hand_address(const char *port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
				    .sin_port = htons((in_port_t)atoi(port)),
				    .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* Bound, not listening. */
static inline int by_hand_bound(const char *port)
{
	struct sockaddr_in address = by_hand_address(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	must(fd, "socket");
	by_hand_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	must(bind(fd, (const struct sockaddr *)&address, sizeof address), "bind");
	return fd;
}
#endif
