/* The contract: every row of the catalogue against the running kernel, at every phase and for every family. Speaks
 * TAP, one line per option, and then one per column that was made wrong. Knows no option by name: what it expects
 * is what the row says. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "mutation.h"

static void tell(void *arg, const struct probe_result *result, const char *text)
{
	const struct option *option = &catalogue[result->option];
	const char *symbol = option->place[result->place].symbol;

	(void)arg;
	printf("# %s (%s) %s, %s\n", option->name, symbol ? symbol : "listen", probe_family_names[result->family],
	       text);
}

static bool row_check(const struct probe *probe, unsigned id)
{
	const struct option *row = &catalogue[id];
	const char *excuse = NULL;
	unsigned wrong = 0, families = 0;

	for (unsigned place = 0; place < PROBE_PLACES; place++)
		for (enum probe_family family = 0; family < PROBE_FAMILIES; family++) {
			const struct probe_result *result = &probe->result[id][place][family];

			if (!result->there && !result->why)
				continue;
			wrong += departures_find(row, result, tell, NULL);
			excuse = departure_excuse(row, result) ? departure_excuse(row, result) : excuse;
			families += !departure_excuse(row, result);
		}
	if (!probe_can(row))
		excuse = "no property of one socket";
	printf("%sok %u - %s: %u families", wrong ? "not " : "", id, row->name, families);
	printf(!families && excuse ? " # SKIP %s\n" : "\n", excuse);
	if (families && excuse)
		printf("# %s: in part: %s\n", row->name, excuse);
	return !wrong;
}

/* Only where namespaces are closed to us there is nothing to measure; whatever else went wrong is a failure. */
static int nothing_measured(int code, const struct sockctl_error *error)
{
	bool closed = code == -EPERM || code == -EACCES || code == -ENOSPC || code == -ENOSYS;
	char text[256];

	sockctl_error_text(error, text, sizeof text);
	printf(closed ? "1..0 # SKIP %s\n" : "Bail out! %s\n", text);
	return !closed;
}

int main(void)
{
	const struct option *options[OPTION_COUNT] = {0};
	struct sockctl_error error = {0};
	struct probe probe;
	bool fine = true;
	int code;

	for (unsigned id = 1; id < OPTION_COUNT; id++)
		options[id - 1] = &catalogue[id];
	code = probe_run(&probe, options, &error);
	if (code)
		return nothing_measured(code, &error);
	printf("1..%d\n", OPTION_COUNT - 1 + MUTATIONS);
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		fine &= row_check(&probe, id);
	fine &= mutations_check(&probe, OPTION_COUNT);
	probe_release(&probe);
	return !fine;
}
