/* The commands, in the order in which help lists them. */
#include "cli/command.h"
#include <string.h>

extern const struct command command_options, command_check, command_show, command_doctor, command_host, command_run,
	command_path, command_bench, command_tune;

/* clang-format off: one row, one line */
const struct command *const commands[] = {
	&command_options, &command_check, &command_show,  &command_doctor, &command_host,
	&command_run,     &command_path,  &command_bench, &command_tune,   NULL,
};
/* clang-format on */

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!strcmp((*c)->name, name))
			return *c;
	return NULL;
}
