/* Killing everything inside the containment but ourselves and the link. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "lab/world.h"

enum { ROUNDS = 1000, ROUND_PAUSE_US = 500, DEATH_TIMEOUT_MS = 5000 };

struct sweep {
	pid_t self, link;
	unsigned alive; /* found in this round */
};

/* A process in the midst of exiting holds its sockets until its pidfd says it is gone. */
static void process_end(struct sweep *sweep, pid_t pid)
{
	struct pollfd gone = {.events = POLLIN};

	if (pid <= 1 || pid == sweep->self || pid == sweep->link)
		return;
	gone.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (gone.fd < 0)
		return;
	sweep->alive++;
	kill(pid, SIGKILL);
	poll(&gone, 1, DEATH_TIMEOUT_MS);
	close(gone.fd);
}

/* False: /proc is not of our pid namespace. */
static bool proc_sweep(struct sweep *sweep)
{
	char self[16] = "";
	struct dirent *entry;
	DIR *proc;

	if (readlink("/proc/self", self, sizeof self - 1) < 0 || atoi(self) != sweep->self)
		return false;
	proc = opendir("/proc");
	while (proc && (entry = readdir(proc)))
		if (isdigit((unsigned char)*entry->d_name))
			process_end(sweep, atoi(entry->d_name));
	if (proc)
		closedir(proc);
	return proc != NULL;
}

/* Where a container's hidden parts of /proc keep us from mounting our own: every pid that there can be, some tenths of
 * a second. */
static void range_sweep(struct sweep *sweep)
{
	int64_t most;

	if (sysctl_read_number("kernel/pid_max", 0, &most))
		most = 4 << 20;
	for (pid_t pid = 2; pid <= most; pid++)
		if (!kill(pid, 0))
			process_end(sweep, pid);
}

/* Until a round finds nobody: a process may have forked behind our back. Zombies of others are reaped by pid 1 in
 * between. */
void world_sweep(const struct world *world)
{
	struct sweep sweep = {.self = getpid(), .link = world ? world->link_pid : 0};

	for (int round = 0; round < ROUNDS; round++) {
		sweep.alive = 0;
		if (!proc_sweep(&sweep))
			range_sweep(&sweep);
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (!sweep.alive)
			return;
		if (round)
			usleep(ROUND_PAUSE_US);
	}
}
