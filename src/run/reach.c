/* pidfd_getfd and its kin. Knows no options. */
#include "run/reach.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "base/sysctl.h"

/* Reads a number behind `key` in /proc/TID/status; -1 if it is not there. */
static long status_number(const char *task, const char *key)
{
	char path[48], text[4096];
	const char *at;
	ssize_t size;
	int fd;

	snprintf(path, sizeof path, "/proc/%s/status", task);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	size = read(fd, text, sizeof text - 1);
	close(fd);
	if (size <= 0)
		return -1;
	text[size] = 0;
	at = strstr(text, key);
	return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* PIDFD_THREAD (its value is O_EXCL) is Linux 6.9: before, a thread is reached through its process, whose table it
 * shares unless it called unshare(CLONE_FILES). */
static int task_open(pid_t tid)
{
	char task[16];
	int fd = (int)syscall(SYS_pidfd_open, tid, O_EXCL);

	if (fd >= 0 || errno != EINVAL)
		return fd < 0 ? -errno : fd;
	fd = (int)syscall(SYS_pidfd_open, tid, 0);
	if (fd >= 0)
		return fd;
	snprintf(task, sizeof task, "%d", tid);
	fd = (int)syscall(SYS_pidfd_open, (pid_t)status_number(task, "\nTgid:"), 0);
	return fd < 0 ? -errno : fd;
}

int reach_socket(pid_t tid, int fd)
{
	int task = task_open(tid), copy;

	if (task < 0)
		return task;
	copy = (int)syscall(SYS_pidfd_getfd, task, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(task);
	return copy;
}

void reach_address(pid_t tid, unsigned long long address, unsigned length, struct sockaddr_storage *ret)
{
	struct iovec here = {ret, length < sizeof *ret ? length : sizeof *ret};
	struct iovec there = {(void *)(uintptr_t)address, here.iov_len};

	memset(ret, 0, sizeof *ret);
	if (process_vm_readv(tid, &here, 1, &there, 1, 0) != (ssize_t)here.iov_len)
		memset(ret, 0, sizeof *ret);
}

void reach_comm(pid_t tid, char comm[16])
{
	char path[48];
	ssize_t size;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/comm", tid);
	memset(comm, 0, 16);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	size = read(fd, comm, 15);
	close(fd);
	comm[size > 0 && comm[size - 1] == '\n' ? size - 1 : 15] = 0;
}

int reach_blame(int code, const char *call, struct sockctl_error *error)
{
	int64_t yama = 0;

	if (code != -EPERM && code != -EACCES && code != -ENOSYS)
		return error_set(error, code, call, NULL, NULL);
	if (!sysctl_read_number("kernel/yama/ptrace_scope", 0, &yama) && yama >= 2)
		return error_set(error, -EPERM, call, NULL,
				 "Yama forbids it (kernel.yama.ptrace_scope=%d): an "
				 "administrator can set it to 1, which is enough, or give sockctl CAP_SYS_PTRACE",
				 (int)yama);
	if (status_number("self", "\nSeccomp:") == 2)
		return error_set(error, code, call, NULL,
				 "%s: the seccomp profile of this container or service "
				 "forbids it: allow seccomp, pidfd_open, pidfd_getfd and process_vm_readv in it",
				 strerror(-code));
	if (code == -ENOSYS)
		return error_set(error, code, call, NULL, "this kernel lacks it: Linux 5.6 or newer is needed");
	return error_set(error, code, call, NULL, "%s: a security module or a missing capability (CAP_SYS_PTRACE)",
			 strerror(-code));
}

/* A child that holds still until we have tried. */
static pid_t probe_start(int go[2])
{
	pid_t child;
	char byte;

	if (pipe2(go, O_CLOEXEC))
		return -errno;
	child = fork();
	if (child)
		return child < 0 ? -errno : child;
	close(go[1]);
	_exit(read(go[0], &byte, 1) != 0);
}

int reach_check(struct sockctl_error *error)
{
	int go[2], copy;
	pid_t child = probe_start(go);

	if (child < 0)
		return error_set(error, child, "fork", NULL, NULL);
	copy = reach_socket(child, go[0]);
	if (copy >= 0)
		close(copy);
	close(go[0]);
	close(go[1]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	return copy < 0 ? reach_blame(copy, "pidfd_getfd", error) : 0;
}
