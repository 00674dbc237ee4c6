/* The inode number of a cgroup's directory is its id (fs/kernfs: kernfs_id() on 64-bit hosts). open_by_handle_at() finds
 * one without a walk, but takes CAP_DAC_READ_SEARCH. */
#include "observe/cgroup_names.h"
#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, DEPTH_MOST = 64, NAMES_MOST = 1 << 17 };

struct cgroup_name {
	uint64_t id;
	char *path;
};

struct cgroup_names {
	size_t count, room;
	struct cgroup_name *name; /* by id, once all are there */
};

const char *cgroup_root(void)
{
	static const char *const roots[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};
	struct statfs status;

	for (unsigned i = 0; i < sizeof roots / sizeof *roots; i++)
		if (!statfs(roots[i], &status) && status.f_type == CGROUP2_SUPER_MAGIC)
			return roots[i];
	return NULL;
}

static bool name_add(struct cgroup_names *names, uint64_t id, const char *path)
{
	if (names->count == NAMES_MOST)
		return false;
	if (names->count == names->room) {
		size_t room = names->room ? 2 * names->room : 64;
		struct cgroup_name *wider = reallocarray(names->name, room, sizeof *wider);

		if (!wider)
			return false;
		names->name = wider;
		names->room = room;
	}
	names->name[names->count] = (struct cgroup_name){id, strdup(path)};
	return names->name[names->count].path && ++names->count;
}

/* Takes the fd. What cannot be opened is left out; false: there is no room for more. path: of the directory, which ends with
 * its '/'. */
static bool directory_walk(struct cgroup_names *names, int fd, char path[PATH_BYTES], unsigned depth)
{
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	size_t length = strlen(path);
	const struct dirent *entry;
	bool going = true;

	if (!directory && fd >= 0)
		close(fd);
	while (going && directory && (entry = readdir(directory))) {
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (snprintf(path + length, PATH_BYTES - length, "%s", entry->d_name) >= (int)(PATH_BYTES - length - 1))
			continue;
		going = name_add(names, entry->d_ino, path);
		strcat(path, "/");
		if (going && depth < DEPTH_MOST)
			going = directory_walk(
				names, openat(fd, entry->d_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path,
				depth + 1);
	}
	path[length] = 0;
	if (directory)
		closedir(directory);
	return going;
}

static int names_compare(const void *left, const void *right)
{
	const struct cgroup_name *a = left, *b = right;

	return a->id < b->id ? -1 : a->id > b->id;
}

struct cgroup_names *cgroup_names_new(const char *root)
{
	struct cgroup_names *names = calloc(1, sizeof *names);
	char path[PATH_BYTES] = "/";
	struct stat status;
	int fd;

	if (!names || !root)
		return names;
	fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && !fstat(fd, &status))
		name_add(names, status.st_ino, path);
	directory_walk(names, fd, path, 0);
	if (names->count)
		qsort(names->name, names->count, sizeof *names->name, names_compare);
	return names;
}

void cgroup_names_free(struct cgroup_names *names)
{
	for (size_t i = 0; names && i < names->count; i++)
		free(names->name[i].path);
	if (names)
		free(names->name);
	free(names);
}

const char *cgroup_names_find(const struct cgroup_names *names, uint64_t id)
{
	const struct cgroup_name key = {.id = id}, *found = NULL;

	if (names->count)
		found = bsearch(&key, names->name, names->count, sizeof key, names_compare);
	return found ? found->path : NULL;
}
