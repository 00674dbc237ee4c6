/* Which ports have a listener. A descriptor of /proc/net/tcp stays with its namespace and can be read again and again.
 * */
#include "lab/listening.h"
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
	const char *file;
	bool tcp;
	unsigned state; /* TCP_LISTEN; an unconnected UDP socket is TCP_CLOSE */
} tables[LISTENING_TABLES] = {
	{"/proc/thread-self/net/tcp", true, 0x0a},
	{"/proc/thread-self/net/tcp6", true, 0x0a},
	{"/proc/thread-self/net/udp", false, 0x07},
	{"/proc/thread-self/net/udp6", false, 0x07},
};

void listening_open(struct listening *listening)
{
	for (int i = 0; i < LISTENING_TABLES; i++)
		listening->table[i] = open(tables[i].file, O_RDONLY | O_CLOEXEC); /* -1: a host without IPv6 */
}

void listening_close(struct listening *listening)
{
	for (int i = 0; i < LISTENING_TABLES; i++)
		if (listening->table[i] >= 0)
			close(listening->table[i]);
}

/* The port of one line "sl local:port remote:port state ...", if it listens; else 0. */
static uint16_t line_port(const char *line, unsigned state)
{
	unsigned port, st;

	return sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &port, &st) == 2 && st == state ?
		       (uint16_t)port :
		       0;
}

/* The lowest port of a table that listens, or `wanted` if that does. */
static uint16_t table_find(int fd, unsigned state, uint16_t wanted)
{
	uint16_t lowest = 0, port;
	char line[256];
	FILE *file;

	if (lseek(fd, 0, SEEK_SET) || !(file = fdopen(dup(fd), "r")))
		return 0;
	while (fgets(line, sizeof line, file)) {
		port = line_port(line, state);
		if (!port || (wanted && port != wanted))
			continue;
		lowest = lowest && lowest < port ? lowest : port;
	}
	fclose(file);
	return lowest;
}

uint16_t listening_find(const struct listening *listening, uint16_t wanted)
{
	uint16_t lowest = 0, port;

	for (int i = 0; i < LISTENING_TABLES; i++) {
		if (listening->table[i] < 0 || (!wanted && !tables[i].tcp))
			continue;
		port = table_find(listening->table[i], tables[i].state, wanted);
		if (port && (!lowest || port < lowest))
			lowest = port;
	}
	return lowest;
}
