/* A socket-activated echo server: systemd binds and listens (activated.socket), so that the service needs no
 * privilege, and nobody is refused while it restarts. What the unit did not say is made here, or named where it is
 * too late. */
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>
#include <sockctl.h>

enum { SOCKETS_MAX = 16 };
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
static void adopt(const struct sockctl_named *socket, const struct sockctl_spec *spec)
{
	char address[100], line[400];

	sockctl_local_address(socket->fd, address, sizeof address);
	printf("%s listens on %s\n", socket->name, address);
	for (int made = 0; made < 2; made++) {
		made ? sockctl_adopt(socket->fd, spec, &report) : sockctl_audit(socket->fd, spec, &report);
		for (unsigned i = 0; i < report.count; i++) {
			sockctl_verdict_text(&report.verdict[i], line, sizeof line);
			printf("  %s: %s\n", made ? "adopted" : "found", line);
		}
	}
	fflush(stdout);
}

static void *serve(void *socket)
{
	const struct sockctl_named *listener = socket;
	pthread_t thread;
	int fd;

	while ((fd = accept(listener->fd, NULL, NULL)) >= 0)
		if (pthread_create(&thread, NULL, echo, (void *)(intptr_t)fd) || pthread_detach(thread))
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
		adopt(&sockets[i], &spec);
	for (int i = 1; i < count; i++)
		if (pthread_create(&thread, NULL, serve, &sockets[i]))
			return 1;
	serve(&sockets[0]);
	return 1;
}
