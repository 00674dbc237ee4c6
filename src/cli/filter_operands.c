/* Joins the operands, and parses. */
#include "cli/filter_operands.h"
#include <stdlib.h>
#include <unistd.h>
#include "base/text.h"

int filter_operands(const struct command *command, int argc, char **argv, char text[FILTER_BYTES], struct filter **ret)
{
	struct text joined = {text, FILTER_BYTES, 0};
	struct sockctl_error error;
	struct filter *filter;

	text_add(&joined, "%s", "");
	for (int i = optind; i < argc; i++)
		text_add(&joined, "%s%s", i > optind ? " " : "", argv[i]);
	if (!text_fits(&joined))
		return fail_usage(command, "the filter is longer than %d bytes", FILTER_BYTES);
	filter = malloc(sizeof *filter);
	if (!filter)
		return fail_memory("the filter");
	if (filter_parse(filter, text, &filter_names_system, &error)) {
		free(filter);
		return fail(&error, EXIT_USAGE);
	}
	*ret = filter;
	return EXIT_FINE;
}
