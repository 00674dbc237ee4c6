/* A UDP echo server: a socket per thread, each with a buffer for bursts, and many datagrams of one sender in one call.
 * udp [ADDRESSES [SPEC]] */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <netinet/udp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 64 };
static struct sockctl_report report = SOCKCTL_REPORT;

/* What UDP_GRO put together (payloads of one size, the last may be shorter) goes back by UDP_SEGMENT in one call. */
static void *serve(void *arg)
{
	static _Thread_local char data[65536];
	int fd = *(int *)arg;

	for (;;) {
		union {
			struct cmsghdr align;
			char room[CMSG_SPACE(sizeof(int))];
		} control;
		struct sockaddr_storage peer;
		struct iovec iov = {data, sizeof data};
		struct msghdr message = {.msg_name = &peer,
					 .msg_namelen = sizeof peer,
					 .msg_iov = &iov,
					 .msg_iovlen = 1,
					 .msg_control = control.room,
					 .msg_controllen = sizeof control.room};
		ssize_t n = recvmsg(fd, &message, 0);
		struct cmsghdr *c = n < 0 ? NULL : CMSG_FIRSTHDR(&message);
		int size = 0;

		if (c && c->cmsg_type == UDP_GRO)
			memcpy(&size, CMSG_DATA(c), sizeof size);
		message.msg_controllen = 0;
		if (size) {
			uint16_t segment = (uint16_t)size;

			message.msg_controllen = CMSG_SPACE(sizeof segment);
			*c = (struct cmsghdr){CMSG_LEN(sizeof segment), SOL_UDP, UDP_SEGMENT};
			memcpy(CMSG_DATA(c), &segment, sizeof segment);
		}
		iov.iov_len = n < 0 ? 0 : (size_t)n;
		if (n >= 0 && sendmsg(fd, &message, 0) < 0)
			perror("udp: sendmsg");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	struct sockctl_spec spec;
	int fd[SOCKETS_MAX], sockets;
	pthread_t thread;
	char line[400];

	sockets = sockctl_spec_parse(&spec, argc > 2 ? argv[2] : "shards=2 rcvbuf=1M udp-gro", &report.error);
	if (!sockets)
		sockets = sockctl_listen(argc > 1 ? argv[1] : "udp::7000", &spec, NULL, fd, SOCKETS_MAX, &report);
	if (sockets < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "udp: %s\n", line);
		return 1;
	}
	for (unsigned i = 0; i < report.count; i++) { /* a burst that finds no room is lost: was rcvbuf cut down? */
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		fprintf(stderr, "udp: %s\n", line);
	}
	sockctl_local_address(fd[0], line, sizeof line);
	printf("listens on %s\n", line);
	fflush(stdout);
	for (int i = 1; i < sockets; i++)
		if (pthread_create(&thread, NULL, serve, &fd[i]))
			return 1;
	serve(&fd[0]);
}
