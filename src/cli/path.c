/* sockctl path: two programs and an emulated link between them. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
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
#include "lab/contain.h"
#include "lab/listening.h"
#include "lab/place.h"
#include "lab/world.h"

extern const struct command command_path;

enum { PORT = 5001, TICK_MS = 2, SERVER_END_MS = 2000 };

struct path_run {
	struct path path;
	const char *server; /* command for sh -c; NULL: none */
	char **client;      /* argv */
	bool ipv6, stats;
	int64_t wait_us; /* for the server to listen */
	/* inside the containment */
	struct world world;
	unsigned port;
	pid_t server_pid;
};

/* The client, for the signal handler; and the signal that ended us before there was one. */
static volatile sig_atomic_t client_pid, stopped_by;

/* --- processes ------------------------------------------------------------------------------------------------- */

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
static void signals_catch(void)
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

/* --- the server ------------------------------------------------------------------------------------------------ */

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

static int server_run(struct path_run *run)
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
static void server_end(struct path_run *run)
{
	struct pollfd gone = {.events = POLLIN};

	if (run->server_pid <= 0)
		return;
	gone.fd = (int)syscall(SYS_pidfd_open, run->server_pid, 0);
	kill(-run->server_pid, SIGTERM);
	poll(&gone, 1, SERVER_END_MS);
}

/* --- the client ------------------------------------------------------------------------------------------------ */

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

static int client_run(struct path_run *run)
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

/* --- the whole ------------------------------------------------------------------------------------------------- */

static void way_print(const struct link_stats *stats, int way, const char *name)
{
	char bytes[32];

	units_round(MEASURE_SIZE, (double)stats->bytes[way], bytes, sizeof bytes);
	fprintf(stderr, "sockctl: %-5s %llu packets, %s; dropped by the queue %llu, lost %llu\n", name,
		(unsigned long long)stats->packets[way], bytes, (unsigned long long)stats->queue_drops[way],
		(unsigned long long)stats->losses[way]);
}

static void stats_print(const struct path_run *run)
{
	struct link_stats zero = {0}, stats;
	char p50[32], p99[32];

	world_link_stats(&run->world, &stats);
	way_print(&stats, 0, "up:");
	way_print(&stats, 1, "down:");
	units_round(MEASURE_TIME, link_lateness_us(&zero, &stats, 0.5), p50, sizeof p50);
	units_round(MEASURE_TIME, link_lateness_us(&zero, &stats, 0.99), p99, sizeof p99);
	fprintf(stderr, "sockctl: the link delivered late by %s (half), %s (99 of 100)\n", p50, p99);
	if (stats.overruns[0] + stats.overruns[1])
		fprintf(stderr, "sockctl: warning: this machine lost %llu packets that the link should have carried\n",
			(unsigned long long)(stats.overruns[0] + stats.overruns[1]));
}

static int programs_run(struct path_run *run)
{
	int code = server_run(run);

	if (!code)
		code = client_run(run);
	server_end(run);
	if (run->stats)
		stats_print(run);
	return code;
}

/* The body of the containment. Whatever the programs left running dies with it. */
static int run_inside(void *arg)
{
	struct path_run *run = arg;
	struct sockctl_error error;
	int code = world_open(&run->world, &run->path, &error);

	if (code)
		return fail(&error, exit_code_of(code) == EXIT_PRIVILEGE ? EXIT_PRIVILEGE : EXIT_RUN_FAILED);
	signals_catch();
	code = programs_run(run);
	world_close(&run->world);
	return code;
}

enum { FLAG_SERVER, FLAG_IPV6, FLAG_WAIT, FLAG_STATS };
static const struct flag flags[] = {
	[FLAG_SERVER] = {'s', "server", "CMD", "run CMD with sh as the server; the client waits until it listens",
			 NULL},
	[FLAG_IPV6] = {'6', "ipv6", NULL, "{server} is the IPv6 address", NULL},
	[FLAG_WAIT] = {0, "wait", "TIME", "how long the server may take to listen (10s)", NULL},
	[FLAG_STATS] = {'v', "stats", NULL, "say on stderr at the end what the link did", NULL},
	{0},
};

/* 0, or what flags_next says. */
static int flags_take(struct path_run *run, int argc, char **argv)
{
	const char *value;
	int row;

	while ((row = flags_next(&command_path, argc, argv, &value)) >= 0)
		if (row == FLAG_SERVER)
			run->server = value;
		else if (row == FLAG_IPV6)
			run->ipv6 = true;
		else if (row == FLAG_STATS)
			run->stats = true;
		else if (units_parse(MEASURE_TIME, value, strlen(value), &run->wait_us)) {
			fail_usage(&command_path, "--wait %s: expects %s", value, units_expects(MEASURE_TIME));
			return -2;
		}
	return row == -1 ? 0 : row;
}

/* PATH stands between flags, or before them: 0, or an exit code with *ret_done set. */
static int arguments_take(struct path_run *run, int argc, char **argv, bool *ret_done)
{
	struct sockctl_error error;
	int got = flags_take(run, argc, argv);

	*ret_done = true;
	if (got)
		return got == -3 ? EXIT_FINE : EXIT_USAGE;
	if (optind >= argc)
		return fail_usage(&command_path, "which PATH? Such as rtt=40ms,rate=100mbit");
	if (path_parse(&run->path, argv[optind++], &error))
		return fail(&error, EXIT_USAGE);
	got = flags_take(run, argc, argv);
	if (got)
		return got == -3 ? EXIT_FINE : EXIT_USAGE;
	if (optind >= argc)
		return fail_usage(&command_path, "which client? Such as -- curl http://{server}:{port}/");
	run->client = argv + optind;
	*ret_done = false;
	return 0;
}

static int path_main(int argc, char **argv)
{
	struct path_run run = {.port = PORT, .wait_us = 10000000};
	struct sockctl_error error;
	bool done;
	int code = arguments_take(&run, argc, argv, &done);

	if (done)
		return code;
	code = contain_run(run_inside, &run, &error);
	if (code < 0)
		return fail(&error, exit_code_of(code) == EXIT_PRIVILEGE ? EXIT_PRIVILEGE : EXIT_RUN_FAILED);
	return code;
}

const struct command command_path = {
	.name = "path",
	.usage = "PATH [--server CMD] -- CLIENT [ARGUMENTS]",
	.summary = "run programs across an emulated link",
	.description = "Two hosts that exist only while this runs, and a link between them: the\n"
		       "client runs on one, the server on the other. PATH says what the link is like:\n"
		       "  rtt=40ms       delay there and back together (delay=20ms: each way)\n"
		       "  rate=100mbit   what each way carries: bits a second of IP packets, their\n"
		       "                 headers included, Ethernet's not\n"
		       "  loss=0.1%      share of packets that get lost\n"
		       "  queue=256K     backlog beyond which packets are dropped, in bytes of IP\n"
		       "                 packets; left out: rate x twice the delay, but at least 20 ms\n"
		       "                 of the rate and 64K\n"
		       "up. (client to server) and down. before a name mean that way only:\n"
		       "rtt=40ms,up.rate=10mbit,down.rate=100mbit.\n"
		       "\n"
		       "In both commands {server} becomes the server's address and {port} a free port.\n"
		       "The client starts when the server listens on {port}; a server whose command\n"
		       "has no {port} chooses the port itself, and the client's {port} is the one on\n"
		       "which it listens. Without --server the far host answers ping and refuses\n"
		       "connections. What the server prints goes to standard error.\n"
		       "\n"
		       "The exit code is the client's; 125 to 127: server or client could not be run.\n"
		       "Needs no privilege where user namespaces are allowed. What still runs when the\n"
		       "client has ended is killed, also when sockctl itself is.",
	.flags = flags,
	.examples =
		"  sockctl path rtt=40ms -- ping -c 3 {server}    # the link alone\n"
		"  sockctl path rtt=40ms,rate=1gbit --server 'iperf3 -s -p {port}' -- iperf3 -c {server} -p {port}\n"
		"  sockctl path -v loss=0.5% --server 'python3 -m http.server {port}' -- curl http://{server}:{port}/\n",
	.operands = "commands",
	.program = true,
	.run = path_main,
};
