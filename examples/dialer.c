/* Connects to a name by RFC 8305: getaddrinfo resolves and sorts, this program keeps the clock and the poll loop,
 * and the library races the addresses. dialer HOST PORT [SPEC] */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>
#include <sockctl.h>

enum { LIMIT_US = 10 * 1000000 }; /* the overall limit is the caller's */
static struct sockctl_report report = SOCKCTL_REPORT;

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int addresses_add(struct sockctl_dial *dial, const char *host, const char *port)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list;
	int r = getaddrinfo(host, port, &hints, &list);

	if (r) {
		fprintf(stderr, "dialer: %s: %s\n", host, gai_strerror(r));
		return r;
	}
	for (struct addrinfo *at = list; at; at = at->ai_next)
		sockctl_dial_add(dial, at->ai_addr, at->ai_addrlen);
	freeaddrinfo(list);
	return 0;
}

static int dial_run(struct sockctl_dial *dial)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	int64_t end_us = now_us() + LIMIT_US;
	int fd;

	while ((fd = sockctl_dial_step(dial, now_us(), &report)) == -EINPROGRESS) {
		int n = sockctl_dial_pollfds(dial, fds, SOCKCTL_DIAL_ADDRESSES);
		int next_ms = sockctl_dial_timeout_ms(dial, now_us());
		int64_t left_ms = (end_us - now_us()) / 1000;

		if (left_ms <= 0)
			sockctl_dial_cancel(dial);
		else
			poll(fds, (nfds_t)n, next_ms < 0 || next_ms > left_ms ? (int)left_ms : next_ms);
	}
	return fd;
}

static void attempts_print(const struct sockctl_dial *dial)
{
	static const char *const words[] = {"not tried", "under way", "failed", "won", "closed"};
	struct sockctl_attempt attempt;
	char host[NI_MAXHOST], port[NI_MAXSERV];

	for (unsigned i = 0; !sockctl_dial_attempt(dial, i, &attempt); i++) {
		if (getnameinfo((struct sockaddr *)&attempt.address, attempt.length, host, sizeof host, port,
				sizeof port, NI_NUMERICHOST | NI_NUMERICSERV))
			continue;
		errno = attempt.error;
		printf("%s port %s: %s", host, port, words[attempt.state]);
		printf(attempt.error ? ": %m\n" : "\n");
	}
}

int main(int argc, char **argv)
{
	struct sockctl_dial dial;
	struct sockctl_spec spec;
	char line[400];
	int fd;

	if (argc < 3) {
		fputs("usage: dialer HOST PORT [SPEC]\n", stderr);
		return 2;
	}
	if (sockctl_spec_parse(&spec, argc > 3 ? argv[3] : "nodelay keepalive=30s/10s/3", &report.error) < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "dialer: %s\n", line);
		return 2;
	}
	sockctl_dial_init(&dial, &spec, NULL);
	if (addresses_add(&dial, argv[1], argv[2]))
		return 1;
	fd = dial_run(&dial);
	attempts_print(&dial);
	for (unsigned i = 0; fd >= 0 && i < report.count; i++) {
		sockctl_verdict_text(&report.verdict[i], line, sizeof line);
		printf("%s\n", line);
	}
	if (fd < 0) {
		sockctl_error_text(&report.error, line, sizeof line);
		fprintf(stderr, "dialer: %s\n", line);
		return 1;
	}
	close(fd);
	return 0;
}
