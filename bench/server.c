/* A server's process: see server.h. */
#include "server.h"
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "lab/listening.h"
#include "run/reach.h"

enum { START_MS = 20000, HOLD_MS = 5000 };

struct launch {
	const char *command, *how, *strace, *trace;
	uint16_t port;
};

static void launch_exec(void *arg)
{
	const struct launch *launch = arg;
	char port[8];

	snprintf(port, sizeof port, "%u", launch->port);
	setenv("PORT", port, 1);
	setenv("HOW", launch->how, 1);
	/* -D: the server is our child, and strace its own. */
	if (launch->trace)
		execl(launch->strace, "strace", "-D", "-f", "-o", launch->trace, "/bin/sh", "-c", launch->command,
		      NULL);
	else
		execl("/bin/sh", "sh", "-c", launch->command, NULL);
	_exit(127);
}

static bool server_listens(const struct server *server, uint16_t port)
{
	uint64_t limit_us = clock_us() + START_MS * 1000;
	struct listening listening;
	bool found;

	listening_open(&listening);
	while (!(found = listening_find(&listening, port)) && clock_us() < limit_us && !worker_ended(&server->worker))
		poll(NULL, 0, 5);
	listening_close(&listening);
	return found;
}

bool server_start(struct server *server, struct scene *scene, const char *command, uint16_t port, const char *how,
		  const char *strace, const char *trace)
{
	struct launch launch = {command, how, strace, trace, port};
	int r;

	*server = (struct server){.address = {.sin_family = AF_INET, .sin_port = htons(port)}};
	server->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	r = worker_start(&server->worker, &scene->world, &scene->placement, HOST_SERVER, launch_exec, &launch);
	if (r) {
		snprintf(scene->error, sizeof scene->error, "fork: %s", strerror(-r));
		return false;
	}
	if (!server_listens(server, port)) {
		snprintf(scene->error, sizeof scene->error, "it does not listen");
		server_end(server);
		return false;
	}
	r = clock_getcpuclockid(server->worker.pid, &server->clock);
	snprintf(scene->error, sizeof scene->error, "CPU time of its process: %s", strerror(r));
	return !r;
}

void server_end(struct server *server)
{
	worker_end(&server->worker);
}

/* Calls visit for each thread with the path of one of its files in /proc, until it returns false. */
static bool threads_visit(pid_t pid, const char *file, bool (*visit)(int tid, FILE *file, void *arg), void *arg)
{
	const struct dirent *entry;
	char path[320];
	bool more = true;
	DIR *tasks;

	snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
	tasks = opendir(path);
	while (tasks && more && (entry = readdir(tasks))) {
		FILE *stream;

		snprintf(path, sizeof path, "/proc/%d/task/%s/%s", (int)pid, entry->d_name, file);
		stream = *entry->d_name != '.' ? fopen(path, "re") : NULL;
		if (!stream)
			continue;
		more = visit(atoi(entry->d_name), stream, arg);
		fclose(stream);
	}
	if (tasks)
		closedir(tasks);
	return tasks && more;
}

/* T: stopped; t: the same under a tracer. */
static bool thread_stopped(int tid, FILE *stat, void *arg)
{
	char state;

	(void)tid, (void)arg;
	return fscanf(stat, "%*d (%*[^)]) %c", &state) != 1 || strchr("Tt", state);
}

static bool thread_time(int tid, FILE *schedstat, void *arg)
{
	struct server_times *times = arg;
	unsigned long long run_ns, wait_ns;

	if (times->count < SERVER_THREADS && fscanf(schedstat, "%llu %llu", &run_ns, &wait_ns) == 2)
		times->thread[times->count++] = (struct thread_times){tid, run_ns, wait_ns};
	return true;
}

void server_times(const struct server *server, struct server_times *times)
{
	times->count = 0;
	threads_visit(server->worker.pid, "schedstat", thread_time, times);
}

/* A thread that was not there before has run and waited since it began. */
static struct thread_times thread_since(const struct server_times *before, struct thread_times now)
{
	for (unsigned i = 0; i < before->count; i++)
		if (before->thread[i].tid == now.tid) {
			now.run_ns -= before->thread[i].run_ns;
			now.wait_ns -= before->thread[i].wait_ns;
		}
	return now;
}

uint64_t server_wait_ns(const struct server_times *before, const struct server_times *after)
{
	struct thread_times most = {0};

	for (unsigned i = 0; i < after->count; i++) {
		struct thread_times since = thread_since(before, after->thread[i]);

		if (since.run_ns > most.run_ns)
			most = since;
	}
	return most.wait_ns;
}

bool server_hold(const struct server *server, struct scene *scene)
{
	uint64_t limit_us = clock_us() + HOLD_MS * 1000;

	kill(server->worker.pid, SIGSTOP);
	while (!threads_visit(server->worker.pid, "stat", thread_stopped, NULL))
		if (clock_us() > limit_us || worker_ended(&server->worker)) {
			snprintf(scene->error, sizeof scene->error, "it cannot be stopped, or has ended");
			return false;
		}
	return true;
}

void server_release(const struct server *server)
{
	kill(server->worker.pid, SIGCONT);
}

uint64_t server_cpu_ns(const struct server *server)
{
	struct timespec used = {0};

	clock_gettime(server->clock, &used);
	return (uint64_t)used.tv_sec * 1000000000 + (uint64_t)used.tv_nsec;
}

/* fd is the server's. */
static bool connection_audit(const struct server *server, int fd, in_port_t client, const struct sockctl_spec *spec,
			     struct sockctl_report *report)
{
	int copy = reach_socket(server->worker.pid, fd);
	struct sockaddr_in peer = {0};
	socklen_t length = sizeof peer;
	bool found;

	if (copy < 0)
		return false;
	found = !getpeername(copy, (struct sockaddr *)&peer, &length) && peer.sin_family == AF_INET &&
		(!client || peer.sin_port == client) && !sockctl_audit(copy, spec, report);
	close(copy);
	return found;
}

unsigned server_connections(const struct server *server, const char *spec_text, in_port_t client, unsigned *ret_lacking,
			    struct sockctl_report *report)
{
	const struct dirent *entry;
	struct sockctl_spec spec;
	unsigned found = 0;
	char path[64];
	DIR *fds;

	*ret_lacking = 0;
	if (sockctl_spec_parse(&spec, spec_text, NULL))
		return 0;
	snprintf(path, sizeof path, "/proc/%d/fd", (int)server->worker.pid);
	fds = opendir(path);
	while (fds && (entry = readdir(fds)))
		if (*entry->d_name != '.' && connection_audit(server, atoi(entry->d_name), client, &spec, report)) {
			found++;
			*ret_lacking += sockctl_worst(report) > SOCKCTL_OVERRULED;
		}
	if (fds)
		closedir(fds);
	return found;
}
