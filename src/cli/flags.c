/* Flags from a command's table, through getopt_long. */
#include "cli/command.h"
#include <getopt.h>
#include <stdarg.h>
#include <string.h>

enum { FLAGS_MAX = 40, FLAG_HELP = 1000 };

static unsigned flags_count(const struct flag *flags)
{
	unsigned n = 0;

	while (n < FLAGS_MAX && (flags[n].letter || flags[n].name))
		n++;
	return n;
}

/* A value in brackets may be left out: --report, --report=FILE. */
static int value_need(const struct flag *flag)
{
	if (!flag->value)
		return no_argument;
	return *flag->value == '[' ? optional_argument : required_argument;
}

/* getopt's two tables; a long option returns 256 + its row. */
static void tables_build(const struct command *command, unsigned count, char *letters, struct option *longs)
{
	const struct flag *flags = command->flags;
	struct option *next = longs;

	if (command->program)
		*letters++ = '+'; /* what follows the first operand is not ours */
	*letters++ = ':';
	*letters++ = 'h';
	for (unsigned i = 0; i < count; i++) {
		if (flags[i].letter)
			*letters++ = flags[i].letter;
		if (flags[i].letter)
			for (int colons = value_need(&flags[i]); colons; colons--) /* "x", "x:", "x::" */
				*letters++ = ':';
		if (flags[i].name)
			*next++ = (struct option){flags[i].name, value_need(&flags[i]), NULL, 256 + (int)i};
	}
	*letters = 0;
	*next++ = (struct option){"help", no_argument, NULL, FLAG_HELP};
	*next = (struct option){NULL, 0, NULL, 0};
}

static int flag_row(const struct flag *flags, unsigned count, int got)
{
	if (got >= 256)
		return got - 256;
	for (unsigned i = 0; i < count; i++)
		if (flags[i].letter == got)
			return (int)i;
	return -1;
}

static const struct flag *foreign_find(const struct command *command, int letter, const char *name)
{
	for (const struct flag *flag = command->foreign; flag && flag->name; flag++)
		if (letter ? flag->letter == letter : !strncmp(name, "--", 2) && !strcmp(name + 2, flag->name))
			return flag;
	return NULL;
}

/* optopt is the letter, or what tables_build() made of the name. */
static void value_missing(const struct command *command, const char *argument)
{
	int row = flag_row(command->flags, flags_count(command->flags), optopt);
	const struct flag *flag = row < 0 ? NULL : &command->flags[row];

	if (flag && flag->letter && strncmp(argument, "--", 2))
		fail_usage(command, "-%c needs a value, %s: %s", flag->letter, flag->value, flag->help);
	else if (flag)
		fail_usage(command, "--%s needs a value, %s: %s", flag->name, flag->value, flag->help);
	else
		fail_usage(command, "%s needs a value", argument);
}

static int flag_reject(const struct command *command, int got, char **argv)
{
	int letter = got == '?' && optopt > 0 && optopt < 256 ? optopt : 0;
	const struct flag *foreign = got == '?' ? foreign_find(command, letter, argv[optind - 1]) : NULL;

	if (foreign && letter)
		fail_usage(command, "-%c: %s", letter, foreign->help);
	else if (foreign)
		fail_usage(command, "--%s: %s", foreign->name, foreign->help);
	else if (got == ':')
		value_missing(command, argv[optind - 1]);
	else if (letter)
		fail_usage(command, "-%c: no such flag", letter);
	else
		fail_usage(command, "%s: no such flag", argv[optind - 1]);
	return -2;
}

int flags_next(const struct command *command, int argc, char **argv, const char **ret_value)
{
	char letters[3 * FLAGS_MAX + 8];
	struct option longs[FLAGS_MAX + 2];
	unsigned count = flags_count(command->flags);
	int got;

	tables_build(command, count, letters, longs);
	opterr = 0;
	got = getopt_long(argc, argv, letters, longs, NULL);
	if (got == -1)
		return -1;
	if (got == '?' || got == ':')
		return flag_reject(command, got, argv);
	if (got == 'h' || got == FLAG_HELP) {
		help_print(stdout, command);
		return -3;
	}
	*ret_value = optarg;
	return flag_row(command->flags, count, got);
}
