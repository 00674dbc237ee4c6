/* The rows of sysctl_fact.def. */
#include "fact/sysctl_fact.h"
#include <string.h>

const struct sysctl_row sysctl_rows[SYSCTL_COUNT] = {
#define SYSCTL(id, path, ...) [SYSCTL_##id] = {path, __VA_ARGS__},
#include "fact/sysctl_fact.def"
#undef SYSCTL
};

enum sysctl_id sysctl_find(const char *path)
{
	unsigned id = 0;

	while (id < SYSCTL_COUNT && strcmp(sysctl_rows[id].path, path))
		id++;
	return (enum sysctl_id)id;
}
