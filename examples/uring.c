/* An echo server with io_uring (liburing): one multishot accept for each listener makes all connections, with the
 * options that the listener has had since before listen(). Nothing is set per connection. uring [ADDRESSES [SPEC]] */
#include <errno.h>
#include <liburing.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 16, ENTRIES = 256 };
static struct sockctl_report report = SOCKCTL_REPORT;
static struct io_uring ring;

struct connection { /* a listener, too: then data is not used */
	int fd;
	enum { ACCEPTS, RESTS, RECEIVES, SENDS } state;
	char data[16384];
};

static struct io_uring_sqe *entry_get(void)
{
	struct io_uring_sqe *entry = io_uring_get_sqe(&ring);

	if (!entry) { /* the queue is full of what was not submitted yet */
		io_uring_submit(&ring);
		entry = io_uring_get_sqe(&ring);
	}
	return entry;
}

/* Asks for what comes next. An accept goes on by itself as long as the kernel says IORING_CQE_F_MORE. */
static void ask(struct connection *c, size_t size)
{
	static struct __kernel_timespec rest = {.tv_nsec = 10 * 1000000};
	struct io_uring_sqe *entry = entry_get();

	if (c->state == ACCEPTS)
		io_uring_prep_multishot_accept(entry, c->fd, NULL, NULL, SOCK_CLOEXEC);
	else if (c->state == RESTS)
		io_uring_prep_timeout(entry, &rest, 0, 0);
	else if (c->state == RECEIVES)
		io_uring_prep_recv(entry, c->fd, c->data, sizeof c->data, 0);
	else
		io_uring_prep_send(entry, c->fd, c->data, size, MSG_NOSIGNAL | MSG_WAITALL);
	io_uring_sqe_set_data(entry, c);
}

static void start(int fd, int state)
{
	struct connection *c = malloc(sizeof *c);

	if (!c)
		abort();
	c->fd = fd;
	c->state = state;
	ask(c, 0);
}

/* Where no descriptor is left the connection stays in the queue, and the next accept would fail at once. */
static bool no_room(int result)
{
	return result == -EMFILE || result == -ENFILE || result == -ENOBUFS || result == -ENOMEM;
}

static void answer(struct connection *c, const struct io_uring_cqe *done)
{
	if (c->state == ACCEPTS) {
		if (done->res >= 0)
			start(done->res, RECEIVES);
		if (done->flags & IORING_CQE_F_MORE)
			return;
		c->state = no_room(done->res) ? RESTS : ACCEPTS;
		ask(c, 0);
	} else if (c->state == RESTS) {
		c->state = ACCEPTS;
		ask(c, 0);
	} else if (done->res <= 0) {
		close(c->fd);
		free(c);
	} else {
		c->state = c->state == RECEIVES ? SENDS : RECEIVES;
		ask(c, (size_t)done->res);
	}
}

int main(int argc, char **argv)
{
	struct sockctl_spec spec;
	int fd[SOCKETS_MAX], r,
		sockets = sockctl_spec_parse(&spec, argc > 2 ? argv[2] : "nodelay backlog=4096", &report.error);
	struct io_uring_cqe *done;
	char line[400];

	if (!sockets)
		sockets = sockctl_listen(argc > 1 ? argv[1] : ":7000", &spec, NULL, fd, SOCKETS_MAX, &report);
	if (sockets < 0 || io_uring_queue_init(ENTRIES, &ring, 0)) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "uring: %s\n",
			sockets < 0 ? line : "this kernel or its administrator forbids io_uring");
		return 1;
	}
	for (int i = 0; i < sockets; i++) {
		start(fd[i], ACCEPTS);
		sockctl_local_address(fd[i], line, sizeof line);
		printf("listens on %s\n", line);
	}
	fflush(stdout);
	while ((r = io_uring_submit_and_wait(&ring, 1)) >= 0 || r == -EINTR)
		while (!io_uring_peek_cqe(&ring, &done)) {
			answer(io_uring_cqe_get_data(done), done);
			io_uring_cqe_seen(&ring, done);
		}
	return 1;
}
