/* See show_crowd.h. What is set on a socket, and what goes through it, depends on its number alone: every run has the same crowd. */
#include "show_crowd.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REQUEST = 200, REPLY = 1000, BACKLOG = 128, V6_EACH = 5, SOURCES = 250, IDLE_S = 1800 };

struct listener {
	int fd;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} address;
	socklen_t length;
};

/* Every fifth is of IPv6, where loopback has only one address. */
static void address_choose(struct listener *listener, unsigned process, unsigned number)
{
	static const uint16_t ports[] = {80, 443, 5432, 6379, 8080};

	memset(&listener->address, 0, sizeof listener->address);
	if (number % V6_EACH == V6_EACH - 1) {
		listener->address.v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6,
			.sin6_port = htons((uint16_t)(10000 + 200 * process + number)),
			.sin6_addr = IN6ADDR_LOOPBACK_INIT};
		listener->length = sizeof listener->address.v6;
	} else {
		listener->address.v4 = (struct sockaddr_in){.sin_family = AF_INET,
							    .sin_port = htons(ports[number % 5]),
							    .sin_addr = {htonl(0x7f010001 + (process << 8) + number)}};
		listener->length = sizeof listener->address.v4;
	}
}

static void option_set(int fd, int level, int number, int value)
{
	setsockopt(fd, level, number, &value, sizeof value);
}

/* Beside the host's default, which may be another. */
static void congestion_set(int fd, const char *name)
{
	setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, (socklen_t)strlen(name));
}

static int listener_open(struct listener *listener, unsigned number)
{
	int fd = socket(listener->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	option_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	option_set(fd, IPPROTO_TCP, TCP_NODELAY, number % 2);
	option_set(fd, SOL_SOCKET, SO_KEEPALIVE, number % 3 == 0);
	if (number % 4 < 2)
		congestion_set(fd, "cubic");
	listener->fd = fd;
	return bind(fd, &listener->address.any, listener->length) || listen(fd, BACKLOG) ? -errno : 0;
}

static void client_set(int fd, unsigned number)
{
	option_set(fd, IPPROTO_TCP, TCP_NODELAY, number % 2);
	if (number % 3 == 0) {
		option_set(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
		option_set(fd, IPPROTO_TCP, TCP_KEEPIDLE, IDLE_S + (int)(number % 100));
		option_set(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 1000 * IDLE_S);
	}
	if (number % 4 < 2)
		congestion_set(fd, "cubic");
	if (number % 16 == 0)
		option_set(fd, SOL_SOCKET, SO_RCVBUF, 65536);
}

/* From one of many addresses, whose port the kernel chooses when it knows the peer: the range of ports is no limit then. */
static int client_open(const struct listener *to, unsigned process, unsigned number)
{
	struct sockaddr_in source = {.sin_family = AF_INET,
				     .sin_addr = {htonl(0x7f020001 + (process << 8) + number % SOURCES)}};
	int fd = socket(to->address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0), code;

	if (fd < 0)
		return -errno;
	client_set(fd, number);
	option_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if ((to->address.any.sa_family == AF_INET && bind(fd, (struct sockaddr *)&source, sizeof source)) ||
	    connect(fd, &to->address.any, to->length)) {
		code = -errno;
		close(fd);
		return code;
	}
	return fd;
}

/* Half of the connections have talked; some of them were never read. */
static int converse(int client, int server, unsigned number)
{
	static char text[REPLY];

	if (number % 2 == 0)
		return 0;
	if (send(client, text, REQUEST, MSG_NOSIGNAL) != REQUEST)
		return -errno;
	if (number % 64 == 1)
		return 0;
	if (recv(server, text, REQUEST, MSG_WAITALL) != REQUEST || send(server, text, REPLY, MSG_NOSIGNAL) != REPLY ||
	    recv(client, text, REPLY, MSG_WAITALL) != REPLY)
		return -errno;
	return 0;
}

static int connection_open(const struct listener *to, unsigned process, unsigned number, const char **ret_failed)
{
	int client = client_open(to, process, number), server;

	*ret_failed = "connect";
	if (client < 0)
		return client;
	*ret_failed = "accept";
	server = accept4(to->fd, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0)
		return -errno;
	*ret_failed = "send";
	return converse(client, server, number);
}

int crowd_open(const struct crowd *crowd, const char **ret_failed)
{
	struct listener *listeners = calloc(crowd->listeners, sizeof *listeners);
	int code = listeners ? 0 : -ENOMEM;

	*ret_failed = "listen";
	for (unsigned i = 0; i < crowd->listeners && !code; i++) {
		address_choose(&listeners[i], crowd->process, i);
		code = listener_open(&listeners[i], i);
	}
	for (unsigned i = 0; i < crowd->connections && !code; i++)
		code = connection_open(&listeners[i % crowd->listeners], crowd->process, i / crowd->listeners,
				       ret_failed);
	free(listeners);
	return code;
}
