/* The server that bench/accept compares with the others: accepts, sends one byte, closes. Its options are made by
 * libsockctl on the listener (sockctl), by hand on each connection (each), or not at all (none).
 * plain PORT serve|hold none|sockctl|each. hold: connections stay open, to be looked at. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>
#include "sockctl.h"
#include "by_hand.h"

static int sockctl_open(const char *port)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockctl_spec spec;
	char address[32], line[400];
	int fd;

	snprintf(address, sizeof address, "127.0.0.1:%s", port);
	if (sockctl_spec_parse(&spec, CONNECTION_SPEC ",backlog=4096,reuseaddr", &report.error) ||
	    sockctl_listen(address, &spec, NULL, &fd, 1, &report) < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "plain: %s\n", line);
		exit(1);
	}
	must(fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl");
	return fd;
}

static int bare_open(const char *port)
{
	int fd = by_hand_bound(port);

	must(listen(fd, BACKLOG), "listen");
	return fd;
}

static void serve(int listener, bool each, bool hold)
{
	struct epoll_event event = {.events = EPOLLIN};
	int queue = epoll_create1(EPOLL_CLOEXEC), fd;

	must(epoll_ctl(queue, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");
	while (epoll_wait(queue, &event, 1, -1) >= 0 || errno == EINTR)
		while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
			if (each)
				by_hand_all(fd);
			send(fd, "x", 1, MSG_NOSIGNAL);
			if (!hold)
				close(fd);
		}
}

int main(int argc, char **argv)
{
	bool ours = argc == 4 && !strcmp(argv[3], "sockctl");

	if (argc != 4) {
		fprintf(stderr, "usage: plain PORT serve|hold none|sockctl|each\n");
		return 2;
	}
	serve(ours ? sockctl_open(argv[1]) : bare_open(argv[1]), !strcmp(argv[3], "each"), !strcmp(argv[2], "hold"));
	return 1;
}
