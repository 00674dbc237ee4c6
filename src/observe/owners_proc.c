/* Owners of sockets from /proc: the fds of every process, and of the threads that have a table of their own. Only
 * what the caller may see: /proc/PID/fd of others needs CAP_SYS_PTRACE. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "base/error.h"
#include "observe/owners_source.h"

enum { NAMES_BYTES = 65536 };

struct walk {
	struct owner_table *table;
	size_t most;
	unsigned hidden;
	char names[NAMES_BYTES] __attribute__((aligned(8)));
};

/* A process under examination, or one of its threads that has a table of its own; it is added when its first socket
 * is. */
struct subject {
	pid_t pid, thread; /* thread: 0 for the process */
	int directory;     /* of the process */
	bool added;
	bool hidden; /* at least one of its fds may not be seen */
};

/* What an errno of /proc means for the process: it is gone, or not for us to see; 0 then. -errno: it is ourselves who
 * lack something, and others would be left out as well. */
static int obstacle(struct subject *subject, int code)
{
	if (code == EMFILE || code == ENFILE || code == ENOMEM)
		return -code;
	subject->hidden |= code != ENOENT && code != ESRCH;
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

static int socket_add(struct walk *walk, struct subject *subject, uint32_t inode, int fd)
{
	char command[16];
	int r = 0;

	if (walk->table->count >= walk->most)
		return -E2BIG;
	if (!subject->added) {
		command_read(subject->directory, command);
		r = owner_table_process(walk->table, subject->pid, subject->thread, command);
	}
	subject->added = true;
	return r ? r : owner_table_add(walk->table, inode, fd);
}

static bool number_parse(const char *text, char end, uint32_t *ret)
{
	uint64_t number = 0;
	const char *at = text;

	for (; isdigit((unsigned char)*at) && number <= UINT32_MAX; at++)
		number = number * 10 + (uint64_t)(*at - '0');
	if (at == text || *at != end || number > UINT32_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* "socket:[4711]" */
static bool link_is_socket(const char *link, uint32_t *ret)
{
	static const char before[] = "socket:[";

	return !strncmp(link, before, sizeof before - 1) && number_parse(link + sizeof before - 1, ']', ret) &&
	       !strchr(link, ']')[1];
}

static int link_visit(struct walk *walk, struct subject *subject, int fds, const char *name)
{
	uint32_t fd, inode;
	char link[64];
	ssize_t n;

	if (!number_parse(name, 0, &fd) || fd > INT32_MAX)
		return 0;
	n = readlinkat(fds, name, link, sizeof link - 1);
	if (n < 0 && errno == ENAMETOOLONG) /* a file's path, which no buffer of the kernel holds */
		return 0;
	if (n < 0) /* EACCES: without CAP_SYS_PTRACE root may list the fds of others, and no more */
		return obstacle(subject, errno);
	link[n] = 0;
	return link_is_socket(link, &inode) ? socket_add(walk, subject, inode, (int)fd) : 0;
}

/* fds: the folder. Its names come in large pieces, and nothing is allocated. */
static int links_walk(struct walk *walk, struct subject *subject, int fds)
{
	ssize_t n = 0;
	int r = 0;

	while (!r && (n = getdents64(fds, walk->names, sizeof walk->names)) > 0)
		for (ssize_t at = 0; !r && at < n;) {
			const struct dirent64 *entry = (const void *)(walk->names + at);

			at += entry->d_reclen;
			r = link_visit(walk, subject, fds, entry->d_name);
		}
	return !r && n < 0 ? obstacle(subject, errno) : r;
}

/* directory: of the process or thread. */
static int fds_walk(struct walk *walk, struct subject *subject, int directory)
{
	int fds = openat(directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	if (fds < 0)
		return obstacle(subject, errno);
	r = links_walk(walk, subject, fds);
	close(fds);
	return r;
}

/* Threads share their table with the process, but for those that called unshare(CLONE_FILES): ss misses these. */
static bool thread_shares(pid_t pid, pid_t thread)
{
	return syscall(SYS_kcmp, pid, thread, KCMP_FILES, 0, 0) == 0;
}

static int thread_visit(struct walk *walk, struct subject *subject, int tasks, const char *name)
{
	int directory = openat(tasks, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC), r;

	subject->thread = atoi(name);
	subject->added = false;
	if (directory < 0)
		return obstacle(subject, errno);
	r = fds_walk(walk, subject, directory);
	close(directory);
	return r;
}

static int threads_walk(struct walk *walk, struct subject *subject)
{
	int tasks = openat(subject->directory, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
	DIR *stream = tasks < 0 ? NULL : fdopendir(tasks);
	const struct dirent *entry;

	if (!stream) {
		r = obstacle(subject, errno);
		if (tasks >= 0)
			close(tasks);
		return r;
	}
	while (!r && (entry = readdir(stream))) {
		pid_t thread = atoi(entry->d_name);

		if (thread > 0 && thread != subject->pid && !thread_shares(subject->pid, thread))
			r = thread_visit(walk, subject, tasks, entry->d_name);
	}
	closedir(stream);
	return r;
}

/* /proc counts its folders as a file system does: two links, and one for each thread. */
static bool has_threads(int directory)
{
	struct stat status;

	return fstatat(directory, "task", &status, 0) || status.st_nlink != 3;
}

static int process_walk(struct walk *walk, int proc, const char *name)
{
	struct subject subject = {.pid = atoi(name)};
	int r;

	subject.directory = openat(proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (subject.directory < 0) {
		r = obstacle(&subject, errno);
	} else {
		r = fds_walk(walk, &subject, subject.directory);
		if (!r && !subject.hidden && has_threads(subject.directory))
			r = threads_walk(walk, &subject);
		close(subject.directory);
	}
	walk->hidden += subject.hidden;
	return r;
}

int owners_from_proc(struct owner_table *table, const char *proc, size_t most, unsigned *ret_hidden,
		     struct sockctl_error *error)
{
	struct walk *walk = malloc(sizeof *walk);
	DIR *stream = opendir(proc);
	int r = !stream ? -errno : walk ? 0 : -ENOMEM;
	const struct dirent *entry;

	if (!r) {
		walk->table = table;
		walk->most = most;
		walk->hidden = 0;
	}
	while (!r && (errno = 0, entry = readdir(stream)))
		if (isdigit((unsigned char)*entry->d_name))
			r = process_walk(walk, dirfd(stream), entry->d_name);
	r = r ? r : -errno;
	if (!r)
		*ret_hidden = walk->hidden;
	if (stream)
		closedir(stream);
	free(walk);
	return r && r != -E2BIG ? error_set(error, r, "read", proc, NULL) : r;
}
