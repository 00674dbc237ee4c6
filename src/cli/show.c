/* sockctl show: the sockets of this network namespace, as they are. Changes nothing. */
#include "cli/command.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "base/text.h"
#include "cli/view/socket.h"
#include "observe/sockets.h"

enum {
	FLAG_TCP,
	FLAG_UDP,
	FLAG_LISTENING,
	FLAG_ALL,
	FLAG_NUMERIC,
	FLAG_OWNERS,
	FLAG_V4,
	FLAG_V6,
	FLAG_OPTIONS,
	FLAG_JSON,
	FLAG_NDJSON,
	FLAG_PRETTY
};
enum { FILTER_BYTES = 8192, ROWS_AT_ONCE = 10000 };

static const struct flag flags[] = {
	[FLAG_TCP] = {'t', "tcp", NULL, "TCP only", NULL},
	[FLAG_UDP] = {'u', "udp", NULL, "UDP only; -tu is both, as without either", NULL},
	[FLAG_LISTENING] = {'l', "listening", NULL, "listeners only, with their accept queues", NULL},
	[FLAG_ALL] = {'a', "all", NULL, "every state", NULL},
	[FLAG_NUMERIC] = {'n', "numeric", NULL, "as always: taken for the sake of habit", NULL},
	[FLAG_OWNERS] = {'p', "processes", NULL, "who has the socket open", NULL},
	[FLAG_V4] = {'4', "ipv4", NULL, "IPv4 only", NULL},
	[FLAG_V6] = {'6', "ipv6", NULL, "IPv6 only", NULL},
	[FLAG_OPTIONS] = {'O', "options", NULL, "JSON: also the options in effect, read through each owner's fd", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "one object with all sockets", NULL},
	[FLAG_NDJSON] = {0, "ndjson", NULL, "one object a line for each socket, then one for the whole", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

static int show_run(int argc, char **argv);

const struct command command_show = {
	.name = "show",
	.usage = "[-tulanp46] [-O] [-j | --ndjson] [FILTER]",
	.summary = "the sockets of this namespace, with what is worth a look first",
	.description =
		"Without -l or -a, sockets that are connected. A dump is not a snapshot: the kernel hands the sockets over piece by piece "
		"while they come and go, so one may be missing or seen in two states.\n\n"
		"NOTE, for connections: unread data, bytes sent again (from 1 %), or what limited the sender for half of its busy time or "
		"more: sndbuf, its own buffer, or rwnd, the peer's window; for listeners a full accept queue, or drops. These are numbers of "
		"the kernel since the socket was opened; \"-\" means that none of them stands out.\n\n"
		"FILTER is that of ss(8): src, dst HOST; sport, dport OP :PORT; dev, fwmark, cgroup; state, exclude; autobound; with not, and, or "
		"and parentheses. `and` binds before `or`. Besides: pid, comm, uid; any fact of -j by its name, with or without its unit; any "
		"option of `sockctl options`: compared by eq ne gt lt ge le, as in `rtt gt 50ms` or `nodelay eq off`. A socket for which the "
		"filter cannot be decided, since a fact is unknown, is not shown but counted on stderr.\n\n"
		"Options that sock_diag hides are read through a duplicate of the owner's fd (pidfd_getfd): for processes of the same user, or "
		"all with CAP_SYS_PTRACE. `options` is null where that was not possible.\n\n"
		"JSON: {schema, host, sockets: [...], complete, why}. complete is false if the kernel cut the dump off.",
	.flags = flags,
	.examples = "  sockctl show -tlnp                              # TCP listeners and who they are\n"
		    "  sockctl show state established and rtt gt 50ms  # slow paths\n"
		    "  sockctl show -j dport = :443                    # records\n",
	.run = show_run,
};

struct show {
	struct sockets_query query;
	enum socket_view view;
	bool json, ndjson, pretty, owners;
	unsigned width;
	struct filter *filter;
	char text[FILTER_BYTES];
	struct table table;
	struct sink sink;
};

static int flags_read(struct show *show, int argc, char **argv)
{
	const char *value;
	int got;

	while ((got = flags_next(&command_show, argc, argv, &value)) >= 0) {
		show->query.tcp |= got == FLAG_TCP;
		show->query.udp |= got == FLAG_UDP;
		show->query.owners |= got == FLAG_OWNERS;
		show->query.options |= got == FLAG_OPTIONS;
		show->json |= got == FLAG_JSON || got == FLAG_PRETTY;
		show->pretty |= got == FLAG_PRETTY;
		show->ndjson |= got == FLAG_NDJSON;
		if (got == FLAG_V4 || got == FLAG_V6)
			show->query.family = got == FLAG_V4 ? AF_INET : AF_INET6;
		if (got == FLAG_LISTENING)
			show->query.states |= 1 << TCP_LISTEN |
					      1 << TCP_CLOSE; /* UDP sockets without a peer are "closed" */
		if (got == FLAG_ALL)
			show->query.states = UINT32_MAX;
	}
	return got == -1 ? EXIT_FINE : got == -3 ? -1 : EXIT_USAGE;
}

static int filter_read(struct show *show, int argc, char **argv)
{
	struct text text = TEXT(show->text);
	struct sockctl_error error;

	for (int i = optind; i < argc; i++)
		text_add(&text, "%s%s", i > optind ? " " : "", argv[i]);
	if (!text_fits(&text))
		return fail_usage(&command_show, "the filter is longer than %d bytes", FILTER_BYTES);
	show->filter = malloc(sizeof *show->filter);
	if (!show->filter)
		return EXIT_RUN_FAILED;
	if (filter_parse(show->filter, show->text, &filter_names_system, &error))
		return fail(&error, EXIT_USAGE);
	show->query.filter = show->filter;
	return EXIT_FINE;
}

/* A filter that speaks of states has the say about them; else what is connected. */
static void defaults_set(struct show *show)
{
	const uint32_t idle = 1 << TCP_LISTEN | 1 << TCP_CLOSE | 1 << TCP_TIME_WAIT;

	if (!show->query.tcp && !show->query.udp)
		show->query.tcp = show->query.udp = true;
	show->view = show->query.states == (1 << TCP_LISTEN | 1 << TCP_CLOSE) ? VIEW_LISTENERS : VIEW_CONNECTIONS;
	if (!show->query.states)
		show->query.states = filter_states_mask(show->filter) == UINT32_MAX ? ~idle : UINT32_MAX;
	show->owners = show->query.owners;
	show->query.privileged = geteuid() == 0;
	show->width = terminal_width(stdout);
}

static void table_flush(struct show *show)
{
	table_print(&show->table, stdout, show->width);
	table_release(&show->table);
	socket_table_init(&show->table, show->view, show->width, show->owners);
}

static int socket_shown(void *arg, const struct socket_fact *socket)
{
	struct show *show = arg;

	if (show->ndjson) {
		sink_init(&show->sink, &sink_json, stdout, false);
		socket_record(&show->sink, socket);
	} else if (show->json) {
		socket_record(&show->sink, socket);
	} else {
		socket_row(&show->table, show->view, show->width, show->owners, socket);
		if (show->table.rows == ROWS_AT_ONCE)
			table_flush(show);
	}
	return ferror(stdout) ? -EIO : 0;
}

static void json_begin(struct show *show)
{
	struct utsname host;

	sink_init(&show->sink, &sink_json, stdout, show->pretty);
	sink_object(&show->sink, NULL);
	sink_string(&show->sink, "schema", "sockctl.show/1");
	sink_object(&show->sink, "host");
	if (!uname(&host)) {
		sink_string(&show->sink, "name", host.nodename);
		sink_string(&show->sink, "kernel", host.release);
	}
	sink_close(&show->sink);
	sink_array(&show->sink, "sockets");
}

static void outcome_members(struct sink *sink, const struct sockets_outcome *outcome)
{
	sink_integer(sink, "shown", (int64_t)outcome->shown);
	sink_integer(sink, "undecided", (int64_t)outcome->undecided);
	sink_integer(sink, "hidden_processes", outcome->hidden_processes);
	sink_bool(sink, "complete", outcome->complete);
	sink_string(sink, "why", outcome->complete ? NULL : outcome->why);
}

static void outcome_print(struct show *show, const struct sockets_outcome *outcome)
{
	if (show->ndjson) {
		sink_init(&show->sink, &sink_json, stdout, false);
		sink_object(&show->sink, NULL);
		sink_string(&show->sink, "schema", "sockctl.show/1");
	} else if (show->json) {
		sink_close(&show->sink);
	} else {
		table_flush(show);
		table_release(&show->table);
	}
	if (show->json || show->ndjson) {
		outcome_members(&show->sink, outcome);
		sink_close(&show->sink);
	}
}

/* For people, and in any case on stderr: what the list does not say. */
static void outcome_warn(const struct show *show, const struct sockets_outcome *outcome)
{
	if (outcome->undecided)
		fprintf(stderr,
			"sockctl show: %llu sockets left out, for which the filter could not be decided: what it asks for is not known of "
			"them\n",
			(unsigned long long)outcome->undecided);
	if (show->owners && outcome->hidden_processes)
		fprintf(stderr,
			"sockctl show: %u processes could not be looked into; their sockets show \"?\" (CAP_SYS_PTRACE)\n",
			outcome->hidden_processes);
	if (!outcome->complete)
		fprintf(stderr, "sockctl show: not complete: %s\n", outcome->why);
}

static int show_all(struct show *show)
{
	struct sockets_outcome outcome;
	struct sockctl_error error = {0};
	int r;

	if (show->json && !show->ndjson)
		json_begin(show);
	else if (!show->ndjson)
		socket_table_init(&show->table, show->view, show->width, show->owners);
	r = sockets_walk(&show->query, socket_shown, show, &outcome, &error);
	if (r && r != -EIO)
		return fail(&error, exit_code_of(r));
	outcome_print(show, &outcome);
	outcome_warn(show, &outcome);
	return outcome.complete ? EXIT_FINE : EXIT_FINDINGS;
}

static int show_run(int argc, char **argv)
{
	struct show *show = calloc(1, sizeof *show);
	int code = show ? flags_read(show, argc, argv) : EXIT_RUN_FAILED;

	if (code == EXIT_FINE)
		code = filter_read(show, argc, argv);
	if (code == EXIT_FINE) {
		defaults_set(show);
		code = show_all(show);
	}
	if (show)
		free(show->filter);
	free(show);
	return code == -1 ? EXIT_FINE : code;
}
