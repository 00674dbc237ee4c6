/* Which path a cgroup's id stands for, by one walk through the directories of version 2. Changes nothing. */
#ifndef OBSERVE_CGROUP_NAMES_H
#define OBSERVE_CGROUP_NAMES_H
#include <stdint.h>

/* Where version 2 is mounted, beside version 1 or alone; NULL: nowhere that systemd has it. */
const char *cgroup_root(void);

struct cgroup_names;
/* root: as of cgroup_root(), NULL too. NULL: no memory. Cgroups made after this are not in it, nor those that this user's
 * mount does not show. */
struct cgroup_names *cgroup_names_new(const char *root);
void cgroup_names_free(struct cgroup_names *);       /* takes NULL */
/* "/system.slice/nginx.service", below the root; any bytes but 0. NULL: there is none with this id. */
const char *cgroup_names_find(const struct cgroup_names *, uint64_t id);
#endif
