/* A command's help, from its table; the man pages and the completion are made from the same rows. */
#include "cli/command.h"
#include <string.h>

enum { HELP_WIDTH = 80 };

const struct flag flag_help = {'h', "help", NULL, "print this", NULL};

static void flag_print(FILE *out, const struct flag *flag)
{
	char left[64];

	snprintf(left, sizeof left, "%c%c%s%s%s%s%s", flag->letter ? '-' : ' ', flag->letter ? flag->letter : ' ',
		 flag->letter && flag->name ? ", " : "  ", flag->name ? "--" : "", flag->name ? flag->name : "",
		 !flag->value        ? "" :
		 *flag->value == '[' ? "[=" :
				       " ",
		 !flag->value        ? "" :
		 *flag->value == '[' ? flag->value + 1 :
				       flag->value);
	fprintf(out, "  %-26s %s\n", left, flag->help);
}

/* One paragraph of a line or more, broken anew; ends before an empty line, an indented one or the end. */
static const char *paragraph_print(FILE *out, const char *text)
{
	size_t column = 0;

	for (;;) {
		size_t word = strcspn(text, " \n");

		if (column && column + 1 + word > HELP_WIDTH) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%s%.*s", column ? " " : "", (int)word, text);
		text += word;
		text += strspn(text, " ");
		if (!*text || (*text == '\n' && strchr(" \t\n", text[1])))
			break;
		text += *text == '\n';
	}
	fputc('\n', out);
	return text + (*text == '\n');
}

/* Indented lines are tables and examples: they stay as they are. */
static void description_print(FILE *out, const char *text)
{
	while (*text) {
		size_t line = strcspn(text, "\n");

		if (line && *text != ' ' && *text != '\t') {
			text = paragraph_print(out, text);
			continue;
		}
		fprintf(out, "%.*s\n", (int)line, text);
		text += line + (text[line] == '\n');
	}
}

void help_print(FILE *out, const struct command *command)
{
	fprintf(out, "usage: sockctl %s %s\n\n%s\n", command->name, command->usage, command->summary);
	if (command->description) {
		fputc('\n', out);
		description_print(out, command->description);
	}
	fprintf(out, "\nFlags:\n");
	for (const struct flag *flag = command->flags; flag->letter || flag->name; flag++)
		flag_print(out, flag);
	flag_print(out, &flag_help);
	if (command->examples)
		fprintf(out, "\nExamples:\n%s", command->examples);
}
