/* show_sockets SOCKETS [LISTENERS] -- COMMAND...: runs COMMAND in a network namespace of its own in which there are so many TCP
 * sockets, listeners among them, of several processes. They are all there when it begins, and gone when it has ended or whoever
 * called us has. Exits with what COMMAND exits with. */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "../tests/net/namespace.h"
#include "show_crowd.h"

enum {
	PROCESSES_LEAST = 8,
	PROCESSES_MOST = 200,
	FDS_SPARE = 50,
	LISTENERS = 100,
	LISTENERS_MOST = 20000,
	COULD_NOT = 77
};

struct plan {
	unsigned sockets, listeners, processes;
	char **command;
	pid_t pids[PROCESSES_MOST]; /* of the processes that were started; then 0 */
};

struct done { /* from each process through one pipe: less than PIPE_BUF, so whole */
	int code;
	char failed[16];
};

/* As many as this user may have open: up to the hard limit, and root beyond that, up to fs.nr_open. */
static unsigned fds_raise(unsigned wanted)
{
	struct rlimit limit = {wanted, wanted};

	if (!setrlimit(RLIMIT_NOFILE, &limit) || getrlimit(RLIMIT_NOFILE, &limit))
		return wanted;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < wanted ? (unsigned)limit.rlim_cur : wanted;
}

static unsigned share(unsigned total, unsigned parts, unsigned part)
{
	return total / parts + (part < total % parts);
}

/* No pid namespace, which would make an end of them all: the BPF iterator tells owners to nobody in one. */
static void die_with(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(128 + SIGKILL);
}

/* Never returns: the sockets live as long as the process. */
static void process_run(const struct plan *plan, unsigned number, int report)
{
	struct crowd crowd = {
		.process = number,
		.listeners = share(plan->listeners, plan->processes, number),
		.connections = share((plan->sockets - plan->listeners) / 2, plan->processes, number),
	};
	struct done done = {0};
	const char *failed;

	done.code = crowd_open(&crowd, &failed);
	snprintf(done.failed, sizeof done.failed, "%s", failed);
	if (write(report, &done, sizeof done) != sizeof done)
		_exit(1);
	close(report);
	for (;;)
		pause();
}

static int crowd_await(const struct plan *plan, int report)
{
	struct done done;

	for (unsigned i = 0; i < plan->processes; i++) {
		if (read(report, &done, sizeof done) != sizeof done) {
			fprintf(stderr, "show_sockets: a process ended before its sockets were there (memory?)\n");
			return COULD_NOT;
		}
		if (done.code) {
			fprintf(stderr, "show_sockets: %s: %s\n", done.failed, strerror(-done.code));
			return COULD_NOT;
		}
	}
	return 0;
}

static int crowd_start(struct plan *plan)
{
	pid_t parent = getpid();
	int report[2], code;

	if (pipe(report))
		return COULD_NOT;
	for (unsigned i = 0; i < plan->processes; i++) {
		pid_t pid = fork();

		if (pid < 0) {
			perror("show_sockets: fork");
			return COULD_NOT;
		}
		if (!pid) {
			die_with(parent);
			close(report[0]);
			process_run(plan, i, report[1]);
		}
		plan->pids[i] = pid;
	}
	close(report[1]);
	code = crowd_await(plan, report[0]);
	close(report[0]);
	return code;
}

/* Returns when their sockets are gone. */
static void crowd_end(const struct plan *plan)
{
	for (unsigned i = 0; i < plan->processes && plan->pids[i]; i++)
		kill(plan->pids[i], SIGKILL);
	for (unsigned i = 0; i < plan->processes && plan->pids[i]; i++)
		waitpid(plan->pids[i], NULL, 0);
}

static int command_run(char **command)
{
	pid_t parent = getpid(), pid = fork();
	int status;

	if (pid < 0)
		return COULD_NOT;
	if (!pid) {
		die_with(parent);
		execvp(command[0], command);
		fprintf(stderr, "show_sockets: %s: %s\n", command[0], strerror(errno));
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Each process needs a listener at least, and fds for its share. */
static bool plan_make(struct plan *plan, int argc, char **argv)
{
	unsigned fds;
	int i = 2;

	if (argc < 4)
		return false;
	plan->sockets = (unsigned)strtoul(argv[1], NULL, 10);
	plan->listeners = LISTENERS;
	if (strcmp(argv[i], "--"))
		plan->listeners = (unsigned)strtoul(argv[i++], NULL, 10);
	if (i + 1 >= argc || strcmp(argv[i], "--") || plan->listeners > LISTENERS_MOST ||
	    plan->listeners > plan->sockets)
		return false;
	plan->command = argv + i + 1;
	plan->listeners += (plan->sockets - plan->listeners) % 2; /* a connection is two */
	fds = fds_raise(plan->sockets / PROCESSES_LEAST + LISTENERS_MOST / PROCESSES_LEAST + FDS_SPARE);
	plan->processes = plan->sockets / (fds - FDS_SPARE) + 1;
	plan->processes = plan->processes < PROCESSES_LEAST ? PROCESSES_LEAST : plan->processes;
	return plan->processes <= PROCESSES_MOST && plan->processes <= plan->listeners;
}

int main(int argc, char **argv)
{
	static struct plan plan;
	pid_t caller = getppid();
	int code;

	if (!plan_make(&plan, argc, argv)) {
		fprintf(stderr,
			"usage: show_sockets SOCKETS [LISTENERS] -- COMMAND...; at least 8 listeners, and one for each process that the\n"
			"limit of open files makes necessary; at most %d\n",
			LISTENERS_MOST);
		return 2;
	}
	die_with(caller);
	code = namespace_enter();
	if (code) {
		fprintf(stderr, "show_sockets: no network namespace: %s\n", strerror(-code));
		return COULD_NOT;
	}
	code = crowd_start(&plan);
	if (!code)
		code = command_run(plan.command);
	crowd_end(&plan);
	return code;
}
