/* Joins the operands, and parses. */
#include "cli/filter_operands.h"
#include <stdlib.h>
#include <unistd.h>
#include "base/text.h"

enum { FILTER_BYTES = 8192 };

int filter_operands(const struct command *command, int argc, char **argv, struct filter **ret)
{
	char joined[FILTER_BYTES] = "";
	struct text text = TEXT(joined);
	struct sockctl_error error;
	struct filter *filter;

	for (int i = optind; i < argc; i++)
		text_add(&text, "%s%s", i > optind ? " " : "", argv[i]);
	if (!text_fits(&text))
		return fail_usage(command, "the filter is longer than %d bytes", FILTER_BYTES);
	filter = malloc(sizeof *filter);
	if (!filter)
		return EXIT_FINDINGS;
	if (filter_parse(filter, joined, &filter_names_system, &error)) {
		free(filter);
		return fail(&error, EXIT_USAGE);
	}
	*ret = filter;
	return EXIT_FINE;
}
