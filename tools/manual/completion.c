/* Completion for bash, from the commands' tables: what is fixed stands in docs/sockctl.bash, here are the words. */
#include "manual.h"
#include <string.h>
#include "catalog/profile.h"
#include "cli/view/socket_column.h"
#include "lab/reader/reader.h"
#include "lab/workload/workload.h"

static void flags_put(FILE *out, const struct flag *flag)
{
	for (; flag->letter || flag->name; flag++) {
		if (flag->letter)
			fprintf(out, " -%c", flag->letter);
		if (flag->name)
			fprintf(out, " --%s", flag->name);
	}
}

/* A line "COMMAND FLAG) KIND" for each way to write a flag that takes a value. */
static void values_put(FILE *out, const char *command, const struct flag *flag)
{
	for (; flag->letter || flag->name; flag++) {
		const char *kind = flag->completes ? flag->completes : "nothing";

		if (flag->value && flag->letter)
			fprintf(out, "\t'%s -%c') echo %s ;;\n", command, flag->letter, kind);
		if (flag->value && flag->name)
			fprintf(out, "\t'%s --%s') echo %s ;;\n", command, flag->name, kind);
	}
}

static void commands_put(FILE *out)
{
	fputs("_sockctl_commands='", out);
	for (const struct command *const *c = commands; *c; c++)
		fprintf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
	fputs(" help --help --version'\n", out);
}

static void tables_put(FILE *out)
{
	fputs("_sockctl_workloads='", out);
	for (const struct workload *const *workload = workloads; *workload; workload++)
		fprintf(out, "%s%s", workload == workloads ? "" : " ", (*workload)->name);
	fputs("'\n_sockctl_readers='", out);
	for (const struct reader *const *reader = readers; *reader; reader++)
		fprintf(out, "%s%s", reader == readers ? "" : " ", (*reader)->name);
	fputs("'\n_sockctl_columns='", out);
	for (unsigned column = 0; column < socket_column_count(); column++)
		fprintf(out, "%s%s", column ? " " : "", socket_column_name(column));
	fputs("'\n", out);
}

static void settings_put(FILE *out)
{
	fputs("_sockctl_options='", out);
	for (const struct option *option = catalogue + 1; option < catalogue + OPTION_COUNT; option++)
		fprintf(out, "%s%s", option == catalogue + 1 ? "" : " ", option->name);
	fputs("'\n_sockctl_profiles='", out);
	for (const struct profile *profile = profiles; profile->name; profile++)
		fprintf(out, "%s@%s", profile == profiles ? "" : " ", profile->name);
	fputs("'\n", out);
}

void completion_bash(FILE *out)
{
	fputs("# Made from the commands' tables.\n", out);
	commands_put(out);
	settings_put(out);
	tables_put(out);
	fputs("_sockctl_flags()\n{\n\tcase $1 in\n", out);
	for (const struct command *const *c = commands; *c; c++) {
		fprintf(out, "\t%s) echo '-h --help", (*c)->name);
		flags_put(out, (*c)->flags);
		fputs("' ;;\n", out);
	}
	fputs("\tesac\n}\n_sockctl_value()\n{\n\tcase $1 in\n", out);
	for (const struct command *const *c = commands; *c; c++)
		values_put(out, (*c)->name, (*c)->flags);
	fputs("\tesac\n}\n_sockctl_operands()\n{\n\tcase $1 in\n", out);
	for (const struct command *const *c = commands; *c; c++)
		if ((*c)->operands)
			fprintf(out, "\t%s) echo %s ;;\n", (*c)->name, (*c)->operands);
	fputs("\tesac\n}\n", out);
}
