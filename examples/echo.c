/* A sharded echo server: one thread and one listener each, options made before listen(). Accepting costs accept4
 * alone. echo [ADDRESS [SPEC]] */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <sockctl.h>

enum { SHARDS_MAX = 64, EVENTS = 64 };
static struct sockctl_report report = SOCKCTL_REPORT;

static void failed(const char *call, int e)
{
	fprintf(stderr, "echo: %s: %s\n", call, strerror(e));
}

static void watch(int poll, int fd, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.fd = fd};

	if (epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event)) {
		failed("epoll_ctl", errno);
		close(fd);
	}
}

static void accept_one(int poll, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

	if (fd >= 0)
		watch(poll, fd, EPOLLIN);
	else if (errno != ECONNABORTED && errno != EINTR)
		failed("accept4", errno);
}

/* A peer that does not read is waited for: a demonstration is no production server. */
static void echo_one(int fd)
{
	char data[16384];
	ssize_t got = recv(fd, data, sizeof data, 0), put = 0;

	while (put < got) {
		ssize_t n = send(fd, data + put, (size_t)(got - put), MSG_NOSIGNAL);

		if (n <= 0)
			break;
		put += n;
	}
	if (got <= 0 || put < got)
		close(fd);
}

static void *serve(void *arg)
{
	int listener = *(int *)arg, poll = epoll_create1(EPOLL_CLOEXEC), n;
	struct epoll_event events[EVENTS];

	watch(poll, listener, EPOLLIN);
	while ((n = epoll_wait(poll, events, EVENTS, -1)) >= 0 || errno == EINTR)
		for (int i = 0; i < n; i++)
			if (events[i].data.fd == listener)
				accept_one(poll, listener);
			else
				echo_one(events[i].data.fd);
	failed("epoll_wait", errno);
	return NULL;
}

static void verdicts_print(void)
{
	char line[400];

	for (unsigned i = 0; i < report.count; i++) {
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		fprintf(stderr, "echo: %s\n", line);
	}
}

static int open_all(const char *address, const char *text, int fd[])
{
	struct sockctl_spec spec;
	char line[400];
	int shards = sockctl_spec_parse(&spec, text, &report.error);

	if (!shards)
		shards = sockctl_listen(address, &spec, NULL, fd, SHARDS_MAX, &report);
	if (shards < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "echo: %s\n", line);
	}
	return shards;
}

int main(int argc, char **argv)
{
	int fd[SHARDS_MAX],
		shards = open_all(
			argc > 1 ? argv[1] : "[::]:7000",
			argc > 2 ? argv[2] : "nodelay keepalive=30s/10s/3 user-timeout=55s backlog=4096 shards=4", fd);
	struct sockaddr_in6 address; /* the port lies at the same place for both families */
	socklen_t length = sizeof address;
	pthread_t thread;

	if (shards < 0)
		return 1;
	verdicts_print();
	for (int i = 1; i < shards; i++)
		if ((errno = pthread_create(&thread, NULL, serve, &fd[i]))) {
			failed("pthread_create", errno);
			return 1;
		}
	if (!getsockname(fd[0], (struct sockaddr *)&address, &length))
		printf("port %d\n", ntohs(address.sin6_port));
	fflush(stdout);
	serve(&fd[0]);
	return 1;
}
