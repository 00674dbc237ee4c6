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

union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

static void control_add(struct msghdr *message, int level, int type, const void *data, size_t size)
{
	struct cmsghdr *c = (struct cmsghdr *)((char *)message->msg_control + message->msg_controllen);

	*c = (struct cmsghdr){CMSG_LEN(size), level, type};
	memcpy(CMSG_DATA(c), data, size);
	message->msg_controllen += CMSG_SPACE(size);
}

/* What goes back with the answer. It comes from the address that was asked, as a socket of many addresses would else
 * take the route's; what UDP_GRO put together (payloads of one size, the last may be shorter) goes by UDP_SEGMENT. */
static void control_answer(struct msghdr *asked, struct msghdr *answer)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(asked); c; c = CMSG_NXTHDR(asked, c))
		if (c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO) {
			int size;
			uint16_t segment;

			memcpy(&size, CMSG_DATA(c), sizeof size);
			segment = (uint16_t)size;
			control_add(answer, SOL_UDP, UDP_SEGMENT, &segment, sizeof segment);
		} else if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			info.ipi_ifindex = 0; /* the route back is the kernel's choice */
			control_add(answer, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
		} else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(c), sizeof info);
			info.ipi6_ifindex = 0; /* of a link-local peer, msg_name says it */
			control_add(answer, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
		}
}

static void *serve(void *arg)
{
	static _Thread_local char data[65536];
	int fd = *(int *)arg;

	for (;;) {
		union control came, goes = {.room = ""};
		struct sockaddr_storage peer;
		struct iovec iov = {data, sizeof data};
		struct msghdr asked = {.msg_name = &peer,
				       .msg_namelen = sizeof peer,
				       .msg_iov = &iov,
				       .msg_iovlen = 1,
				       .msg_control = came.room,
				       .msg_controllen = sizeof came.room};
		struct msghdr answer;
		ssize_t n = recvmsg(fd, &asked, 0);

		if (n < 0) {
			perror("udp: recvmsg");
			continue;
		}
		answer = asked;
		answer.msg_control = goes.room;
		answer.msg_controllen = 0;
		control_answer(&asked, &answer);
		iov.iov_len = (size_t)n;
		if (sendmsg(fd, &answer, 0) < 0)
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

	sockets = sockctl_spec_parse(&spec, argc > 2 ? argv[2] : "shards=2 rcvbuf=1M udp-gro pktinfo", &report.error);
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
