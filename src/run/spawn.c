/* clone, filter, exec. */
#include "run/spawn.h"
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "run/reach.h"

/* A service manager addressed our front; the program must find itself there (sd_listen_fds(3),
 * sd_watchdog_enabled(3)). */
static void environment_address(const char *name, pid_t front)
{
	const char *value = getenv(name);
	char text[16];

	if (!value || strtol(value, NULL, 10) != front)
		return;
	snprintf(text, sizeof text, "%d", getpid());
	setenv(name, text, 1);
}

static void __attribute__((noreturn)) child_become(const struct spawn *spawn, struct spawn_note *note)
{
	note->pid = getpid();
	if (spawn->filter->count) {
		note->notify_fd = filter_load(spawn->filter);
		if (note->notify_fd < 0) {
			note->code = note->notify_fd;
			_exit(125);
		}
	}
	environment_address("LISTEN_PID", spawn->front);
	environment_address("WATCHDOG_PID", spawn->front);
	unsetenv("LISTEN_PIDFDID");
	sigaction(SIGCHLD, &spawn->on_child, NULL);
	sigprocmask(SIG_SETMASK, &spawn->mask, NULL);
	execvp(spawn->argv[0], spawn->argv);
	note->exec_failed = true;
	note->code = -errno;
	_exit(errno == ENOENT ? 127 : 126);
}

static int seccomp_failed(int code, struct sockctl_error *error)
{
	if (code == -EBUSY)
		return error_set(
			error, code, "seccomp", NULL,
			"this process is supervised already (by another "
			"`sockctl run` or a container runtime), and the kernel allows one: give it all settings");
	if (code == -EINVAL)
		code = -ENOSYS;
	return reach_blame(code, "seccomp", error);
}

pid_t spawn_program(const struct spawn *spawn, struct spawn_note *note, int *ret_notify, struct sockctl_error *error)
{
	long child;

	*note = (struct spawn_note){.notify_fd = -1};
	/* CLONE_FILES: the notification fd appears in our table; exec gives the program a table of its own.
	 * CLONE_VFORK: we go on when that has happened. Memory is not shared. */
	child = syscall(SYS_clone, CLONE_FILES | CLONE_VFORK | SIGCHLD, 0, 0, 0, 0);
	if (!child)
		child_become(spawn, note);
	if (child < 0)
		return error_set(error, -errno, "clone", NULL, NULL);
	if (!note->code) {
		*ret_notify = note->notify_fd;
		return (pid_t)child;
	}
	waitpid((pid_t)child, NULL, 0);
	if (note->notify_fd >= 0)
		close(note->notify_fd);
	if (!note->exec_failed)
		return seccomp_failed(note->code, error);
	return error_set(error, note->code, "exec", spawn->argv[0], NULL);
}
