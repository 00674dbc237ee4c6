/* sockctl show: the sockets of this network namespace, as they are. Changes nothing. */
#include "cli/show_envelope.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/units.h"
#include "cli/netns_flag.h"
#include "cli/view/option_texts.h"
#include "cli/view/socket_note.h"

enum {
	FLAG_TCP,
	FLAG_UDP,
	FLAG_UNIX,
	FLAG_LISTENING,
	FLAG_ALL,
	FLAG_PROCESSES,
	FLAG_EXTENDED,
	FLAG_INFO,
	FLAG_MEMORY,
	FLAG_V4,
	FLAG_V6,
	FLAG_NETNS,
	FLAG_NUMERIC,
	FLAG_NO_HEADER,
	FLAG_COLUMNS,
	FLAG_SORT,
	FLAG_TOP,
	FLAG_DIFF,
	FLAG_VERBOSE,
	FLAG_OPTIONS,
	FLAG_JSON,
	FLAG_NDJSON,
	FLAG_PRETTY
};

static const struct flag flags[] = {
	[FLAG_TCP] = {'t', "tcp", NULL, "TCP only", NULL},
	[FLAG_UDP] = {'u', "udp", NULL, "UDP only; -tu is both, as without -t, -u and -x", NULL},
	[FLAG_UNIX] = {'x', "unix", NULL, "unix sockets", NULL},
	[FLAG_LISTENING] = {'l', "listening", NULL, "listeners only, with their accept queues", NULL},
	[FLAG_ALL] = {'a', "all", NULL, "every state", NULL},
	[FLAG_PROCESSES] = {'p', "processes", NULL, "who has the socket open", NULL},
	[FLAG_EXTENDED] = {'e', "extended", NULL, "also timer, user, inode, cookie, cgroup and interface", NULL},
	[FLAG_INFO] = {'i', "info", NULL, "also the numbers of TCP that say how a connection is doing", NULL},
	[FLAG_MEMORY] = {'m', "memory", NULL, "also buffers, what is in them, and drops", NULL},
	[FLAG_V4] = {'4', "ipv4", NULL, "IPv4 only; -46 is both, as without", NULL},
	[FLAG_V6] = {'6', "ipv6", NULL, "IPv6 only", NULL},
	[FLAG_NETNS] = {'N', "netns", "NETNS",
			"another network namespace: a NAME of `ip netns`, pid:N, pid:self or all", NULL},
	[FLAG_NUMERIC] = {'n', "numeric", NULL, "as always: taken for the sake of habit", NULL},
	[FLAG_NO_HEADER] = {'H', "no-header", NULL, "no line of headings", NULL},
	[FLAG_COLUMNS] = {'o', "columns", "COLUMNS",
			  "only these, as local,rtt,cwnd; `-o help` lists all; what `ss -o` adds is timer", "columns"},
	[FLAG_SORT] = {0, "sort", "COLUMN", "smallest first; of -COLUMN the largest first", "columns"},
	[FLAG_TOP] = {0, "top", "NUMBER", "only the first so many: the worst, or by --sort", NULL},
	[FLAG_DIFF] = {0, "diff", "FILE",
		       "what became of the sockets since FILE, an earlier -j or --ndjson; - is stdin", "files"},
	[FLAG_VERBOSE] = {'v', "verbose", NULL, "each socket in full: every option, buffers, limits, TCP's numbers",
			  NULL},
	[FLAG_OPTIONS] = {'O', "options", NULL, "JSON: also the options in effect", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "one object with all sockets", NULL},
	[FLAG_NDJSON] = {0, "ndjson", NULL, "one object a line for each socket, then one for the whole", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

/* What ss(8) means by its other letters. */
static const struct flag foreign[] = {
	{'r', "resolve", NULL, "names are not looked up: addresses and ports are shown as the kernel has them", NULL},
	{'K', "kill", NULL, "show changes nothing; `ss -K` closes sockets", NULL},
	{'s', "summary", NULL,
	 "there is no summary of all sockets here; `ss -s` prints one, `sockctl doctor` what is wrong", NULL},
	{'f', "family", NULL, "families are -4, -6 and -x", NULL},
	{'A', "query", NULL, "tables are -t, -u and -x", NULL},
	{'F', "filter", NULL, "the filter is the rest of the command line; from a file: \"$(cat FILE)\"", NULL},
	{'D', "diag", NULL, "records are -j or --ndjson", NULL},
	{'E', "events", NULL, "sockets that close are not waited for; `ss -E` does that", NULL},
	{'d', "dccp", NULL, "of TCP, UDP and unix sockets only", NULL},
	{'S', "sctp", NULL, "of TCP, UDP and unix sockets only", NULL},
	{'w', "raw", NULL, "of TCP, UDP and unix sockets only", NULL},
	{'0', "packet", NULL, "of TCP, UDP and unix sockets only", NULL},
	{'M', "mptcp", NULL, "of TCP, UDP and unix sockets only; the subflows of MPTCP are among TCP's", NULL},
	{'Z', "context", NULL, "SELinux contexts are not shown; `ss -Z` does", NULL},
	{'b', "bpf", NULL, "attached filters are not shown; `ss -b` does", NULL},
	{'B', "bound-inactive", NULL, "TCP sockets that are only bound are not shown; `ss -B` does", NULL},
	{'Q', "no-queues", NULL, "-o says which columns", NULL},
	{'V', "version", NULL, "`sockctl --version` says it", NULL},
	{'z', "contexts", NULL, "SELinux contexts are not shown; `ss -z` does", NULL},
	{0, "tos", NULL, "it is an option, and options are columns: -o local,tos,priority", NULL},
	{0, "cgroup", NULL, "cgroups are columns: -o local,cgroup,unit", NULL},
	{0, "oneline", NULL, "a socket is one line, unless -v is given", NULL},
	{0, "inet-sockopt", NULL, "options are columns, as in -o local,recverr,freebind; -v has them all", NULL},
	{0, "vsock", NULL, "of TCP, UDP and unix sockets only", NULL},
	{0, "tipc", NULL, "of TCP, UDP and unix sockets only", NULL},
	{0, "xdp", NULL, "of TCP, UDP and unix sockets only", NULL},
	{'T', "threads", NULL, "owners are processes; a thread with fds of its own counts as one", NULL},
	{0},
};

#define NOTE_LINE(ID, tone, sample, help) "  " sample ": " help "\n"
#define NOTE_LINES NOTE_LIST(NOTE_LINE)

static int show_run(int argc, char **argv);

const struct command command_show = {
	.name = "show",
	.usage =
		"[-tuxlanpeim46H] [-N NETNS] [-v | -o COLUMNS | --diff FILE] [--sort COLUMN] [--top NUMBER] [-O] [-j | --ndjson] [FILTER]",
	.summary = "the sockets of this namespace, with what is worth a look first",
	.description =
		"Without -l or -a, sockets that are connected. A dump is not a snapshot: the kernel hands the sockets over piece by piece "
		"while they come and go, so one may be missing or seen in two states.\n\n"
		"NOTE is the worst that stands out in a socket, by the kernel's numbers of this moment or since it was opened. The worst last:\n\n" NOTE_LINES
		"\nUp to 10000 lines are sorted: the worst NOTE comes first. More come in blocks of 10000, each sorted by itself, so "
		"that memory stays small; --top and --sort look at all of them, and keep 10000. On a terminal that is too narrow, columns "
		"that say nothing or are missed least are left out (those of -e, -i and -m as the last, which is then said), and long addresses lose "
		"their middle (~); into a pipe, and with -o, everything is printed. --sort adds its column.\n\n"
		"-l: QUEUE waits for accept(), LIMIT may wait, and one more still fits; DROPS since the socket was opened. Listeners that "
		"share an address (SO_REUSEPORT) stand together, under a line with their sum.\n\n"
		"FILTER is that of ss(8): src, dst HOST; sport, dport OP :PORT; dev, fwmark, cgroup; state, exclude; autobound; with not, and, or "
		"and parentheses. `and` binds before `or`. Besides: pid, comm, uid; any fact of -j by its name, with or without its unit; any "
		"option of `sockctl options`: compared by eq ne gt lt ge le, as in `rtt gt 50ms` or `nodelay eq off`. A socket for which the "
		"filter cannot be decided, since a fact is unknown, is not shown but counted on stderr.\n\n"
		"Options that sock_diag hides are read by a BPF program in the same pass as everything else: it needs CAP_BPF and "
		"CAP_PERFMON, which root has, and like sock_diag it shows everybody's sockets. Else through a duplicate of the owner's "
		"fd (pidfd_getfd): for processes of the same user, or all with CAP_SYS_PTRACE. `options` is null where that was not possible, and the column shows ?; - is what such a socket does not have.\n\n"
		"-v: of every option whether it is the default, read from a new socket of the same kind, was set, or is fixed; of buffers what was "
		"granted, asked for and is usable, the cap and its sysctl, and what the window scale makes of them.\n\n"
		"--diff compares with an earlier look at the same choice of sockets on the same boot of this host, socket by socket (cookie): new, "
		"gone, and changed: state, options, buffers, queues, and counters as differences with their rate (a share, of times); with -v "
		"every number. A rate is that between the two looks at the socket itself: the earlier one is taken to have been at that socket's place "
		"between the first and the last of FILE, so that it may be off by as long as that walk took (read, in JSON). FILE costs about 800 bytes of memory for each of its sockets.\n\n"
		"JSON: {schema, host, time, query, sockets: [...], complete, why}; the manual page sockctl-show(1) lists every key.\n\n"
		"Exit status: 1 if the list is not complete, or could not be written; the rest as sockctl(1) says.",
	.reference = show_reference,
	.flags = flags,
	.foreign = foreign,
	.examples = "  sockctl show -tlnp                              # TCP listeners and who they are\n"
		    "  sockctl show state established and rtt gt 50ms  # slow paths\n"
		    "  sockctl show -o local,peer,rtt,cwnd --sort -rtt # the slowest first\n"
		    "  sockctl show --top 10                           # the ten worst of all\n"
		    "  sockctl show -v sport = :22                     # one in full\n"
		    "  sockctl show -j dport = :443                    # records\n"
		    "  sockctl show -taj >then; sockctl show -ta --diff then   # what has changed\n",
	.run = show_run,
};

static void flag_take(struct show *show, int flag, const char *value)
{
	static const unsigned more[] = {[FLAG_PROCESSES] = MORE_OWNERS,
					[FLAG_EXTENDED] = MORE_DETAILS,
					[FLAG_INFO] = MORE_INTERNALS,
					[FLAG_MEMORY] = MORE_MEMORY,
					[FLAG_PRETTY] = 0};

	show->more |= more[flag];
	show->query.tcp |= flag == FLAG_TCP;
	show->query.udp |= flag == FLAG_UDP;
	show->query.unix_sockets |= flag == FLAG_UNIX;
	show->query.options |= flag == FLAG_OPTIONS;
	show->verbose |= flag == FLAG_VERBOSE;
	show->pretty |= flag == FLAG_PRETTY;
	show->headless |= flag == FLAG_NO_HEADER;
	show->v4 |= flag == FLAG_V4;
	show->v6 |= flag == FLAG_V6;
	if (flag == FLAG_LISTENING)
		show->query.states |= SHOW_LISTENERS;
	if (flag == FLAG_ALL)
		show->query.states = UINT32_MAX;
	if (flag == FLAG_NDJSON || ((flag == FLAG_JSON || flag == FLAG_PRETTY) && show->form != &show_ndjson))
		show->form = flag == FLAG_NDJSON ? &show_ndjson : &show_json;
	if (flag == FLAG_COLUMNS)
		show->columns = value;
	if (flag == FLAG_DIFF)
		show->diff_file = value;
	if (flag == FLAG_SORT)
		show->sort = value;
}

static int top_read(struct show *show, const char *text)
{
	int64_t number;

	if (units_parse(MEASURE_COUNT, text, strlen(text), &number) || number < 1 || number > ROWS_AT_ONCE)
		return fail_usage(&command_show, "--top %s: expects a number, 1 to %d", text, ROWS_AT_ONCE);
	show->top = (unsigned)number;
	return EXIT_FINE;
}

static int netns_take(struct show *show, const char *which)
{
	int code = netns_flag(&show->netns, which);

	show->query.netns = show->netns;
	show->netns_name = which;
	if (!strcmp(which, "all"))
		show->more |= MORE_NETNS;
	return code;
}

static int flags_read(struct show *show, int argc, char **argv)
{
	const char *value;
	int got, code = EXIT_FINE;

	while (code == EXIT_FINE && (got = flags_next(&command_show, argc, argv, &value)) >= 0)
		if (got == FLAG_TOP)
			code = top_read(show, value);
		else if (got == FLAG_NETNS)
			code = netns_take(show, value);
		else
			flag_take(show, got, value);
	if (code != EXIT_FINE)
		return code;
	return got == -1 ? EXIT_FINE : got == -3 ? SHOW_DONE : EXIT_USAGE;
}

/* A filter that speaks of states has the say about them; else what is connected. */
static void defaults_set(struct show *show)
{
	if (!show->query.tcp && !show->query.udp && !show->query.unix_sockets)
		show->query.tcp = show->query.udp = true;
	if (show->v4 != show->v6)
		show->query.family = show->v4 ? AF_INET : AF_INET6;
	if (!show->query.states)
		show->query.states = filter_states_mask(show->filter) == UINT32_MAX ? SHOW_CONNECTED : UINT32_MAX;
	show->query.privileged = geteuid() == 0;
	show->query.owners |= show->more & MORE_OWNERS || show->verbose;
	show->query.processes |= show->verbose || (show->more & MORE_OWNERS && show->form != &show_lines);
	show->query.process_files |= show->verbose;
	show->query.congestion |= show->verbose;
	show->query.options |= show->verbose;
	show->query.marks |= show->query.options || (show->more & MORE_DETAILS && show->form != &show_lines);
	if (show->diff_file)
		show->form = show->form == &show_json  ? &show_diff_json :
			     show->form == &show_lines ? &show_diff :
							 show->form;
	else if (show->verbose && show->form == &show_lines)
		show->form = &show_pages;
}

/* -l, and a filter for another state, would give headings and nothing below. */
static int states_fit(const struct show *show)
{
	uint32_t asked = filter_states_mask(show->filter);

	if (show->query.states & asked)
		return EXIT_FINE;
	if (asked)
		return fail_usage(&command_show, "the filter asks for states that -l leaves out: leave out -l");
	return fail_usage(&command_show, "the filter asks for two states at once: no socket is in both");
}

/* For people, and in any case on stderr: what the list does not say. */
static void outcome_warn(const struct show *show, const struct sockets_outcome *outcome)
{
	if (outcome->undecided)
		fprintf(stderr,
			"sockctl show: %llu socket%s left out, for which the filter could not be decided: what it asks for is not known of "
			"%s\n",
			(unsigned long long)outcome->undecided, outcome->undecided == 1 ? "" : "s",
			outcome->undecided == 1 ? "it" : "them");
	if (show->query.owners && outcome->hidden_processes)
		fprintf(stderr,
			"sockctl show: %u process%s could not be looked into; %s sockets show \"?\" (CAP_SYS_PTRACE)\n",
			outcome->hidden_processes, outcome->hidden_processes == 1 ? "" : "es",
			outcome->hidden_processes == 1 ? "its" : "their");
	if (!outcome->complete)
		fprintf(stderr, "sockctl show: not complete: %s\n", outcome->why);
}

static int socket_shown(void *arg, const struct socket_fact *socket)
{
	struct show *show = arg;

	if (!show->envelope->first_us)
		show->envelope->first_us = origin_now_us();
	show->form->socket(show, socket);
	return ferror(stdout) ? -EIO : 0;
}

static int show_all(struct show *show)
{
	struct sockets_outcome outcome;
	struct sockctl_error error = {0};
	int r;

	show->envelope = malloc(sizeof *show->envelope);
	if (!show->envelope)
		return fail_memory("what stands around the list");
	envelope_read(show->envelope, show);
	if (show->diff_file && (r = show_diff_prepare(show)))
		return r;
	show->form->begin(show);
	r = sockets_walk(&show->query, socket_shown, show, &outcome, &error);
	if (r && r != -EIO)
		return fail(&error, exit_code_of(r));
	show->envelope->last_us = origin_now_us();
	show->form->end(show, &outcome);
	outcome_warn(show, &outcome);
	return outcome.complete ? EXIT_FINE : EXIT_FINDINGS;
}

static int show_run(int argc, char **argv)
{
	struct show *show = calloc(1, sizeof *show);
	int code;

	if (!show)
		return fail_memory("what was asked for");
	show->form = &show_lines;
	code = flags_read(show, argc, argv);
	if (code == EXIT_FINE)
		code = filter_operands(&command_show, argc, argv, show->text, &show->filter);
	if (code == EXIT_FINE) {
		show->query.filter = show->filter;
		defaults_set(show);
		code = states_fit(show);
	}
	code = code == EXIT_FINE ? show_lines_prepare(show) : code;
	code = code == EXIT_FINE ? show_all(show) : code;
	socket_rows_release(&show->rows);
	show_diff_release(show);
	free(show->context);
	free(show->envelope);
	option_texts_free(show->texts);
	free(show->filter);
	netns_free(show->netns);
	free(show);
	return code == SHOW_DONE ? EXIT_FINE : code;
}
