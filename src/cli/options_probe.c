/* Runs the probe, and leaves how it looks to view/probe. */
#include "cli/options_probe.h"
#include <stdio.h>
#include "cli/command.h"
#include "cli/view/probe.h"
#include "record/sink.h"

static void print_json(const struct probe *probe, const struct option *const options[], bool pretty)
{
	struct sink sink;

	sink_init(&sink, &sink_json, stdout, pretty);
	sink_array(&sink, NULL);
	for (; *options; options++)
		probe_records(&sink, probe, *options);
	sink_close(&sink);
	fflush(stdout);
}

static void print_pages(const struct probe *probe, const struct option *const options[])
{
	for (unsigned i = 0; options[i]; i++) {
		if (i)
			putchar('\n');
		probe_page(stdout, probe, options[i], terminal_width(stdout));
	}
}

int options_probe(const struct option *const options[], enum probe_output output, bool pretty)
{
	struct sockctl_error error = {0};
	struct probe probe;
	unsigned departures;
	int r = probe_run(&probe, options, &error);

	if (r)
		return fail(&error, exit_code_of(r));
	if (output == PROBE_AS_JSON)
		print_json(&probe, options, pretty);
	else if (output == PROBE_AS_PAGES)
		print_pages(&probe, options);
	else
		probe_table(stdout, &probe, options, terminal_width(stdout));
	departures = probe_departures(output == PROBE_AS_JSON ? stderr : stdout, &probe, options);
	probe_release(&probe);
	return departures ? EXIT_FINDINGS : EXIT_FINE;
}
