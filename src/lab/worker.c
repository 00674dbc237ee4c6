/* fork, death signal, pidfd. Knows nothing of what its processes do. */
#include "lab/worker.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_LOST = 121 }; /* the child could not get to its place */

static void child_run(const struct world *world, const struct placement *placement, enum host host, pid_t parent,
		      void (*body)(void *arg), void *arg)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || world_enter(world, host) || placement_enter(placement, host))
		_exit(EXIT_LOST);
	body(arg);
	_exit(0);
}

int worker_start(struct worker *worker, const struct world *world, const struct placement *placement, enum host host,
		 void (*body)(void *arg), void *arg)
{
	pid_t parent = getpid();
	int code;

	worker->pidfd = -1;
	worker->pid = fork();
	if (worker->pid < 0) {
		worker->pid = 0;
		return -errno;
	}
	if (!worker->pid)
		child_run(world, placement, host, parent, body, arg);
	worker->pidfd = pidfd_open(worker->pid, 0);
	if (worker->pidfd >= 0)
		return 0;
	code = -errno;
	kill(worker->pid, SIGKILL);
	waitpid(worker->pid, NULL, 0);
	worker->pid = 0;
	return code;
}

bool worker_ended(const struct worker *worker)
{
	struct pollfd end = {worker->pidfd, POLLIN, 0};

	return !worker->pid || poll(&end, 1, 0) > 0;
}

/* waitpid's form of what waitid tells. */
static int status_of(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status << 8 : info->si_status;
}

/* By pidfd: a sweep may have reaped the process, and its number may be another's by now. */
int worker_end(struct worker *worker)
{
	siginfo_t info = {0};
	int r;

	if (!worker->pid)
		return -1;
	pidfd_send_signal(worker->pidfd, SIGKILL, NULL, 0);
	do
		r = waitid(P_PIDFD, (id_t)worker->pidfd, &info, WEXITED);
	while (r && errno == EINTR);
	close(worker->pidfd);
	*worker = (struct worker){0, -1};
	return r ? -1 : status_of(&info);
}
