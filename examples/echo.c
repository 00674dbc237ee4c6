/* A sharded echo server with epoll: each thread has a listener of its own for every address, and all options were made
 * before listen(). Accepting costs accept4 alone, and nothing but epoll_wait() waits. echo [ADDRESSES [SPEC]] */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 256, EVENTS = 64, REST_MS = 10 };
static struct sockctl_report report = SOCKCTL_REPORT;
static int fd[SOCKETS_MAX], sockets, shards;

struct connection {
	int fd;
	size_t put, got; /* of data: what was sent back, what there is */
	bool waits;      /* for its peer to read; meanwhile nothing more is read from it */
	char data[16384];
};

/* ptr: a connection, or the listener's place in fd[]. */
static int watch(int poll, int operation, int socket, uint32_t events, void *ptr)
{
	struct epoll_event event = {.events = events, .data.ptr = ptr};

	return epoll_ctl(poll, operation, socket, &event);
}

/* One shard of every address: each address has them together in fd[]. */
static int listeners_watch(int poll, int *first, int operation, uint32_t events)
{
	int r = 0;

	for (int *at = first; !r && at < fd + sockets; at += shards)
		r = watch(poll, operation, *at, events, at);
	return r;
}

static bool is_listener(const void *ptr)
{
	return (uintptr_t)ptr >= (uintptr_t)fd && (uintptr_t)ptr < (uintptr_t)(fd + sockets);
}

static void connection_end(struct connection *c)
{
	close(c->fd);
	free(c);
}

/* false: there is no room for another connection, which is left in the queue. Whatever else goes wrong is a matter of
 * that connection: accept(2), "Error handling". */
static bool accept_one(int poll, int listener)
{
	int accepted = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct connection *c;

	if (accepted < 0)
		return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
	c = malloc(sizeof *c);
	if (!c) {
		close(accepted);
		return false;
	}
	c->fd = accepted;
	c->put = c->got = 0;
	c->waits = false;
	if (watch(poll, EPOLL_CTL_ADD, accepted, EPOLLIN, c))
		connection_end(c);
	return true;
}

/* false: it is over. */
static bool echo(int poll, struct connection *c)
{
	ssize_t n;

	if (c->put == c->got) {
		n = recv(c->fd, c->data, sizeof c->data, 0);
		if (n <= 0)
			return n < 0 && errno == EAGAIN;
		c->put = 0;
		c->got = (size_t)n;
	}
	n = send(c->fd, c->data + c->put, c->got - c->put, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		return false;
	c->put += n < 0 ? 0 : (size_t)n;
	if ((c->put < c->got) == c->waits)
		return true;
	c->waits = !c->waits;
	return !watch(poll, EPOLL_CTL_MOD, c->fd, c->waits ? EPOLLOUT : EPOLLIN, c);
}

/* Where no descriptor is left the queue stays as it is, and epoll would tell of it at once and for ever: so the
 * listeners rest, until something happens or a moment has passed. */
static void *serve(void *first)
{
	int poll = epoll_create1(EPOLL_CLOEXEC), n = listeners_watch(poll, first, EPOLL_CTL_ADD, EPOLLIN);
	struct epoll_event events[EVENTS];
	bool full = false;

	while (!n || errno == EINTR) {
		bool rested = full;

		n = epoll_wait(poll, events, EVENTS, full ? REST_MS : -1);
		for (full = false; n > 0; n--)
			if (!is_listener(events[n - 1].data.ptr)) {
				if (!echo(poll, events[n - 1].data.ptr))
					connection_end(events[n - 1].data.ptr);
			} else if (!accept_one(poll, *(int *)events[n - 1].data.ptr)) {
				full = true;
			}
		if (full || rested)
			listeners_watch(poll, first, EPOLL_CTL_MOD, full ? 0 : EPOLLIN);
	}
	perror("echo: epoll");
	exit(1);
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
	for (int i = 0; i < sockets; i++) { /* what epoll told of may be gone when it is accepted */
		if (fcntl(fd[i], F_SETFL, O_NONBLOCK) || sockctl_local_address(fd[i], line, sizeof line) < 0)
			return 1;
		if (i % shards == 0)
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
}
