/* Processes: we -> pid 1, which reaps orphans -> the body. Each dies with its parent: pid 1 by PR_SET_PDEATHSIG, the
 * rest with pid 1, since the kernel empties a pid namespace whose first process ends. Knows nothing of networks. */
#include "lab/contain.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/error.h"
#include "lab/host_sysctls.h"
#include "lab/restriction.h"

enum { NAMESPACES = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWNET };

struct containment {
	int (*body)(void *arg);
	void *arg;
	bool user_namespace;
	uid_t uid; /* ours, as it was outside */
	gid_t gid;
	int alive[2];                  /* a pipe: the read end hangs up once the caller is gone */
	sigset_t mask;                 /* the caller's */
	struct sockctl_error *failure; /* shared with pid 1: why it could not begin */
};

/* Blocked and waited for, in the caller and in pid 1. */
static sigset_t signals_waited(void)
{
	static const int numbers[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
		sigaddset(&set, numbers[i]);
	return set;
}

/* What a terminal sends (SI_KERNEL) its whole foreground process group gets anyway: passing it on would deliver it twice.
 * But of a hangup only the session's leader is told (drivers/tty/tty_jobctrl.c, tty_signal_session_leader). */
static bool group_has_it(const siginfo_t *info)
{
	return info->si_code == SI_KERNEL && !(info->si_signo == SIGHUP && getsid(0) == getpid());
}

/* Passes signals on to `pid` until a child has changed state. */
static void signals_pass_on(pid_t pid)
{
	sigset_t set = signals_waited();
	siginfo_t info;

	for (;;) {
		int signal = sigwaitinfo(&set, &info);

		if (signal == SIGCHLD)
			return;
		if (signal > 0 && !group_has_it(&info))
			kill(pid, signal);
	}
}

/* What the terminal sent while there was no child yet to get it as well; 0: nothing. */
static int signal_early(void)
{
	sigset_t set = signals_waited();
	int signal;

	sigdelset(&set, SIGCHLD);
	signal = sigtimedwait(&set, NULL, &(struct timespec){0});
	return signal > 0 ? signal : 0;
}

static int status_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- inside ---------------------------------------------------------------------------------------------------- */

static int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), code = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		code = -errno;
	close(fd);
	return code;
}

/* One to one. A user without privilege may map only himself, and must give up setgroups first (user_namespaces(7)). */
static int ids_map(const struct containment *c)
{
	char map[48];
	int code = file_write("/proc/self/setgroups", "deny");

	if (code)
		return code;
	snprintf(map, sizeof map, "%u %u 1", c->gid, c->gid);
	code = file_write("/proc/self/gid_map", map);
	if (code)
		return code;
	snprintf(map, sizeof map, "%u %u 1", c->uid, c->uid);
	return file_write("/proc/self/uid_map", map);
}

/* A /proc of our pid namespace. The kernel refuses where parts of the old one are hidden (containers): then the old one
 * stays. */
static void proc_renew(void)
{
	if (!mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL))
		(void)!mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
}

/* PR_SET_PDEATHSIG says nothing of a parent that is gone already, and getppid() is always 0 across pid namespaces. */
static void caller_follow(const struct containment *c)
{
	struct pollfd alive = {.fd = c->alive[0], .events = POLLIN};

	close(c->alive[1]);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (poll(&alive, 1, 0) != 0)
		_exit(128 + SIGKILL);
	close(c->alive[0]);
}

static void fail_and_exit(const struct containment *c, int code, const char *step)
{
	struct restriction restriction;

	restriction_read(&restriction);
	restriction_explain(&restriction, code, step, c->failure);
	_exit(1);
}

static void body_run(const struct containment *c)
{
	int code;

	sigprocmask(SIG_SETMASK, &c->mask, NULL);
	code = c->body(c->arg);
	fflush(NULL);
	_exit(code);
}

static void reap_until(pid_t body)
{
	for (;;) {
		pid_t pid;
		int status;

		signals_pass_on(body);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			if (pid == body)
				_exit(status_code(status));
	}
}

static void pid1_run(const struct containment *c)
{
	int code, early;
	pid_t body;

	caller_follow(c);
	code = c->user_namespace ? ids_map(c) : 0;
	if (code)
		fail_and_exit(c, code, "map user ids");
	proc_renew();
	early = signal_early();
	body = fork();
	if (body < 0)
		fail_and_exit(c, -errno, "fork");
	if (!body)
		body_run(c);
	if (early)
		kill(body, early);
	reap_until(body);
}

/* --- outside --------------------------------------------------------------------------------------------------- */

/* Like fork() into new namespaces. glibc has no call for this; the caller has one thread, so nothing of it is missed.
 * */
static pid_t fork_into(unsigned long flags)
{
#ifdef __s390x__
	return (pid_t)syscall(SYS_clone, NULL, flags | SIGCHLD, NULL, NULL, 0);
#else
	return (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, 0);
#endif
}

/* Root needs no user namespace, unless it is a root without capabilities, as in containers. */
static pid_t pid1_fork(struct containment *c)
{
	pid_t pid;

	c->user_namespace = false;
	pid = fork_into(NAMESPACES);
	if (pid >= 0 || errno != EPERM)
		return pid;
	c->user_namespace = true;
	return fork_into(NAMESPACES | CLONE_NEWUSER);
}

static int pid1_wait(pid_t pid)
{
	pid_t gone;
	int status;

	do
		signals_pass_on(pid);
	while ((gone = waitpid(pid, &status, WNOHANG)) == 0);
	return gone < 0 ? -errno : status_code(status);
}

static int containment_run(struct containment *c, struct sockctl_error *error)
{
	struct restriction restriction;
	pid_t pid;
	int code, early;

	fflush(NULL);
	early = signal_early();
	pid = pid1_fork(c);
	if (pid < 0) {
		code = -errno;
		restriction_read(&restriction);
		return restriction_explain(&restriction, code, "create namespaces", error);
	}
	if (!pid)
		pid1_run(c);
	if (early)
		kill(pid, early);
	code = pid1_wait(pid);
	if (c->failure->code && error)
		*error = *c->failure;
	return c->failure->code ? c->failure->code : code;
}

/* A caller that ignores SIGCHLD would have its children reaped by the kernel, and us wait for nothing. */
static int containment_run_masked(struct containment *c, struct sockctl_error *error)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, before;
	sigset_t waited = signals_waited();
	int code;

	sigaction(SIGCHLD, &plain, &before);
	sigprocmask(SIG_BLOCK, &waited, &c->mask);
	code = containment_run(c, error);
	sigprocmask(SIG_SETMASK, &c->mask, NULL);
	sigaction(SIGCHLD, &before, NULL);
	return code;
}

int contain_run(int (*body)(void *arg), void *arg, struct sockctl_error *error)
{
	struct containment c = {.body = body, .arg = arg, .uid = geteuid(), .gid = getegid()};
	int code;

	host_sysctls_remember();
	c.failure = mmap(NULL, sizeof *c.failure, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (c.failure == MAP_FAILED)
		return error_set(error, -errno, "allocate memory", NULL, NULL);
	if (pipe2(c.alive, O_CLOEXEC)) {
		code = error_set(error, -errno, "open a pipe", NULL, NULL);
	} else {
		code = containment_run_masked(&c, error);
		close(c.alive[0]);
		close(c.alive[1]);
	}
	munmap(c.failure, sizeof *c.failure);
	return code;
}
