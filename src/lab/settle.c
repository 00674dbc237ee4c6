/* Sysctls of the two namespaces, old values kept. */
#include "lab/settle.h"
#include "base/error.h"
#include <errno.h>

static int one_settle(const struct arm_sysctl *sysctl, const struct world *world, enum host host, char *was,
		      size_t size, struct sockctl_error *error)
{
	int code = world_sysctl_read(world, host, sysctl->name, was, size);

	if (!code)
		code = world_sysctl_write(world, host, sysctl->name, sysctl->value);
	if (code == -ENOENT)
		return error_set(error, code, "sysctl", sysctl->name,
				 "network namespaces have no such sysctl of their own; the host's value applies");
	if (code)
		return error_set(error, code, "sysctl", sysctl->name, "\"%s\" is not a value that it takes",
				 sysctl->value);
	return 0;
}

int arm_settle(const struct arm *arm, const struct world *world, struct settled *settled, struct sockctl_error *error)
{
	settled->count = 0;
	while (settled->count < arm->sysctls * HOSTS) {
		unsigned i = settled->count;
		int code = one_settle(&arm->sysctl[i / HOSTS], world, i % HOSTS, settled->was[i],
				      sizeof settled->was[i], error);

		if (code) {
			arm_restore(arm, world, settled);
			return code;
		}
		settled->count++;
	}
	return 0;
}

/* Backwards: an arm may name a sysctl twice. */
void arm_restore(const struct arm *arm, const struct world *world, struct settled *settled)
{
	while (settled->count) {
		unsigned i = --settled->count;

		world_sysctl_write(world, i % HOSTS, arm->sysctl[i / HOSTS].name, settled->was[i]);
	}
}
