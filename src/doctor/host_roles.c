/* A walk over the catalogue: its rows name the sysctls. */
#include "doctor/host_roles.h"
#include <string.h>

struct roles {
	const char *path;
	struct host_role *out;
	unsigned count;
};

static void role_add(struct roles *roles, const char *path, const char *role, const struct option *option)
{
	if (path && !strcmp(path, roles->path) && roles->count < HOST_ROLES)
		roles->out[roles->count++] = (struct host_role){role, option};
}

unsigned host_roles(enum sysctl_id id, struct host_role ret[HOST_ROLES])
{
	const struct sysctl_row *row = &sysctl_rows[id];
	struct roles roles = {.path = row->path, .out = ret};

	for (const struct option *option = catalogue + 1; option < catalogue + OPTION_COUNT; option++) {
		role_add(&roles, option->limit, "caps", option);
		role_add(&roles, option->gate, "gates", option);
		role_add(&roles, option->within, "bounds", option);
		role_add(&roles, option->autotune, "autotunes", option);
		role_add(&roles, option->autotune_gate, "gates autotuning of", option);
	}
	if (row->option)
		role_add(&roles, row->path, "default of", &catalogue[row->option]);
	return roles.count;
}

bool host_limits(enum sysctl_id id)
{
	struct host_role roles[HOST_ROLES];

	return host_roles(id, roles) > (sysctl_rows[id].option != OPTION_NONE);
}
