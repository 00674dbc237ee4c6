/* A socket-activated echo server: systemd binds and listens (activated.socket), so that the service needs no
 * privilege, and nobody is refused while it restarts. What the unit did not say is made here, or named where it is
 * too late. */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 16, REST_MS = 10 };
static struct sockctl_report report = SOCKCTL_REPORT;

static void *echo(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char data[16384];
	ssize_t n;

	while ((n = recv(fd, data, sizeof data, 0)) > 0 && send(fd, data, (size_t)n, MSG_NOSIGNAL) == n)
		;
	close(fd);
	return NULL;
}

static int failed(void)
{
	char line[400];

	sockctl_error_text(&report.error, line, sizeof line);
	fprintf(stderr, "activated: %s\n", line);
	return 1;
}

/* How the socket is, before and after the spec was made. */
static int adopt(const struct sockctl_named *socket, const struct sockctl_spec *spec)
{
	char address[100], line[400];

	if (sockctl_local_address(socket->fd, address, sizeof address) >= 0)
		printf("%s listens on %s\n", socket->name, address);
	for (int made = 0; made < 2; made++) {
		int r = made ? sockctl_adopt(socket->fd, spec, &report) : sockctl_audit(socket->fd, spec, &report);

		if (r)
			return failed();
		for (unsigned i = 0; i < report.count; i++) {
			sockctl_verdict_text(&report.verdict[i], line, sizeof line);
			printf("  %s: %s\n", made ? "adopted" : "found", line);
		}
	}
	return fflush(stdout);
}

/* What accept4() may say, and still be fine next time: accept(2), "Error handling". Where no descriptor is left, the
 * connection stays in the queue for a moment. */
static int goes_on(int listener, int error)
{
	struct pollfd waiting = {.fd = listener, .events = POLLIN};

	switch (error) {
	case EAGAIN: /* NonBlocking=yes in the service's unit */
		poll(&waiting, 1, -1);
		return 1;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		poll(NULL, 0, REST_MS);
		return 1;
	case EBADF:
	case EFAULT:
	case EINVAL:
	case ENOTSOCK:
	case EOPNOTSUPP:
		return 0;
	default:
		return 1;
	}
}

static void *serve(void *socket)
{
	const struct sockctl_named *listener = socket;
	pthread_t thread;
	int fd;

	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC)) >= 0 || goes_on(listener->fd, errno))
		if (fd >= 0 && (pthread_create(&thread, NULL, echo, (void *)(intptr_t)fd) || pthread_detach(thread)))
			close(fd);
	perror("activated: accept");
	return NULL;
}

int main(int argc, char **argv)
{
	static struct sockctl_named sockets[SOCKETS_MAX];
	struct sockctl_spec spec;
	int count = sockctl_spec_parse(&spec, argc > 1 ? argv[1] : "nodelay keepalive=30s/10s/3 backlog=1024",
				       &report.error);
	pthread_t thread;

	if (!count)
		count = sockctl_inherited(sockets, SOCKETS_MAX, &report.error);
	if (count < 0)
		return failed();
	if (!count) {
		fprintf(stderr, "activated: no sockets were passed; systemd-socket-activate -l 7000 %s tries it\n",
			argv[0]);
		return 2;
	}
	for (int i = 0; i < count; i++)
		if (adopt(&sockets[i], &spec))
			return 1;
	for (int i = 1; i < count; i++)
		if (pthread_create(&thread, NULL, serve, &sockets[i]))
			return 1;
	serve(&sockets[0]);
	return 1;
}
