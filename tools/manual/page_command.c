/* One man page per command, from the table that --help prints. */
#include "manual.h"
#include <stdlib.h>

static void flag_put(FILE *out, const struct flag *flag)
{
	if (flag->letter)
		fprintf(out, "*-%c*", flag->letter);
	if (flag->name) {
		fputs(flag->letter ? ", *\\-\\-" : "*\\-\\-", out);
		scdoc_text(out, flag->name);
		fputc('*', out);
	}
	if (flag->value) {
		fputs(" _", out);
		scdoc_text(out, flag->value);
		fputc('_', out);
	}
	fputs("\n\t", out);
	scdoc_text(out, flag->help);
	fputs("\n\n", out);
}

/* A part of the page that is made from tables. */
static void reference_put(FILE *out, const struct command *command)
{
	char *text = NULL;
	size_t size = 0;
	FILE *memory = open_memstream(&text, &size);

	if (!memory)
		return;
	command->reference(memory);
	if (!fclose(memory)) {
		fputs("# REFERENCE\n\n", out);
		scdoc_paragraphs(out, text, "");
		fputc('\n', out);
	}
	free(text);
}

static void see_also(FILE *out)
{
	fputs("# SEE ALSO\n\n*sockctl*(1), *sockctl-options*(7), *sockctl-spec*(7)\n", out);
}

void page_command(FILE *out, const struct command *command)
{
	fprintf(out, "sockctl-%s(1)\n\n# NAME\n\nsockctl-%s - ", command->name, command->name);
	scdoc_text(out, command->summary);
	fprintf(out, "\n\n# SYNOPSIS\n\n*sockctl %s* ", command->name);
	scdoc_text(out, command->usage);
	fputs("\n\n# DESCRIPTION\n\n", out);
	scdoc_paragraphs(out, command->description ? command->description : command->summary, "");
	fputs("# FLAGS\n\n", out);
	for (const struct flag *flag = command->flags; flag->letter || flag->name; flag++)
		flag_put(out, flag);
	flag_put(out, &flag_help);
	if (command->reference)
		reference_put(out, command);
	if (command->examples) {
		fputs("# EXAMPLES\n\n", out);
		scdoc_literal(out, command->examples);
		fputc('\n', out);
	}
	fputs("# EXIT STATUS\n\nAs *sockctl*(1) says.\n\n", out);
	see_also(out);
}

void list_commands(FILE *out)
{
	for (const struct command *const *c = commands; *c; c++) {
		fprintf(out, "*sockctl-%s*(1)\n\t", (*c)->name);
		scdoc_text(out, (*c)->summary);
		fputs("\n\n", out);
	}
}
