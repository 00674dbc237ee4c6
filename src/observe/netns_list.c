/* By the files of /run/netns (ip-netns(8)) first, so that a namespace gets its name; then by processes. */
#include "observe/netns_list.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/error.h"
#include "observe/netns.h"
#include "observe/sight.h"

struct netns_list {
	struct netns_fact **netns; /* each on its own, so that pointers to it stay */
	unsigned count, room, hidden;
	bool left_out; /* processes that not even their number tells of */
};

static struct netns_fact *list_find(const struct netns_list *list, uint64_t inode)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->netns[i]->inode == inode)
			return list->netns[i];
	return NULL;
}

/* What is there already only gets a process, if it has none. */
static int list_add(struct netns_list *list, uint64_t inode, pid_t pid, const char *name)
{
	struct netns_fact *netns = list_find(list, inode);

	if (netns) {
		netns->pid = netns->pid ? netns->pid : pid;
		return 0;
	}
	if (list->count == list->room) {
		unsigned room = list->room ? 2 * list->room : 16;
		struct netns_fact **wider = reallocarray(list->netns, room, sizeof *wider);

		if (!wider)
			return -ENOMEM;
		list->netns = wider;
		list->room = room;
	}
	netns = calloc(1, sizeof *netns);
	if (!netns)
		return -ENOMEM;
	netns->inode = inode;
	netns->pid = pid;
	if (name)
		snprintf(netns->name, sizeof netns->name, "%s", name);
	else
		snprintf(netns->name, sizeof netns->name, "pid:%d", (int)pid);
	list->netns[list->count++] = netns;
	return 0;
}

/* A file that is no namespace (one that `ip netns` could not mount on) does not count. nsfs has a device of its
 * own. */
static int file_add(struct netns_list *list, const char *name)
{
	struct stat status, own;
	char path[NETNS_PATH];
	int n = snprintf(path, sizeof path, "%s/%s", NETNS_DIRECTORY, name);

	if (n >= (int)sizeof path || strlen(name) >= NETNS_NAME)
		return -ENAMETOOLONG;
	if (!strncmp(name, "pid:", 4)) /* such a name means something else here */
		return -EINVAL;
	if (stat(path, &status) || stat("/proc/self/ns/net", &own))
		return -errno;
	if (status.st_dev != own.st_dev)
		return -EINVAL;
	return list_add(list, status.st_ino, 0, name);
}

static int own_inode(uint64_t *ret)
{
	struct stat status;

	if (stat("/proc/thread-self/ns/net", &status))
		return -errno;
	*ret = status.st_ino;
	return 0;
}

/* Under a name that holds for every process of it. */
static int own_add(struct netns_list *list)
{
	uint64_t inode = 0;
	int r = own_inode(&inode);

	return r ? r : list_add(list, inode, getpid(), NETNS_SELF);
}

static int process_add(struct netns_list *list, pid_t pid)
{
	struct stat status;
	char path[NETNS_PATH];

	snprintf(path, sizeof path, "/proc/%d/ns/net", (int)pid);
	return stat(path, &status) ? -errno : list_add(list, status.st_ino, pid, NULL);
}

static int files_add(struct netns_list *list)
{
	DIR *directory = opendir(NETNS_DIRECTORY);
	const struct dirent *entry;
	int r = 0;

	if (!directory)
		return 0; /* most hosts have none */
	while (r != -ENOMEM && (entry = readdir(directory)))
		if (*entry->d_name != '.') {
			r = file_add(list, entry->d_name);
			list->hidden += r && r != -EINVAL && r != -ENOENT;
		}
	closedir(directory);
	return r == -ENOMEM ? r : 0;
}

static int processes_add(struct netns_list *list)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	int r = 0;

	if (!proc)
		return -errno;
	list->left_out = processes_are_left_out("/proc");
	while (r != -ENOMEM && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		r = process_add(list, atoi(entry->d_name));
		list->hidden += r && r != -ENOENT && r != -ESRCH;
	}
	closedir(proc);
	return r == -ENOMEM ? r : 0;
}

static int all_add(struct netns_list *list)
{
	int r = files_add(list);

	r = r ? r : own_add(list);
	return r ? r : processes_add(list);
}

static int pid_add(struct netns_list *list, const char *number, const char *which, struct sockctl_error *error)
{
	char *end;
	long pid = strtol(number, &end, 10);
	int r;

	if (!strcmp(which, NETNS_SELF)) {
		r = own_add(list);
		return r ? error_set(error, r, "netns", which, NULL) : 0;
	}
	if (!isdigit((unsigned char)*number) || *end || pid <= 0 || pid > INT32_MAX)
		return error_set(error, -EINVAL, "netns", which, "expects pid: and a process id, or self");
	r = process_add(list, (pid_t)pid);
	if (r == -ENOENT)
		return error_set(error, -ESRCH, "netns", which, "there is no such process");
	if (r == -EACCES || r == -EPERM)
		return error_set(error, r, "netns", which,
				 "another user's process: it takes CAP_SYS_PTRACE, so run this as root");
	return r ? error_set(error, r, "netns", which, NULL) : 0;
}

static int name_add(struct netns_list *list, const char *name, struct sockctl_error *error)
{
	int r = !*name || *name == '.' || strchr(name, '/') ? -EINVAL : file_add(list, name);

	switch (r) {
	case 0:
		return 0;
	case -ENOENT:
		return error_set(error, r, "netns", name,
				 "there is no " NETNS_DIRECTORY
				 "/%s; `ip netns` lists those with a name, pid:N is that of a process",
				 name);
	case -EINVAL:
	case -ENAMETOOLONG:
		return error_set(error, -EINVAL, "netns", name,
				 "expects all, the name of a namespace in " NETNS_DIRECTORY ", pid:N or " NETNS_SELF);
	}
	return error_set(error, r, "netns", name, NULL);
}

int netns_find(struct netns_list **ret, const char *which, struct sockctl_error *error)
{
	struct netns_list *list = calloc(1, sizeof *list);
	int r;

	if (!list)
		return error_set(error, -ENOMEM, "netns", which, NULL);
	if (!strcmp(which, "all")) {
		r = all_add(list);
		r = r ? error_set(error, r, "read", "/proc", NULL) : 0;
	} else if (!strncmp(which, "pid:", 4)) {
		r = pid_add(list, which + 4, which, error);
	} else {
		r = name_add(list, which, error);
	}
	if (r)
		netns_free(list);
	else
		*ret = list;
	return r;
}

int netns_own(struct netns_fact *ret)
{
	struct netns_list *list = calloc(1, sizeof *list);
	uint64_t inode = 0;
	int r = list ? files_add(list) : -ENOMEM;

	r = r ? r : own_inode(&inode);
	r = r ? r : own_add(list);
	if (!r)
		*ret = *list_find(list, inode);
	netns_free(list);
	return r;
}

void netns_free(struct netns_list *list)
{
	for (unsigned i = 0; list && i < list->count; i++)
		free(list->netns[i]);
	if (list)
		free(list->netns);
	free(list);
}

unsigned netns_count(const struct netns_list *list)
{
	return list->count;
}

const struct netns_fact *netns_get(const struct netns_list *list, unsigned index)
{
	return list->netns[index];
}

unsigned netns_hidden(const struct netns_list *list)
{
	return list->hidden;
}

bool netns_whole(const struct netns_list *list)
{
	return !list->hidden && !list->left_out;
}
