/* Names of units as systemd makes them: unit_name_is_valid() of basic/unit-name.c, cg_unescape() of
 * basic/cgroup-util.c. */
#include "observe/cgroup_unit.h"
#include <string.h>

static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ:-_.\\@";

static bool type_is_known(const char *type, size_t length)
{
	static const char *const types[] = {"service", "socket", "mount", "automount", "swap", "target",
					    "device",  "timer",  "path",  "slice",     "scope"};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (strlen(types[i]) == length && !memcmp(types[i], type, length))
			return true;
	return false;
}

/* Plain ("nginx.service") or an instance ("getty@tty1.service"), but no template ("getty@.service"). */
static bool name_is_unit(const char *name, size_t length)
{
	const char *dot = memrchr(name, '.', length), *at = memchr(name, '@', length);

	if (!dot || dot == name || length >= UNIT_NAME)
		return false;
	for (const char *c = name; c < dot; c++)
		if (!*c || !strchr(letters, *c))
			return false;
	if (at == name || (at && at + 1 == dot) || (at && at > dot))
		return false;
	return type_is_known(dot + 1, (size_t)(name + length - dot - 1));
}

/* A leading '_' escapes a name that the kernel could take for one of its own files. */
static const char *name_unescape(const char *name, size_t *length)
{
	if (!*length || *name != '_')
		return name;
	--*length;
	return name + 1;
}

static bool name_is_slice(const char *name, size_t length)
{
	static const char end[] = ".slice";
	size_t size = sizeof end - 1;

	return length > size && !memcmp(name + length - size, end, size);
}

bool cgroup_unit(const char *path, char unit[UNIT_NAME])
{
	for (const char *at = path;;) {
		const char *name;
		size_t part, length;

		at += strspn(at, "/");
		part = length = strcspn(at, "/");
		name = name_unescape(at, &length);
		if (!name_is_unit(name, length))
			return false;
		if (name_is_slice(name, length)) {
			if (memchr(name, '@', length)) /* there are no instances of slices */
				return false;
			at += part;
			continue;
		}
		memcpy(unit, name, length);
		unit[length] = 0;
		return true;
	}
}

/* "4:memory:/path": the hierarchies between the colons, then the path to the end of the line. */
static bool line_is_of(const char *line, size_t length, const char *hierarchy)
{
	const char *first = memchr(line, ':', length);

	return first && !strncmp(first, hierarchy, strlen(hierarchy));
}

size_t cgroup_path(const char *text, const char **ret)
{
	static const char *const wanted[] = {":name=systemd:/", "::/"};
	static const char deleted[] = " (deleted)";

	for (unsigned i = 0; i < 2; i++)
		for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
			size_t length = strcspn(line, "\n");
			const char *path = strchr(line, ':');

			if (!line_is_of(line, length, wanted[i]) || (i == 1 && strncmp(line, "0:", 2)))
				continue;
			path += strlen(wanted[i]) - 1;
			length -= (size_t)(path - line);
			if (length > sizeof deleted &&
			    !memcmp(path + length - sizeof deleted + 1, deleted, sizeof deleted - 1))
				length -= sizeof deleted - 1;
			*ret = path;
			return length;
		}
	return 0;
}
