/* A peer that vanishes: how long until the program is told, by settings, with the connection idle and with data in flight. */
#include <errno.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "lab/contain.h"
#include "lab/world.h"

enum { LIMIT_MS = 12000 };

static struct subject {
	const char *spec;
	bool in_flight; /* one byte is sent after the peer is gone */
	int fd;
	double told_s; /* negative: not within the limit */
	int error;
} subjects[] = {
	{.spec = ""},
	{.spec = "keepalive=1s/1s/3"},
	{.spec = "keepalive=1s/1s/3", .in_flight = true},
	{.spec = "keepalive=1s/1s/3,user-timeout=3500ms"},
	{.spec = "keepalive=1s/1s/3,user-timeout=3500ms", .in_flight = true},
};
enum { SUBJECTS = sizeof subjects / sizeof *subjects };

static int server_open(const struct world *world, struct sockaddr_in *address, struct sockctl_error *error)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	socklen_t length = sizeof *address;
	char text[64];
	int fd, r;

	r = world_enter(world, HOST_SERVER);
	if (r)
		return error_set(error, r, "setns", "server", NULL);
	snprintf(text, sizeof text, "%s:0", world_address(world, HOST_SERVER));
	r = sockctl_listen(text, NULL, NULL, &fd, 1, &report);
	if (r < 0) {
		*error = report.error;
		return r;
	}
	return getsockname(fd, (struct sockaddr *)address, &length) ? -errno : fd;
}

static int subject_connect(struct subject *subject, const struct sockaddr_in *address, struct sockctl_error *error)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockctl_spec spec;
	int r = sockctl_spec_parse(&spec, subject->spec, error);

	if (r)
		return r;
	subject->fd = sockctl_connect((const struct sockaddr *)address, sizeof *address, 0, &spec, NULL, &report);
	if (subject->fd < 0)
		*error = report.error;
	return subject->fd < 0 ? subject->fd : 0;
}

/* Waits until every connection was told, or the limit. */
static void subjects_watch(uint64_t start_us)
{
	struct pollfd fds[SUBJECTS];
	unsigned left = SUBJECTS;

	for (unsigned i = 0; i < SUBJECTS; i++)
		fds[i] = (struct pollfd){.fd = subjects[i].fd, .events = POLLIN};
	while (left) {
		int wait_ms = LIMIT_MS - (int)((clock_us() - start_us) / 1000);

		if (wait_ms <= 0 || poll(fds, SUBJECTS, wait_ms) <= 0)
			break;
		for (unsigned i = 0; i < SUBJECTS; i++) {
			socklen_t length = sizeof subjects[i].error;

			if (fds[i].fd < 0 || !fds[i].revents)
				continue;
			getsockopt(fds[i].fd, SOL_SOCKET, SO_ERROR, &subjects[i].error, &length);
			subjects[i].told_s = (double)(clock_us() - start_us) / 1e6;
			fds[i].fd = -1;
			left--;
		}
	}
}

static void results_print(void)
{
	printf("%-42s %-16s %s\n", "settings of the connection", "when it vanished", "the program was told after");
	for (unsigned i = 0; i < SUBJECTS; i++) {
		const struct subject *s = &subjects[i];

		printf("%-42s %-16s ", *s->spec ? s->spec : "(the kernel's defaults)",
		       s->in_flight ? "data in flight" : "idle");
		if (s->told_s < 0)
			printf("not within %d s\n", LIMIT_MS / 1000);
		else
			printf("%.2f s (%s)\n", s->told_s, s->error ? strerrorname_np(s->error) : "end of file");
	}
}

static int body(void *arg)
{
	struct sockctl_error *error = arg;
	struct sockaddr_in address;
	struct world world;
	struct path path;
	uint64_t start_us;
	int listener;

	if (path_parse(&path, "rtt=2ms", error) || world_open(&world, &path, error))
		goto failed;
	listener = server_open(&world, &address, error);
	if (listener < 0 || world_enter(&world, HOST_CLIENT))
		goto failed;
	for (unsigned i = 0; i < SUBJECTS; i++) {
		subjects[i].told_s = -1;
		if (subject_connect(&subjects[i], &address, error))
			goto failed;
	}
	world_blackhole(&world, true);
	start_us = clock_us();
	for (unsigned i = 0; i < SUBJECTS; i++)
		if (subjects[i].in_flight && send(subjects[i].fd, "", 1, MSG_NOSIGNAL) != 1)
			goto failed;
	subjects_watch(start_us);
	results_print();
	world_close(&world);
	return 0;
failed:
	fprintf(stderr, "keepalive: %s %s: %s\n", error->op, error->subject, error->hint);
	return 1;
}

int main(void)
{
	struct sockctl_error error = {0};
	int status = contain_run(body, &error, &error);

	if (status < 0)
		fprintf(stderr, "keepalive: %s %s: %s\n", error.op, error.subject, error.hint);
	return status < 0 ? 1 : status;
}
