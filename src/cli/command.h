/* A command of sockctl: one file here, and its line in commands.c. main dispatches; only this layer prints. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H
#include <stdbool.h>
#include <stdio.h>
#include "sockctl.h"

enum exit_code {
	EXIT_FINE = 0,
	EXIT_FINDINGS = 1,           /* or only partly applied */
	EXIT_USAGE = 2,
	EXIT_PRIVILEGE = 3,          /* or the kernel lacks it */
	EXIT_NOT_IN_EFFECT = 4,
	EXIT_RUN_FAILED = 125,       /* of run and path: sockctl itself failed */
	EXIT_NOT_EXECUTABLE = 126,
	EXIT_NOT_FOUND = 127,
};

/* One flag. Help, man page and completion are made from this table. */
struct flag {
	char letter;                 /* 0: none */
	const char *name;            /* without dashes */
	const char *value;           /* NULL: takes none; "[FILE]": may have one, as --name=FILE */
	const char *help;
	const char *completes;       /* what completion offers: "options", "workloads", "readers", "columns", "files", "commands", NULL */
};

struct command {
	const char *name;
	const char *usage;           /* after "sockctl name " */
	const char *summary;         /* one line */
	const char *description;     /* paragraphs, for help and man page */
	const struct flag *flags;    /* ends with an empty row */
	const struct flag *foreign;  /* of a tool whose users come here: help says why it is not taken; NULL, or ends with an empty row */
	void (*reference)(FILE *);   /* writes what the man page has besides, made from tables, in the form of the description; or NULL */
	const char *examples;        /* lines "command  # what it shows"; documentation tests run those that need nothing */
	const char *operands;        /* what completion offers for operands: as in struct flag */
	bool program;                /* the operands hold another program's command line: flags end at the first of them */
	int (*run)(int argc, char **argv);   /* argv[0] is the command's name; returns an exit code */
};
extern const struct command *const commands[];       /* ends with NULL */
const struct command *command_find(const char *name);

/* Walks flags as getopt_long does, from the command's table: returns the row's index, -1 at the operands (whose
 * index is in optind), -2 after having printed a usage error, -3 after having printed the help. `--` ends the flags; otherwise
 * they may stand before and after operands, but for commands that run a program. */
int flags_next(const struct command *, int argc, char **argv, const char **ret_value);

extern const struct flag flag_help;                  /* every command has it */
void help_print(FILE *, const struct command *);
/* "sockctl: op subject: hint" on stderr; returns exit code. */
int fail(const struct sockctl_error *, int exit_code);
/* There is no memory for what; returns EXIT_FINDINGS. */
int fail_memory(const char *what);
/* A usage error: message, then the usage line; returns EXIT_USAGE. */
int fail_usage(const struct command *, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The exit code for -errno of a call: EXIT_USAGE for EINVAL, ENOENT, ERANGE, E2BIG; EXIT_PRIVILEGE for EPERM, EACCES, ENOSYS,
 * EOPNOTSUPP and the like; else EXIT_FINDINGS. */
int exit_code_of(int negative_errno);
unsigned terminal_width(FILE *);                     /* 0 if it is no terminal */
bool terminal_colour(FILE *);                        /* a terminal, and NO_COLOR is not set */
#endif
