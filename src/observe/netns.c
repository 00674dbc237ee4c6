/* Entering: setns() with the file again at hand, and only if it is still the namespace that was found. */
#include "observe/netns.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/error.h"
#include "observe/netns_list.h"

static const char own[] = "/proc/thread-self/ns/net";

/* By name as long as it has one; a process may have ended, and its number gone to another. */
static void path_of(const struct netns_fact *netns, char path[NETNS_PATH])
{
	if (strncmp(netns->name, "pid:", 4))
		snprintf(path, NETNS_PATH, "%s/%s", NETNS_DIRECTORY, netns->name);
	else
		snprintf(path, NETNS_PATH, "/proc/%d/ns/net", (int)netns->pid);
}

static int netns_open(const struct netns_fact *netns)
{
	char path[NETNS_PATH];
	struct stat status;
	int fd;

	path_of(netns, path);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (!fstat(fd, &status) && status.st_ino == netns->inode)
		return fd;
	close(fd);
	return -ENOENT;
}

/* To enter the namespace where one is already takes the same privilege as any other, and is not needed. */
static bool is_home(const struct netns_fact *netns, int home)
{
	struct stat status;

	return !fstat(home, &status) && status.st_ino == netns->inode;
}

static int netns_enter(const struct netns_fact *netns, int home)
{
	int fd, r = 0;

	if (is_home(netns, home))
		return 0;
	fd = netns_open(netns);
	if (fd < 0)
		return fd;
	if (setns(fd, CLONE_NEWNET))
		r = -errno;
	close(fd);
	return r;
}

static int netns_leave(const struct netns_fact *netns, int home)
{
	return is_home(netns, home) ? 0 : setns(home, CLONE_NEWNET);
}

static void enter_error(const struct netns_fact *netns, int code, struct sockctl_error *error)
{
	static const char needs[] = "it takes CAP_SYS_ADMIN in the user namespace that owns it";

	if (code == -EPERM && netns->pid) /* its user namespace is reached by a process of it only */
		error_set(error, code, "setns", netns->name,
			  "%s; of your own ones: nsenter --preserve-credentials -U -n -t %d sockctl ...", needs,
			  (int)netns->pid);
	else if (code == -EPERM)
		error_set(error, code, "setns", netns->name, "%s, as root has it", needs);
	else
		error_set(error, code, "setns", netns->name,
			  code == -ENOENT || code == -ESRCH ? "it has ended since it was found" : NULL);
}

bool netns_complete(const struct netns_list *list, char *ret_why, size_t size)
{
	unsigned hidden = netns_hidden(list);

	if (netns_whole(list))
		return true;
	if (hidden)
		snprintf(ret_why, size, "%u process%s may be in namespaces that are not for this user to know", hidden,
			 hidden == 1 ? "" : "es");
	else
		snprintf(ret_why, size,
			 "/proc leaves out processes of others (hidepid), which may be in other namespaces");
	return false;
}

int netns_each(const struct netns_list *list, int (*visit)(void *arg, const struct netns_fact *), void *arg,
	       unsigned *ret_failed, struct sockctl_error *error)
{
	int home = open(own, O_RDONLY | O_CLOEXEC), result = 0;

	*ret_failed = 0;
	if (home < 0)
		return error_set(error, -errno, "open", own, NULL);
	for (unsigned i = 0; i < netns_count(list) && !result; i++) {
		const struct netns_fact *netns = netns_get(list, i);
		int code = netns_enter(netns, home);

		if (code) {
			if (!(*ret_failed)++)
				enter_error(netns, code, error);
			continue;
		}
		result = visit(arg, netns);
		if (netns_leave(netns, home))
			result = error_set(error, -ENOTRECOVERABLE, "setns", own, "cannot get back: %s",
					   strerror(errno));
	}
	close(home);
	return result;
}
