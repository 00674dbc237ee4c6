/* sockctl host: the sysctls that cap sockets, whom they cap, and what a load would need. Changes nothing. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/host_report.h"
#include "cli/netns_flag.h"

enum { FLAG_WHO, FLAG_ALL, FLAG_NETNS, FLAG_RATE, FLAG_RTT, FLAG_CONNECTIONS, FLAG_FILE, FLAG_JSON, FLAG_PRETTY };

static const struct flag flags[] = {
	[FLAG_WHO] = {'p', "who", NULL, "also which sockets stand at a limit, and whose they are", NULL},
	[FLAG_ALL] = {'a', "all", NULL, "also sysctls that bear on sockets but on no option", NULL},
	[FLAG_NETNS] = {'N', "netns", "NETNS",
			"another network namespace: a NAME of `ip netns`, pid:N, pid:self or all", NULL},
	[FLAG_RATE] = {0, "rate", "RATE", "of one connection, as 1gbit; with --rtt", NULL},
	[FLAG_RTT] = {0, "rtt", "TIME", "its round-trip time, as 40ms; with --rate", NULL},
	[FLAG_CONNECTIONS] = {0, "connections", "N", "open at the same time", NULL},
	[FLAG_FILE] = {0, "sysctl.d", NULL, "print what the load needs as a file for /etc/sysctl.d", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "one object", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

static int host_run(int argc, char **argv);

const struct command command_host = {
	.name = "host",
	.usage = "[-p] [-a] [-N NETNS] [--rate RATE --rtt TIME] [--connections N] [--sysctl.d] [-j]",
	.summary = "the sysctls that cap sockets: their values, whom they cap now, and what a load needs",
	.description =
		"For each sysctl that caps, gates or is the default of an option of `sockctl options`: its value in this network namespace, the "
		"kernel's default, which options it has a say in, and when a change is effective: a raised limit changes nothing for sockets that "
		"are there already, but as that column says. NOW counts the sockets that stand exactly at a limit: they may have asked for more, or "
		"for just that. -p names them and their programs, and looks at options that sock_diag hides, for the limits that only these "
		"show: fastopen that does nothing, a local-port-range out of bounds. \"-\" is what cannot be seen.\n\n"
		"With a load, each limit that it bears on is judged: the buffers of autotuning for bandwidth x RTT, the accept queue for all "
		"clients coming at once, ports for as many outgoing connections, open files: what the host HAS, and NEEDS where that is not enough. "
		"--sysctl.d prints what it needs as a file; nothing is ever written.\n\n"
		"Some limits are the whole host's and do not exist in other network namespaces; they hold there all the same.\n\n"
		"JSON: {schema, host, time, netns: {inode, name}, netns_why, sysctls: [{name, value, why, builtin, effective, meaning, options, "
		"capped_sockets, capped_which, sockets, in_use}], sockets_left_out, use, advice: [{name, enough, value, needs, why}], complete, why}; with -N {schema, host, time, "
		"namespaces: [...], complete, why} of these. `sockets` is there with -p only: {protocol, local, peer, owners: [{pid, comm}], "
		"owners_total}, 4 owners of each at most, 1000 sockets of all; sockets_left_out says how many there are beyond.\n\n"
		"Exit status: 1 if a limit is not enough for the load (with --sysctl.d 0: the file is the answer), or if something could not be "
		"seen; the rest as sockctl(1) says.",
	.flags = flags,
	.examples = "  sockctl host -p\n"
		    "  sockctl host --rate 1gbit --rtt 40ms --connections 20000\n"
		    "  sockctl host --connections 20000 --sysctl.d   # > /etc/sysctl.d/60-sockets.conf\n",
	.run = host_run,
};

struct host {
	struct host_goal goal;
	bool who, all, file, json, pretty;
	struct netns_list *netns; /* NULL: ours */
	unsigned walked;          /* namespaces */
	bool lacking;             /* a limit is not enough for the load */
	bool incomplete;          /* of one of them, or of their list, something is missing */
	char why[200];            /* the list is not complete; "" if it is */
	struct origin origin;
	struct sink sink;
	struct sockctl_error error;
};

static int number_read(enum measure measure, const char *flag, const char *value, int64_t *ret)
{
	if (!units_parse(measure, value, strlen(value), ret) && *ret > 0)
		return EXIT_FINE;
	return fail_usage(&command_host, "--%s %s: expects %s above 0", flag, value, units_expects(measure));
}

static int flag_read(struct host *host, int flag, const char *value)
{
	switch (flag) {
	case FLAG_RATE:
		return number_read(MEASURE_RATE, "rate", value, &host->goal.rate_bps);
	case FLAG_RTT:
		return number_read(MEASURE_TIME, "rtt", value, &host->goal.rtt_us);
	case FLAG_CONNECTIONS:
		return number_read(MEASURE_COUNT, "connections", value, &host->goal.connections);
	case FLAG_WHO:
		host->who = true;
		break;
	case FLAG_ALL:
		host->all = true;
		break;
	case FLAG_NETNS:
		return netns_flag(&host->netns, value);
	case FLAG_FILE:
		host->file = true;
		break;
	case FLAG_PRETTY:
		host->pretty = true; /* and JSON */
		host->json = true;
		break;
	default:
		host->json = true;
	}
	return EXIT_FINE;
}

static int flags_read(struct host *host, int argc, char **argv)
{
	const char *value;
	int got, code;

	while ((got = flags_next(&command_host, argc, argv, &value)) >= 0) {
		code = flag_read(host, got, value);
		if (code)
			return code;
	}
	if (got != -1)
		return got == -3 ? -1 : EXIT_USAGE;
	if (optind < argc)
		return fail_usage(&command_host, "%s: no operand is expected", argv[optind]);
	if (!host->goal.rate_bps != !host->goal.rtt_us)
		return fail_usage(&command_host, "--rate and --rtt only say something together");
	if (host->file && !host->goal.rate_bps && !host->goal.connections)
		return fail_usage(&command_host, "--sysctl.d needs a load: --rate and --rtt, or --connections");
	if (host->file && host->json)
		return fail_usage(&command_host,
				  "--sysctl.d is a file of its own: no -j; `advice` of -j has the same values");
	if (host->file && host->netns && netns_count(host->netns) > 1)
		return fail_usage(&command_host, "--sysctl.d prints the file of one namespace; --netns gives %u",
				  netns_count(host->netns));
	return EXIT_FINE;
}

static void report_print(struct host *host, const struct host_report *report)
{
	if (host->json) {
		host_record(&host->sink, report, host->netns ? NULL : &host->origin);
	} else if (host->file) {
		host_file(report);
	} else {
		if (host->walked)
			putchar('\n');
		host_page(report, host->all, terminal_width(stdout), terminal_colour(stdout));
	}
	host->walked++;
	host->incomplete |= !report->complete;
	for (unsigned i = 0; i < report->advices; i++)
		host->lacking |= !report->advice[i].enough;
}

/* In the namespace that it is about. */
static int namespace_report(void *arg, const struct netns_fact *netns)
{
	struct host_report *report = host_report_new();
	struct host *host = arg;
	int r;

	if (!report)
		return error_set(&host->error, -ENOMEM, "allocate", "the report", NULL);
	report->netns_asked = netns;
	if (netns)
		report->netns = *netns;
	else
		report->netns_code = netns_own(&report->netns);
	r = host_report_read(report, host->who, &host->goal, &host->error);
	if (!r)
		report_print(host, report);
	host_report_free(report);
	return r;
}

static void namespaces_end(struct host *host)
{
	sink_close(&host->sink);
	sink_bool(&host->sink, "complete", !host->incomplete);
	sink_string(&host->sink, "why", *host->why ? host->why : NULL);
	sink_close(&host->sink);
}

/* What cannot be entered is told, and the rest is shown. */
static int namespaces_report(struct host *host)
{
	struct sockctl_error refused = {0};
	unsigned failed;
	int r;

	if (host->json) {
		sink_object(&host->sink, NULL);
		origin_emit(&host->sink, &host->origin, HOST_SCHEMA);
		sink_array(&host->sink, "namespaces");
	}
	r = netns_each(host->netns, namespace_report, host, &failed, &refused);
	if (!r && failed && failed < netns_count(host->netns))
		error_text(&refused, host->why, sizeof host->why);
	else if (!r && !failed)
		netns_complete(host->netns, host->why, sizeof host->why);
	host->incomplete |= *host->why;
	if (host->json)
		namespaces_end(host);
	if (r == -ENOTRECOVERABLE || (!r && failed == netns_count(host->netns)))
		host->error = refused;
	return r ? r : failed == netns_count(host->netns) ? refused.code : 0;
}

static int host_run(int argc, char **argv)
{
	struct host host = {.goal = {.page_bytes = sysconf(_SC_PAGESIZE)}};
	int code = flags_read(&host, argc, argv);

	if (!code) {
		origin_read(&host.origin);
		sink_init(&host.sink, &sink_json, stdout, host.pretty);
		code = host.netns ? namespaces_report(&host) : namespace_report(&host, NULL);
		code = code                                            ? fail(&host.error, exit_code_of(code)) :
		       host.incomplete || (host.lacking && !host.file) ? EXIT_FINDINGS :
									 EXIT_FINE;
		if (*host.why)
			fprintf(stderr, "sockctl host: not complete: %s\n", host.why);
	}
	netns_free(host.netns);
	return code == -1 ? EXIT_FINE : code;
}
