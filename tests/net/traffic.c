/* Traffic across a link, for link.sh. A server tells its client what it received, and the client prints that.
 *
 *   traffic tcp-server PORT               traffic tcp HOST PORT MILLISECONDS    -> "BYTES WRONG_BYTES BITS_PER_S"
 *   traffic echo-server PORT              traffic echo HOST PORT COUNT          -> "MIN_US MEDIAN_US"
 *   traffic udp-server PORT               traffic udp HOST PORT COUNT SIZE SEGMENTS -> "DATAGRAMS BYTES"
 *
 * SEGMENTS: datagrams per send (UDP_SEGMENT). udp pauses 1 ms every 20 sends unless COUNT is negative. */
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 251 * 1024, QUIET_MS = 300, PAUSE_EVERY = 20, MOST = 100000 };
static unsigned char pattern[CHUNK], chunk[CHUNK];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static int dual_socket(int type, const char *port)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(port))};
	int fd = socket(AF_INET6, type, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&any, sizeof any))
		die("bind");
	return fd;
}

static int tcp_accept(const char *port)
{
	int listener = dual_socket(SOCK_STREAM, port), fd;

	if (listen(listener, 16))
		die("listen");
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		die("accept");
	return fd;
}

static int far_socket(int type, const char *host, const char *port)
{
	struct addrinfo hints = {.ai_socktype = type, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV}, *found;
	int fd;

	if (getaddrinfo(host, port, &hints, &found))
		die(host);
	fd = socket(found->ai_family, type, 0);
	if (fd < 0 || connect(fd, found->ai_addr, found->ai_addrlen))
		die("connect");
	freeaddrinfo(found);
	return fd;
}

static void result_send(int fd, const uint64_t result[3])
{
	if (send(fd, result, 3 * sizeof *result, 0) < 0)
		die("send the result");
	shutdown(fd, SHUT_WR);
	recv(fd, chunk, 1, 0);               /* until the client has it */
}

static void result_read(int fd, uint64_t result[3])
{
	shutdown(fd, SHUT_WR);
	if (recv(fd, result, 3 * sizeof *result, MSG_WAITALL) != 3 * sizeof *result)
		die("no result");
}

/* --- tcp: the pattern repeats every 251 bytes ------------------------------------------------------------------ */

static void tcp_serve(const char *port)
{
	int fd = tcp_accept(port);
	uint64_t result[3] = {0}, first_us = 0;
	ssize_t n;

	while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0) {
		first_us = first_us ? first_us : now_us();
		for (ssize_t i = 0; i < n; i++)
			result[1] += chunk[i] != (result[0] + (uint64_t)i) % 251;
		result[0] += (uint64_t)n;
		result[2] = now_us() - first_us;
	}
	result_send(fd, result);
}

static void tcp_drive(char **argv)
{
	int fd = far_socket(SOCK_STREAM, argv[0], argv[1]);
	uint64_t end_us = now_us() + strtoull(argv[2], NULL, 10) * 1000, result[3];

	while (now_us() < end_us)            /* whole patterns, or the next would start in the middle */
		for (size_t sent = 0; sent < sizeof pattern; ) {
			ssize_t n = send(fd, pattern + sent, sizeof pattern - sent, 0);

			if (n < 0)
				die("send");
			sent += (size_t)n;
		}
	result_read(fd, result);
	printf("%llu %llu %.0f\n", (unsigned long long)result[0], (unsigned long long)result[1],
	       result[2] ? (double)result[0] * 8e6 / (double)result[2] : 0);
}

/* --- echo ------------------------------------------------------------------------------------------------------- */

static void echo_serve(const char *port)
{
	int fd = tcp_accept(port);
	char byte;

	while (recv(fd, &byte, 1, 0) == 1)
		send(fd, &byte, 1, 0);
}

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void echo_drive(char **argv)
{
	int fd = far_socket(SOCK_STREAM, argv[0], argv[1]), count = atoi(argv[2]);
	static uint64_t took_us[MOST];
	char byte = 0;

	for (int i = 0; i < count && i < MOST; i++) {
		uint64_t start_us = now_us();

		if (send(fd, &byte, 1, 0) != 1 || recv(fd, &byte, 1, 0) != 1)
			die("echo");
		took_us[i] = now_us() - start_us;
	}
	qsort(took_us, (size_t)count, sizeof *took_us, ascending);
	printf("%llu %llu\n", (unsigned long long)took_us[0], (unsigned long long)took_us[count / 2]);
}

/* --- udp -------------------------------------------------------------------------------------------------------- */

/* The client's end of the TCP connection says that it has sent all; what is quiet then has arrived or never will. */
static void udp_serve(const char *port)
{
	struct pollfd in[2] = {{.fd = dual_socket(SOCK_DGRAM, port), .events = POLLIN}, {.events = POLLIN}};
	uint64_t result[3] = {0};
	ssize_t n;

	in[1].fd = tcp_accept(port);
	for (;;) {
		int ready = poll(in, in[1].fd < 0 ? 1 : 2, -1);

		if (ready > 0 && in[0].revents) {
			n = recv(in[0].fd, chunk, sizeof chunk, 0);
			result[0] += n >= 0;
			result[1] += n > 0 ? (uint64_t)n : 0;
		} else if (ready > 0 && !poll(in, 1, QUIET_MS)) {
			break;
		}
	}
	result_send(in[1].fd, result);
}

static void udp_send(int fd, size_t size, uint16_t segments)
{
	union { char bytes[CMSG_SPACE(sizeof(uint16_t))]; struct cmsghdr align; } control = {0};
	struct iovec part = {pattern, size * segments};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	struct cmsghdr *header;

	if (segments > 1) {
		message.msg_control = &control;
		message.msg_controllen = sizeof control.bytes;
		header = CMSG_FIRSTHDR(&message);
		header->cmsg_level = IPPROTO_UDP;
		header->cmsg_type = UDP_SEGMENT;
		header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
		memcpy(CMSG_DATA(header), &(uint16_t){(uint16_t)size}, sizeof(uint16_t));
	}
	if (sendmsg(fd, &message, 0) < 0)
		die("send a datagram");
}

static void udp_drive(char **argv)
{
	int control = far_socket(SOCK_STREAM, argv[0], argv[1]), fd = far_socket(SOCK_DGRAM, argv[0], argv[1]);
	int count = atoi(argv[2]);
	uint64_t result[3];

	for (int i = 0; i < abs(count); i++) {
		udp_send(fd, (size_t)atoi(argv[3]), (uint16_t)atoi(argv[4]));
		if (count > 0 && i % PAUSE_EVERY == PAUSE_EVERY - 1)
			poll(NULL, 0, 1);
	}
	result_read(control, result);
	printf("%llu %llu\n", (unsigned long long)result[0], (unsigned long long)result[1]);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments;
		void (*serve)(const char *port);
		void (*drive)(char **argv);
	} modes[] = {
		{"tcp-server", 1, tcp_serve, NULL}, {"tcp", 3, NULL, tcp_drive},
		{"echo-server", 1, echo_serve, NULL}, {"echo", 3, NULL, echo_drive},
		{"udp-server", 1, udp_serve, NULL}, {"udp", 5, NULL, udp_drive},
	};

	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = (unsigned char)(i % 251);
	for (size_t i = 0; argc > 1 && i < sizeof modes / sizeof *modes; i++) {
		if (strcmp(modes[i].name, argv[1]) || argc != 2 + modes[i].arguments)
			continue;
		if (modes[i].serve)
			modes[i].serve(argv[2]);
		else
			modes[i].drive(argv + 2);
		return 0;
	}
	fprintf(stderr, "usage: see traffic.c\n");
	return 2;
}
