/* The systemd unit that a cgroup path names. Text only: asks nobody. */
#ifndef OBSERVE_CGROUP_UNIT_H
#define OBSERVE_CGROUP_UNIT_H
#include <stdbool.h>
#include <stddef.h>

enum { UNIT_NAME = 256 };
/* "/system.slice/nginx.service/worker" -> "nginx.service": the first part that is no slice, if it is the name of a
 * unit; as systemd's cg_path_get_unit(). false: the path names none; unit is untouched then. */
bool cgroup_unit(const char *path, char unit[UNIT_NAME]);
/* The path that systemd goes by, in a text in the form of /proc/PID/cgroup: of the hierarchy name=systemd where
 * there is one (version 1, hybrid), else of version 2. Returns its length, 0 if there is neither; it begins at
 * *ret. */
size_t cgroup_path(const char *text, const char **ret);
#endif
