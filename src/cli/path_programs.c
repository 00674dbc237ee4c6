/* Starting the server and waiting until it listens, running the client, passing signals on, ending the server. Knows
 * no flag. */
#include "cli/path_programs.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "base/units.h"
#include "cli/command.h"
#include "lab/listening.h"
#include "lab/place.h"

enum { TICK_MS = 2, SERVER_END_MS = 2000 };

/* The client, for the signal handler; and the signal that ended us before there was one. */
static volatile sig_atomic_t client_pid, stopped_by;

/* --- processes ---------------------------------------------------------------------------------------------------- */

/* What the terminal sends, the client gets itself. */
static void signal_pass_on(int number, siginfo_t *info, void *context)
{
	int saved = errno;

	(void)context;
	stopped_by = number;
	if (client_pid > 0 && info->si_code != SI_KERNEL)
		kill(client_pid, number);
	errno = saved;
}

static const int passed_on[] = {SIGTERM, SIGINT, SIGHUP, SIGQUIT};
enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };

/* Signals that the caller ignores (nohup) stay ignored, here and in the programs. */
void path_signals_catch(void)
{
	struct sigaction action = {.sa_sigaction = signal_pass_on, .sa_flags = SA_SIGINFO}, before;

	for (int i = 0; i < PASSED_ON; i++)
		if (!sigaction(passed_on[i], NULL, &before) && before.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &action, NULL);
}

/* A child that still caught them, on its way to its program, would swallow what is meant for that. */
static pid_t fork_uncaught(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL}, now;
	sigset_t held, before;
	pid_t pid;

	sigemptyset(&held);
	for (int i = 0; i < PASSED_ON; i++)
		sigaddset(&held, passed_on[i]);
	sigprocmask(SIG_BLOCK, &held, &before);
	pid = fork();
	for (int i = 0; !pid && i < PASSED_ON; i++)
		if (!sigaction(passed_on[i], NULL, &now) && now.sa_handler != SIG_IGN)
			sigaction(passed_on[i], &plain, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return pid;
}

static int own_failure(const char *op, const char *subject, int code)
{
	struct sockctl_error error;

	error_set(&error, code, op, subject, NULL);
	return fail(&error, EXIT_RUN_FAILED);
}

static const char *far_address(const struct path_run *run)
{
	return run->ipv6 ? world_address6(&run->world, HOST_SERVER) : world_address(&run->world, HOST_SERVER);
}

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return EXIT_RUN_FAILED;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* --- the server --------------------------------------------------------------------------------------------------- */

/* In a process group of its own, so that a Ctrl-C ends the client first; what it prints does not mix with the client's
 * output. */
static _Noreturn void server_exec(struct path_run *run)
{
	char *command = place_fill(run->server, far_address(run), run->port);
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	setpgid(0, 0);
	if (null >= 0)
		dup2(null, STDIN_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	if (command && !world_enter(&run->world, HOST_SERVER))
		execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(own_failure("start", run->server, -errno));
}

static int server_start(struct path_run *run, struct listening *listening)
{
	int home = world_enter(&run->world, HOST_SERVER);

	if (home)
		return own_failure("enter", "the server's namespace", home);
	listening_open(listening);
	run->server_pid = fork_uncaught();
	if (!run->server_pid)
		server_exec(run);
	return run->server_pid < 0 ? own_failure("fork", NULL, -errno) : 0;
}

static int server_is_gone(struct path_run *run, int status)
{
	struct sockctl_error error;

	run->server_pid = 0;
	if (WIFSIGNALED(status))
		error_set(&error, -ESRCH, "server", run->server, "ended by signal %d before it listened",
			  WTERMSIG(status));
	else
		error_set(&error, -ESRCH, "server", run->server, "ended with exit code %d before it listened",
			  WEXITSTATUS(status));
	return fail(&error, EXIT_RUN_FAILED);
}

static int server_is_late(const struct path_run *run)
{
	struct sockctl_error error;
	char waited[32], where[32] = "any port";

	units_format(MEASURE_TIME, run->wait_us, waited, sizeof waited);
	if (place_wants_port(run->server))
		snprintf(where, sizeof where, "port %u, its {port}", run->port);
	error_set(&error, -ETIMEDOUT, "server", run->server, "does not listen on %s after %s; --wait gives it longer",
		  where, waited);
	return fail(&error, EXIT_RUN_FAILED);
}

/* A server that goes to the background ends well and listens all the same. Without {port} it chooses the port, and we
 * learn it. */
static int server_await(struct path_run *run, const struct listening *listening)
{
	uint16_t wanted = place_wants_port(run->server) ? (uint16_t)run->port : 0, found;
	uint64_t end_us = clock_us() + (uint64_t)run->wait_us;
	int status;

	while (!(found = listening_find(listening, wanted))) {
		if (stopped_by)
			return 128 + stopped_by;
		if (run->server_pid && waitpid(run->server_pid, &status, WNOHANG) == run->server_pid) {
			if (status)
				return server_is_gone(run, status);
			run->server_pid = 0;
		}
		if (clock_us() > end_us)
			return server_is_late(run);
		poll(NULL, 0, TICK_MS);
	}
	run->port = found;
	return 0;
}

int path_server_run(struct path_run *run)
{
	struct listening listening;
	int code;

	if (!run->server)
		return 0;
	code = server_start(run, &listening);
	if (!code)
		code = server_await(run, &listening);
	listening_close(&listening);
	return code;
}

/* Asked to end first, so that it can write its report. */
void path_server_end(struct path_run *run)
{
	struct pollfd gone = {.events = POLLIN};

	if (run->server_pid <= 0)
		return;
	gone.fd = (int)syscall(SYS_pidfd_open, run->server_pid, 0);
	kill(-run->server_pid, SIGTERM);
	poll(&gone, 1, SERVER_END_MS);
}

/* --- the client --------------------------------------------------------------------------------------------------- */

static _Noreturn void client_exec(struct path_run *run)
{
	int code;

	for (char **arg = run->client; *arg; arg++)
		if (!(*arg = place_fill(*arg, far_address(run), run->port)))
			_exit(own_failure("start", "the client", -ENOMEM));
	if (world_enter(&run->world, HOST_CLIENT))
		_exit(own_failure("enter", "the client's namespace", -errno));
	execvp(*run->client, run->client);
	code = errno;
	own_failure("start", *run->client, -code);
	_exit(code == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE);
}

int path_client_run(struct path_run *run)
{
	pid_t pid = fork_uncaught();

	if (!pid)
		client_exec(run);
	if (pid < 0)
		return own_failure("fork", NULL, -errno);
	client_pid = pid;
	if (stopped_by)
		kill(pid, stopped_by);
	return wait_for(pid);
}
