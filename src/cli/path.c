/* sockctl path: two programs and an emulated link between them. */
#include <getopt.h>
#include <string.h>
#include "base/units.h"
#include "cli/command.h"
#include "cli/path_programs.h"
#include "lab/contain.h"

extern const struct command command_path;

enum { PORT = 5001 };

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
	int code = path_server_run(run);

	if (!code)
		code = path_client_run(run);
	path_server_end(run);
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
	path_signals_catch();
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
