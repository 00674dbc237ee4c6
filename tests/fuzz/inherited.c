/* LISTEN_PID, LISTEN_FDS and LISTEN_FDNAMES, one a line: sockets in a row with names that end, or an error that
 * says why. */
#include <stdlib.h>
#include <string.h>
#include "socket/inherited.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SELF = 4711, ROOM = 5 };

static void check(int count, const struct sockctl_named got[], const struct sockctl_error *error)
{
	if (count < 0 ? error->code != count || !*error->hint : count > ROOM)
		abort();
	for (int i = 0; i < count; i++)
		if (got[i].fd != 3 + i || !memchr(got[i].name, 0, sizeof got[i].name))
			abort();
}

/* Each variable in memory of exactly its size, so that a read too far is seen; a line that is not there is not set. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sockctl_named got[ROOM];
	struct sockctl_error error = {0};
	char *variable[3] = {NULL};

	for (unsigned i = 0; i < 3 && size; i++) {
		const uint8_t *end = memchr(data, '\n', size);
		size_t length = end ? (size_t)(end - data) : size;

		variable[i] = malloc(length + 1);
		if (!variable[i])
			break;
		memcpy(variable[i], data, length);
		variable[i][length] = 0;
		data += length + (end != NULL);
		size -= length + (end != NULL);
	}
	check(inherited_parse(&(struct inherited_environment){variable[0], variable[1], variable[2]}, SELF, got, ROOM,
			      &error),
	      got, &error);
	for (unsigned i = 0; i < 3; i++)
		free(variable[i]);
	return 0;
}
