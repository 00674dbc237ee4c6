/* sockctl host: the sysctls that cap sockets, whom they cap, and what a load would need. Changes nothing. */
#include "cli/command.h"
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "base/sysctl.h"
#include "base/text.h"
#include "base/units.h"
#include "doctor/host_advice.h"
#include "observe/sysctls.h"
#include "record/sink.h"
#include "record/table.h"

enum { FLAG_RATE, FLAG_RTT, FLAG_CONNECTIONS, FLAG_FILE, FLAG_JSON, FLAG_PRETTY };

static const struct flag flags[] = {
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
	.usage = "[--rate RATE --rtt TIME] [--connections N] [--sysctl.d] [-j]",
	.summary = "the sysctls that cap sockets: their values, whom they cap now, and what a load needs",
	.description =
		"Values are those of this network namespace. CAPPED NOW counts the sockets that stand exactly at a limit: they may have asked "
		"for more, or for just that. A raised limit changes nothing for sockets that are there already, but as the last column says.\n\n"
		"With a load, each limit that it bears on is judged: the buffers of autotuning for bandwidth x RTT, the accept queue for all "
		"clients coming at once, ports for as many outgoing connections. Where what is there suffices, that is said. --sysctl.d prints the "
		"rest as a file; nothing is ever written.\n\n"
		"JSON: {sysctls: [{name, value, builtin, effective, meaning, capped_sockets, capped_which}], advice: [{name, enough, value, why}]}.",
	.flags = flags,
	.examples = "  sockctl host\n"
		    "  sockctl host --rate 1gbit --rtt 40ms --connections 20000\n"
		    "  sockctl host --connections 20000 --sysctl.d   # > /etc/sysctl.d/60-sockets.conf\n",
	.run = host_run,
};

struct host {
	struct host_goal goal;
	bool file, json, pretty;
	struct sysctl_facts facts;
	struct sysctl_capped capped[SYSCTL_COUNT];
	struct host_advice advice[SYSCTL_COUNT];
	unsigned advices;
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
		return fail_usage(&command_host, "%s: takes no operands", argv[optind]);
	if (!host->goal.rate_bps != !host->goal.rtt_us)
		return fail_usage(&command_host, "--rate and --rtt only say something together");
	if (host->file && !host->goal.rate_bps && !host->goal.connections)
		return fail_usage(&command_host, "--sysctl.d needs a load: --rate and --rtt, or --connections");
	return EXIT_FINE;
}

static const char *value_text(const struct sysctl_fact *fact)
{
	if (!fact->known)
		return fact->code == -ENOENT ? "not in this namespace" : "not to be read here";
	return *fact->text ? fact->text : "(empty)";
}

static void values_print(const struct host *host)
{
	static const char *const headings[] = {
		"SYSCTL", "VALUE", "BUILT IN", "CAPPED NOW", "WHAT IT DOES; A CHANGE TAKES EFFECT AT", NULL};
	struct table table;

	table_init(&table, headings);
	for (unsigned id = 0; id < SYSCTL_COUNT; id++) {
		char name[64], capped[24] = "-", what[300];

		if (host->capped[id].known)
			snprintf(capped, sizeof capped, "%" PRIu64, host->capped[id].sockets);
		snprintf(what, sizeof what, "%s; %s", sysctl_rows[id].meaning, sysctl_rows[id].effective);
		table_row(&table, sysctl_name(sysctl_rows[id].path, name, sizeof name),
			  value_text(&host->facts.fact[id]), sysctl_rows[id].builtin, capped, what);
	}
	table_print(&table, stdout, terminal_width(stdout));
	table_release(&table);
}

static void advice_print(const struct host *host)
{
	static const char *const headings[] = {"FOR THIS LOAD", "ENOUGH", "VALUE", "WHY", NULL};
	struct table table;

	if (!host->advices)
		return;
	putchar('\n');
	table_init(&table, headings);
	for (unsigned i = 0; i < host->advices; i++) {
		const struct host_advice *advice = &host->advice[i];
		char name[64];

		table_row(&table, sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name),
			  advice->enough ? "yes" : "no", advice->value, advice->why);
	}
	table_print(&table, stdout, terminal_width(stdout));
	table_release(&table);
}

static void file_print(const struct host *host)
{
	unsigned lines = 0;

	for (unsigned i = 0; i < host->advices; i++) {
		const struct host_advice *advice = &host->advice[i];
		char name[64];

		if (advice->enough || advice->sysctl == SYSCTL_tcp_mem) /* memory is not had by writing a number */
			continue;
		printf("# %s\n# takes effect: %s\n%s = %s\n", advice->why, sysctl_rows[advice->sysctl].effective,
		       sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name), advice->value);
		lines++;
	}
	if (!lines)
		printf("# what is set on this host suffices for this load\n");
}

static void value_record(struct sink *sink, const struct host *host, unsigned id)
{
	char name[64];

	sink_object(sink, NULL);
	sink_string(sink, "name", sysctl_name(sysctl_rows[id].path, name, sizeof name));
	sink_string(sink, "value", host->facts.fact[id].known ? host->facts.fact[id].text : NULL);
	sink_string(sink, "builtin", sysctl_rows[id].builtin);
	sink_string(sink, "effective", sysctl_rows[id].effective);
	sink_string(sink, "meaning", sysctl_rows[id].meaning);
	if (host->capped[id].known)
		sink_integer(sink, "capped_sockets", (int64_t)host->capped[id].sockets);
	else
		sink_null(sink, "capped_sockets");
	sink_string(sink, "capped_which", host->capped[id].which);
	sink_close(sink);
}

static void json_print(const struct host *host)
{
	struct sink sink;

	sink_init(&sink, &sink_json, stdout, host->pretty);
	sink_object(&sink, NULL);
	sink_array(&sink, "sysctls");
	for (unsigned id = 0; id < SYSCTL_COUNT; id++)
		value_record(&sink, host, id);
	sink_close(&sink);
	sink_array(&sink, "advice");
	for (unsigned i = 0; i < host->advices; i++) {
		char name[64];

		sink_object(&sink, NULL);
		sink_string(&sink, "name", sysctl_name(sysctl_rows[host->advice[i].sysctl].path, name, sizeof name));
		sink_bool(&sink, "enough", host->advice[i].enough);
		sink_string(&sink, "value", host->advice[i].value);
		sink_string(&sink, "why", host->advice[i].why);
		sink_close(&sink);
	}
	sink_close(&sink);
	sink_close(&sink);
}

static int host_run(int argc, char **argv)
{
	struct host host = {.goal = {.page_bytes = sysconf(_SC_PAGESIZE)}};
	struct sockctl_error error;
	int code = flags_read(&host, argc, argv);

	if (code)
		return code == -1 ? EXIT_FINE : code;
	sysctls_read(&host.facts);
	code = sysctls_capped(&host.facts, host.capped, &error);
	if (code)
		return fail(&error, exit_code_of(code));
	host.advices = host_advise(&host.goal, &host.facts, host.advice);
	if (host.json) {
		json_print(&host);
	} else if (host.file) {
		file_print(&host);
	} else {
		values_print(&host);
		advice_print(&host);
	}
	return EXIT_FINE;
}
