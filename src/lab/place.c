/* {server} and {port} in the commands that people give. */
#include "lab/place.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool place_wants_port(const char *command)
{
	return strstr(command, "{port}") != NULL;
}

/* The replacement for what stands at `at`, and how long that is; NULL: nothing to replace. */
static const char *replacement(const char *at, const char *server, const char *port, size_t *ret_length)
{
	static const char server_name[] = "{server}", port_name[] = "{port}";

	if (!strncmp(at, server_name, sizeof server_name - 1)) {
		*ret_length = sizeof server_name - 1;
		return server;
	}
	if (!strncmp(at, port_name, sizeof port_name - 1)) {
		*ret_length = sizeof port_name - 1;
		return port;
	}
	return NULL;
}

char *place_fill(const char *command, const char *server, unsigned port)
{
	char number[16], *filled = NULL;
	size_t size, length;
	FILE *out = open_memstream(&filled, &size);

	if (!out)
		return NULL;
	snprintf(number, sizeof number, "%u", port);
	while (*command) {
		const char *with = replacement(command, server, number, &length);

		if (with)
			fputs(with, out);
		else
			fputc(*command, out);
		command += with ? length : 1;
	}
	if (!fclose(out))
		return filled;
	free(filled);
	return NULL;
}
