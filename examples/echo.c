/* A sharded echo server with epoll: each thread has a listener of its own for every address, and all options were made
 * before listen(). Accepting costs accept4 alone. echo [ADDRESSES [SPEC]] */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 256, EVENTS = 64 };
static struct sockctl_report report = SOCKCTL_REPORT;
static int fd[SOCKETS_MAX], sockets, shards;

/* A listener is known by its complement: ~fd. */
static void watch(int poll, int socket, int known_as)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = known_as};

	if (epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event))
		close(socket);
}

/* A peer that does not read is waited for: a demonstration is no production server. */
static void echo(int socket)
{
	char data[16384];
	ssize_t got = recv(socket, data, sizeof data, 0), put = 0, n = 1;

	for (; put < got && n > 0; put += n)
		n = send(socket, data + put, (size_t)(got - put), MSG_NOSIGNAL);
	if (got <= 0 || n <= 0)
		close(socket);
}

/* One shard of every address: each address has them together in fd[]. */
static void *serve(void *first)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), n, accepted;
	struct epoll_event events[EVENTS];

	for (int *at = first; at < fd + sockets; at += shards)
		watch(poll, *at, ~*at);
	while ((n = epoll_wait(poll, events, EVENTS, -1)) >= 0 || errno == EINTR)
		for (int i = 0; i < n; i++)
			if (events[i].data.fd >= 0)
				echo(events[i].data.fd);
			else if ((accepted = accept4(~events[i].data.fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
				watch(poll, accepted, accepted);
	perror("echo: epoll_wait");
	return NULL;
}

static int open_all(const char *addresses, const char *text)
{
	struct sockctl_spec spec;
	char line[400];

	sockets = sockctl_spec_parse(&spec, text, &report.error);
	if (!sockets)
		sockets = sockctl_listen(addresses, &spec, NULL, fd, SOCKETS_MAX, &report);
	if (sockets < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "echo: %s\n", line);
		return 1;
	}
	for (unsigned i = 0; i < report.count; i++) {
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		fprintf(stderr, "echo: %s\n", line);
	}
	shards = (int)sockctl_spec_shards(&spec);
	for (int i = 0; i < sockets; i += shards) {
		sockctl_local_address(fd[i], line, sizeof line);
		printf("port %s\n", strrchr(line, ':') + 1);
	}
	return fflush(stdout);
}

int main(int argc, char **argv)
{
	pthread_t thread;

	if (open_all(argc > 1 ? argv[1] : ":7000",
		     argc > 2 ? argv[2] : "nodelay keepalive=30s/10s/3 user-timeout=55s backlog=4096 shards=4"))
		return 1;
	for (int i = 1; i < shards; i++)
		if (pthread_create(&thread, NULL, serve, &fd[i]))
			return 1;
	serve(&fd[0]);
	return 1;
}
