/* Which options of the catalogue a sysctl has a say in. Asks the catalogue only. */
#ifndef DOCTOR_HOST_ROLES_H
#define DOCTOR_HOST_ROLES_H
#include "fact/sysctl_fact.h"

enum { HOST_ROLES = 8 };
struct host_role {
	const char *role;            /* "caps", "gates", "bounds", "autotunes", "default of" */
	const struct option *option;
};
/* Returns how many were written; those beyond HOST_ROLES are left out (a test sees to it that there are none). */
unsigned host_roles(enum sysctl_id, struct host_role ret[HOST_ROLES]);
/* Has it any say but for defaults? */
bool host_limits(enum sysctl_id);
#endif
