/* Small questions to /proc. */
#include "observe/sight.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* include/uapi/linux/nsfs.h: the first namespaces have these inodes. */
static const char *first_of(const char *kind)
{
	return !strcmp(kind, "user") ? "user:[4026531837]" : "pid:[4026531836]";
}

int namespace_is_first(const char *proc, const char *kind)
{
	char path[300], link[64];
	ssize_t n;

	snprintf(path, sizeof path, "%s/self/ns/%s", proc, kind);
	n = readlink(path, link, sizeof link - 1);
	if (n < 0)
		return -errno;
	link[n] = 0;
	return !strcmp(link, first_of(kind));
}

/* proc_pid_permission() of fs/proc/base.c: there is always a process 1, and it is root's; whoever may see that one may
 * trace all (or is of the group of gid=). */
bool processes_are_left_out(const char *proc)
{
	char path[300];

	snprintf(path, sizeof path, "%s/1", proc);
	return access(path, F_OK) != 0;
}
