/* /proc/PID/cgroup and the unit that it names, of any text. */
#include <stdlib.h>
#include <string.h>
#include "observe/cgroup_unit.h"
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), unit[UNIT_NAME], *path;
	const char *found;
	size_t length;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = 0;
	if (cgroup_unit(text, unit) && (!*unit || strlen(unit) >= UNIT_NAME))
		abort();
	length = cgroup_path(text, &found);
	if (length && (found < text || found + length > text + strlen(text) || *found != '/'))
		abort();
	path = length ? strndup(found, length) : NULL;
	if (path && cgroup_unit(path, unit) && !strstr(path, strchr(unit, '.')))
		abort();
	free(path);
	free(text);
	return 0;
}
