/* Dispatches to a command and does nothing else. */
#include "cli/command.h"
#include <errno.h>
#include <string.h>
#include "base/error.h"
#include "record/table.h"

static int usage(FILE *out)
{
	fprintf(out, "usage: sockctl COMMAND [FLAGS] [ARGUMENTS]\n\n");
	for (const struct command *const *c = commands; *c; c++)
		fprintf(out, "  %-10s %s\n", (*c)->name, (*c)->summary);
	fprintf(out, "\n`sockctl COMMAND --help` tells more. Exit: 0 fine; 1 findings, or partly applied; 2 usage;\n"
		     "3 no privilege, or the kernel lacks it; 4 applied but not in effect.\n");
	return out == stdout ? EXIT_FINE : EXIT_USAGE;
}

/* What was printed is not all there is. */
static int output_cut(int code)
{
	struct sockctl_error error;

	error_set(&error, -ENOMEM, "print", "a table",
		  "there is not enough memory for all of it: what comes last is missing");
	return fail(&error, code ? code : EXIT_FINDINGS);
}

int main(int argc, char **argv)
{
	const struct command *command;
	int code;

	if (argc < 2)
		return usage(stderr);
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") || !strcmp(argv[1], "help"))
		return usage(stdout);
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))
		return printf("sockctl %s\n", sockctl_version()), EXIT_FINE;
	command = command_find(argv[1]);
	if (!command) {
		fprintf(stderr, "sockctl: %s: no such command; `sockctl --help` lists them\n", argv[1]);
		return EXIT_USAGE;
	}
	code = command->run(argc - 1, argv + 1);
	if (!tables_whole())
		code = output_cut(code);
	if (fflush(stdout) || ferror(stdout)) {
		if (errno != EPIPE) /* a reader that has seen enough needs no message */
			perror("sockctl: standard output");
		return code ? code : EXIT_FINDINGS;
	}
	return code;
}
