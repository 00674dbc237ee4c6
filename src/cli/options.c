/* sockctl options: the catalogue. Changes nothing and opens no socket; what --probe does, options_probe.c does. */
#include "cli/command.h"
#include "cli/options_probe.h"
#include <string.h>
#include <unistd.h>
#include "cli/view/option.h"

enum { FLAG_PROBE, FLAG_JSON, FLAG_PRETTY };

static const struct flag flags[] = {
	[FLAG_PROBE] = {0, "probe", NULL,
			"measure what this kernel makes of them, and where that departs from the catalogue", NULL},
	[FLAG_JSON] = {'j', "json", NULL, "an array of records", NULL},
	[FLAG_PRETTY] = {0, "pretty", NULL, "JSON with one member a line", NULL},
	{0},
};

static int options_run(int argc, char **argv);

const struct command command_options = {
	.name = "options",
	.usage = "[--probe] [-j] [--pretty] [NAME...]",
	.summary = "what each socket option does, where it works and what limits it",
	.description =
		"Without a name, all options as a table, grouped by where the kernel keeps them, in the order in which they are applied; on a "
		"wide terminal, and for other programs one line each, with their C names and limits. With names, each in full: when to use it "
		"and when not, the phases of a socket in which it works, what caps it and where that limit stands on this host, what is "
		"read back, and its sources. A name may be an alias: NoDelay, TCP_NODELAY.\n\n"
		"JSON has one record per option: name; symbol, level, number: its first place in the kernel, null for what is no socket "
		"option there (backlog, shards); also: the second place, as {symbol, level, number} or null; kind; unit; words: for some "
		"of its numbers, as \"off=-1 default=0\"; min, max: in that unit, null where no range says what is legal; protocols; late, "
		"never: phases in which it is accepted in vain, or refused; udp_works: those of them in which a UDP socket takes it all the "
		"same; needs: the option without which it does nothing; twin: the option that sets "
		"the same thing in the kernel; overruled_by: options that decide instead of it while they are on; "
		"after: options that overwrite it when they are set, and so are set before it; readback; inherited: by accepted sockets, null "
		"where none could; "
		"limit: the sysctl that caps it without an error, limit_value: what it caps at here; autotune, "
		"autotune_max: the sysctl up to whose maximum TCP sizes it where it is not set; capability, capability_also: either "
		"suffices; capability_host: it must be the host's, not a user namespace's; irreversible: once on, it stays on; since: the "
		"first kernel version that has it, null for all; system: what else it needs there; summary.\n\n" OPTIONS_PROBE_DESCRIPTION,
	.flags = flags,
	.examples = "  sockctl options                  # all of them\n"
		    "  sockctl options rcvbuf           # one in full, with its limit on this host\n"
		    "  sockctl options -j TCP_NODELAY   # a record, by alias\n"
		    "  sockctl options --probe nodelay  # measured on this kernel, in namespaces of its own\n",
	.operands = "options",
	.run = options_run,
};

static int find_all(char **names, int count, const struct option *found[])
{
	for (int i = 0; i < count; i++) {
		const struct option *nearest = option_nearest(names[i], strlen(names[i]));

		found[i] = option_find(names[i], strlen(names[i]));
		if (!found[i] && nearest)
			return fail_usage(&command_options, "%s: no such option; nearest: %s", names[i], nearest->name);
		if (!found[i])
			return fail_usage(&command_options, "%s: no such option; `sockctl options` lists them",
					  names[i]);
	}
	return EXIT_FINE;
}

static void print_records(const struct option *const options[], bool pretty)
{
	struct sink sink;

	sink_init(&sink, &sink_json, stdout, pretty);
	sink_array(&sink, NULL);
	for (; *options; options++)
		option_record(&sink, *options);
	sink_close(&sink);
}

static void print_pages(const struct option *const options[])
{
	for (unsigned i = 0; options[i]; i++) {
		if (i)
			putchar('\n');
		option_page(stdout, options[i], terminal_width(stdout));
	}
}

static int options_run(int argc, char **argv)
{
	const struct option *options[OPTION_COUNT] = {0};
	bool probe = false, json = false, pretty = false;
	const char *value;
	int got, names, code;

	while ((got = flags_next(&command_options, argc, argv, &value)) >= 0) {
		probe |= got == FLAG_PROBE;
		json |= got != FLAG_PROBE; /* --pretty is a way to print JSON */
		pretty |= got == FLAG_PRETTY;
	}
	if (got != -1)
		return got == -3 ? EXIT_FINE : EXIT_USAGE;
	names = argc - optind;
	if (names >= OPTION_COUNT)
		return fail_usage(&command_options, "%d names: there are only %d options", names, OPTION_COUNT - 1);
	for (unsigned id = 1; id < OPTION_COUNT && !names; id++)
		options[id - 1] = &catalogue[id];
	code = find_all(argv + optind, names, options);
	if (code)
		return code;
	if (probe)
		return options_probe(options, json ? PROBE_AS_JSON : names ? PROBE_AS_PAGES : PROBE_AS_TABLE, pretty);
	if (json)
		print_records(options, pretty);
	else if (names)
		print_pages(options);
	else
		option_table(stdout, options, terminal_width(stdout));
	return EXIT_FINE;
}
