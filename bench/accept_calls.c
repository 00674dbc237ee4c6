/* System calls per connection, counted in what strace writes. */
#include "accept.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COUNTED = ACCEPT_BURST };

/* "123 accept4(3, NULL, ..."; what is resumed was counted when it began; signals and exits are no calls. */
static bool line_call(const char *line, char name[32])
{
	size_t length;

	line += strspn(line, "0123456789 ");
	length = strspn(line, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (!length || length > 31 || line[length] != '(')
		return false;
	memcpy(name, line, length);
	name[length] = 0;
	return true;
}

static void call_add(struct calls *calls, const char *name)
{
	unsigned i = 0;

	while (i < calls->count && strcmp(calls->call[i].name, name))
		i++;
	if (i == CALLS_MAX)
		return;
	if (i == calls->count)
		snprintf(calls->call[calls->count++].name, sizeof calls->call->name, "%s", name);
	calls->call[i].per_connection += 1.0 / COUNTED;
}

static int call_order(const void *a, const void *b)
{
	double x = ((const struct call *)a)->per_connection, y = ((const struct call *)b)->per_connection;

	return (x < y) - (x > y);
}

static void trace_read(FILE *file, struct calls *calls)
{
	char *line = NULL, name[32];
	size_t size = 0;

	while (getline(&line, &size, file) > 0)
		if (line_call(line, name)) {
			call_add(calls, name);
			calls->total += 1.0 / COUNTED;
			calls->setsockopt += !strcmp(name, "setsockopt") ? 1.0 / COUNTED : 0;
		}
	free(line);
	qsort(calls->call, calls->count, sizeof *calls->call, call_order);
}

/* The first burst warms up: runtimes start threads, and allocate. */
static bool traced_burst(const struct server *server, struct scene *scene, FILE *file, struct calls *calls)
{
	struct burst burst;

	if (!burst_run(server, scene, COUNTED, &burst) || fseek(file, 0, SEEK_END) ||
	    !burst_run(server, scene, COUNTED, &burst))
		return false;
	trace_read(file, calls);
	return calls->total > 0;
}

bool calls_count(struct scene *scene, const char *command, uint16_t port, const char *strace, struct calls *calls)
{
	char path[] = "/tmp/sockctl-accept-XXXXXX";
	int fd = mkstemp(path);
	struct server server;
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	bool counted = false;

	memset(calls, 0, sizeof *calls);
	if (file && server_start(&server, scene, command, port, "serve", strace, path)) {
		counted = traced_burst(&server, scene, file, calls);
		server_end(&server);
	}
	if (file)
		fclose(file);
	unlink(path);
	return counted;
}
