/* manual WHAT: one piece of the manual on stdout, from the same tables as --help. Built and run by the build only. */
#include "manual.h"
#include <string.h>

static int usage(void)
{
	fputs("usage: manual names | commands | page NAME | options | completion\n", stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	const struct command *command;

	if (!strcmp(what, "names"))
		for (const struct command *const *c = commands; *c; c++)
			puts((*c)->name);
	else if (!strcmp(what, "commands"))
		list_commands(stdout);
	else if (!strcmp(what, "options"))
		page_options(stdout);
	else if (!strcmp(what, "completion"))
		completion_bash(stdout);
	else if (!strcmp(what, "page") && argc > 2 && (command = command_find(argv[2])))
		page_command(stdout, command);
	else
		return usage();
	return fflush(stdout) || ferror(stdout) ? EXIT_FINDINGS : EXIT_FINE;
}
