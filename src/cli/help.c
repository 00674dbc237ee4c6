/* A command's help, from its table; the man pages and the completion are made from the same rows. */
#include "cli/command.h"

const struct flag flag_help = {'h', "help", NULL, "print this", NULL};

static void flag_print(FILE *out, const struct flag *flag)
{
	char left[64];

	snprintf(left, sizeof left, "%c%c%s%s%s%s%s", flag->letter ? '-' : ' ', flag->letter ? flag->letter : ' ',
		 flag->letter && flag->name ? ", " : "  ", flag->name ? "--" : "", flag->name ? flag->name : "",
		 !flag->value ? "" : *flag->value == '[' ? "[=" : " ",
		 !flag->value ? "" : *flag->value == '[' ? flag->value + 1 : flag->value);
	fprintf(out, "  %-26s %s\n", left, flag->help);
}

void help_print(FILE *out, const struct command *command)
{
	fprintf(out, "usage: sockctl %s %s\n\n%s\n", command->name, command->usage, command->summary);
	if (command->description)
		fprintf(out, "\n%s\n", command->description);
	fprintf(out, "\nFlags:\n");
	for (const struct flag *flag = command->flags; flag->letter || flag->name; flag++)
		flag_print(out, flag);
	flag_print(out, &flag_help);
	if (command->examples)
		fprintf(out, "\nExamples:\n%s", command->examples);
}
