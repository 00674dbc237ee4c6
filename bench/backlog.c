/* A burst of connections against a server that is busy for 300 ms: who is answered at once, who only after a retry, by backlog. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "lab/contain.h"
#include "lab/world.h"
#include "observe/counters.h"

enum { CLIENTS = 600, BUSY_MS = 300, PROMPT_MS = 800, LIMIT_MS = 8000 };

struct burst {
	unsigned answered, prompt, refused, failed;
	unsigned ghosts; /* connected, says the client's kernel; unknown to the server */
	double last_s;
	uint64_t overflows;
};

/* Accepts nothing while it is busy, then sends each client one byte. */
static void serve(int listener)
{
	int fd;

	poll(NULL, 0, BUSY_MS);
	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
		if (send(fd, "", 1, MSG_NOSIGNAL) < 0)
			close(fd);
	_exit(0);
}

static void client_settle(struct burst *burst, struct pollfd *client, uint64_t start_us)
{
	char byte;
	ssize_t n = recv(client->fd, &byte, 1, 0);
	double now_s = (double)(clock_us() - start_us) / 1e6;

	if (n == 1) {
		burst->answered++;
		burst->prompt += now_s * 1000 < PROMPT_MS;
		burst->last_s = now_s;
	} else if (n < 0 && errno == ECONNREFUSED) {
		burst->refused++;
	} else {
		burst->failed++;
	}
	close(client->fd);
	client->fd = -1;
}

static bool client_connected(int fd)
{
	struct sockaddr_storage peer;
	socklen_t length = sizeof peer;

	return !getpeername(fd, (struct sockaddr *)&peer, &length);
}

static void clients_watch(struct burst *burst, struct pollfd *clients, uint64_t start_us)
{
	while (burst->answered + burst->refused + burst->failed < CLIENTS) {
		int wait_ms = LIMIT_MS - (int)((clock_us() - start_us) / 1000);

		if (wait_ms <= 0 || poll(clients, CLIENTS, wait_ms) <= 0)
			break;
		for (unsigned i = 0; i < CLIENTS; i++)
			if (clients[i].fd >= 0 && clients[i].revents)
				client_settle(burst, &clients[i], start_us);
	}
	for (unsigned i = 0; i < CLIENTS; i++)
		if (clients[i].fd >= 0) {
			burst->ghosts += client_connected(clients[i].fd);
			close(clients[i].fd);
		}
}

static int burst_run(const char *spec_text, struct burst *burst, struct sockctl_error *error)
{
	static struct pollfd clients[CLIENTS];
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockaddr_in address;
	socklen_t length = sizeof address;
	struct host_fact before, after;
	struct sockctl_spec spec;
	uint64_t start_us;
	int listener;
	pid_t server;

	memset(burst, 0, sizeof *burst);
	if (sockctl_spec_parse(&spec, spec_text, error))
		return error->code;
	if (sockctl_listen("127.0.0.1:0", &spec, NULL, &listener, 1, &report) < 0) {
		*error = report.error;
		return error->code;
	}
	getsockname(listener, (struct sockaddr *)&address, &length);
	server = fork();
	if (!server)
		serve(listener);
	counters_read(&before);
	start_us = clock_us();
	for (unsigned i = 0; i < CLIENTS; i++) {
		clients[i] = (struct pollfd){.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0),
					     .events = POLLIN};
		if (clients[i].fd >= 0)
			connect(clients[i].fd, (struct sockaddr *)&address, sizeof address);
	}
	clients_watch(burst, clients, start_us);
	counters_read(&after);
	host_fact_subtract(&after, &before);
	burst->overflows = after.listen_overflows;
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(listener);
	return 0;
}

static int body(void *arg)
{
	static const char *const specs[] = {"backlog=16", "backlog=128", "backlog=1024"};
	struct sockctl_error *error = arg;
	struct world world;
	struct burst burst;

	if (world_open(&world, NULL, error) || world_enter(&world, HOST_SERVER))
		goto failed;
	printf("%d connections at once; the server accepts nothing for %d ms, then all. Ghosts: connected for the client, unknown to\n"
	       "the server, and still waiting after %d s.\n",
	       CLIENTS, BUSY_MS, LIMIT_MS / 1000);
	printf("%-14s %17s %8s %12s %8s %16s %14s\n", "setting", "answered < 0.8 s", "later", "last after", "ghosts",
	       "ListenOverflows", "ECONNREFUSED");
	for (unsigned i = 0; i < sizeof specs / sizeof *specs; i++) {
		if (burst_run(specs[i], &burst, error))
			goto failed;
		printf("%-14s %17u %8u %10.2f s %8u %16llu %14u\n", specs[i], burst.prompt,
		       burst.answered - burst.prompt, burst.last_s, burst.ghosts, (unsigned long long)burst.overflows,
		       burst.refused);
	}
	world_close(&world);
	return 0;
failed:
	fprintf(stderr, "backlog: %s %s: %s\n", error->op, error->subject, error->hint);
	return 1;
}

int main(void)
{
	struct sockctl_error error = {0};
	int status = contain_run(body, &error, &error);

	if (status < 0)
		fprintf(stderr, "backlog: %s %s: %s\n", error.op, error.subject, error.hint);
	return status < 0 ? 1 : status;
}
