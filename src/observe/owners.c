/* Socket inodes to processes. Only what the caller may see: /proc/PID/fd of others needs CAP_SYS_PTRACE. */
#include "observe/owners.h"
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/error.h"

struct owners {
	struct owner_fact *owner; /* by inode, then pid, then fd */
	size_t count, room;
	unsigned hidden;
	bool whole; /* every process of this host is in sight */
};

/* A process or thread under examination. */
struct walk {
	struct owners *owners;
	pid_t pid;
	char command[16];
};

static int owner_add(struct walk *walk, uint32_t inode, int fd)
{
	struct owners *owners = walk->owners;
	struct owner_fact *owner;

	if (owners->count == owners->room) {
		size_t room = owners->room ? 2 * owners->room : 1024;

		owner = reallocarray(owners->owner, room, sizeof *owner);
		if (!owner)
			return -ENOMEM;
		owners->owner = owner;
		owners->room = room;
	}
	owner = &owners->owner[owners->count++];
	*owner = (struct owner_fact){.inode = inode, .fd = fd, .pid = walk->pid};
	memcpy(owner->command, walk->command, sizeof owner->command);
	return 0;
}

static void command_read(int directory, char command[16])
{
	int fd = openat(directory, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, command, 15);

	if (fd >= 0)
		close(fd);
	n = n < 0 ? 0 : n;
	command[n] = 0;
	command[strcspn(command, "\n")] = 0;
}

/* "socket:[4711]" */
static bool link_is_socket(const char *link, uint32_t *ret)
{
	static const char before[] = "socket:[";
	unsigned long long inode;
	char *end;

	if (strncmp(link, before, sizeof before - 1) || !isdigit((unsigned char)link[sizeof before - 1]))
		return false;
	inode = strtoull(link + sizeof before - 1, &end, 10);
	if (strcmp(end, "]") || inode > UINT32_MAX)
		return false;
	*ret = (uint32_t)inode;
	return true;
}

/* directory: of the process or thread. -EACCES where its fds may not be seen; one that is gone has none. */
static int fds_walk(struct walk *walk, int directory)
{
	int fd = openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	const struct dirent *entry;
	DIR *stream;

	if (fd < 0)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	stream = fdopendir(fd);
	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	while (!r && (entry = readdir(stream))) {
		char link[64];
		uint32_t inode;
		ssize_t n;

		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		n = readlinkat(fd, entry->d_name, link, sizeof link - 1);
		if (n <= 0)
			continue;
		link[n] = 0;
		if (!link_is_socket(link, &inode))
			continue;
		if (!*walk->command)
			command_read(directory, walk->command);
		r = owner_add(walk, inode, atoi(entry->d_name));
	}
	closedir(stream);
	return r;
}

/* Threads share their table with the process, but for those that called unshare(CLONE_FILES): ss misses these. */
static bool thread_shares(pid_t pid, pid_t thread)
{
	return syscall(SYS_kcmp, pid, thread, KCMP_FILES, 0, 0) == 0;
}

static int threads_walk(struct walk *walk, int directory)
{
	int fd = openat(directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *stream = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!stream) {
		if (fd >= 0)
			close(fd);
		return 0;
	}
	while (!r && (entry = readdir(stream))) {
		pid_t thread = atoi(entry->d_name);
		int own;

		if (thread <= 0 || thread == walk->pid || thread_shares(walk->pid, thread))
			continue;
		own = openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (own < 0)
			continue;
		r = fds_walk(walk, own);
		r = r == -EACCES ? 0 : r;
		close(own);
	}
	closedir(stream);
	return r;
}

static int process_walk(struct owners *owners, int proc, const char *name)
{
	struct walk walk = {.owners = owners, .pid = atoi(name)};
	int directory = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (directory < 0)
		return 0;
	r = fds_walk(&walk, directory);
	if (!r)
		r = threads_walk(&walk, directory);
	close(directory);
	if (r != -EACCES)
		return r;
	owners->hidden++;
	return 0;
}

static int owner_compare(const void *left, const void *right)
{
	const struct owner_fact *a = left, *b = right;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->fd < b->fd ? -1 : a->fd > b->fd;
}

/* Processes outside this pid namespace are not in its /proc, and may share our network. include/uapi/linux/nsfs.h:
 * the first pid namespace has this inode. */
static bool namespace_is_first(int proc)
{
	char link[64] = "";
	ssize_t n = readlinkat(proc, "self/ns/pid", link, sizeof link - 1);

	return n > 0 && !strcmp(link, "pid:[4026531836]");
}

int owners_read(struct owners **ret, const char *proc, struct sockctl_error *error)
{
	struct owners *owners = calloc(1, sizeof *owners);
	DIR *stream = opendir(proc);
	const struct dirent *entry;
	int r = !stream ? -errno : owners ? 0 : -ENOMEM;

	while (!r && (entry = readdir(stream)))
		if (isdigit((unsigned char)*entry->d_name))
			r = process_walk(owners, dirfd(stream), entry->d_name);
	if (!r)
		owners->whole = namespace_is_first(dirfd(stream));
	if (stream)
		closedir(stream);
	if (r) {
		owners_free(owners);
		return error_set(error, r, "read", proc, NULL);
	}
	if (owners->count)
		qsort(owners->owner, owners->count, sizeof *owners->owner, owner_compare);
	*ret = owners;
	return 0;
}

void owners_free(struct owners *owners)
{
	if (owners)
		free(owners->owner);
	free(owners);
}

struct owner_fact *owners_find(const struct owners *owners, uint32_t inode, unsigned *ret_count)
{
	size_t low = 0, high = owners->count, last;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owners->owner[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (last = low; last < owners->count && owners->owner[last].inode == inode;)
		last++;
	*ret_count = (unsigned)(last - low);
	return last > low ? &owners->owner[low] : NULL;
}

bool owners_whole(const struct owners *owners)
{
	return owners->whole && !owners->hidden;
}

unsigned owners_hidden(const struct owners *owners)
{
	return owners->hidden;
}

size_t owners_count(const struct owners *owners)
{
	return owners->count;
}
