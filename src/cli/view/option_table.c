/* The catalogue as a table. A narrow terminal gets what everybody needs; a wide one, or a file, the kernel's side too. */
#include "base/sysctl.h"
#include "cli/view/option.h"
#include "base/text.h"
#include "record/table.h"

enum { WIDE = 120 };

static const char *example_of(const struct option *option)
{
	return option->example ? option->example : "on";
}

/* Of pseudo options there is nothing to inherit. */
static const char *inherited_of(const struct option *option)
{
	return option_is_pseudo(option) ? "-" : option->inherited == PASSES_ON ? "yes" : "no";
}

static void narrow_table(FILE *out, const struct option *const options[], unsigned width)
{
	static const char *const headings[] = {"NAME", "EXAMPLE", "INHERITED", "SUMMARY", NULL};
	struct table table;

	table_init(&table, headings);
	for (; *options; options++)
		table_row(&table, (*options)->name, example_of(*options), inherited_of(*options), (*options)->summary);
	table_print(&table, out, width);
	table_release(&table);
}

static const char *symbols_of(const struct option *option, char *text, size_t size)
{
	struct text out = {text, size, 0};

	if (option->via == VIA_LISTEN)
		return "listen()";
	if (!option->place[0].symbol)
		return "-";
	text_add(&out, "%s%s%s", option->place[0].symbol, option->place[1].symbol ? " " : "",
		 option->place[1].symbol ? option->place[1].symbol : "");
	return text;
}

static void wide_table(FILE *out, const struct option *const options[], unsigned width)
{
	static const char *const headings[] = {"NAME", "EXAMPLE", "INHERITED", "LIMIT", "SYMBOL", "SUMMARY", NULL};
	char limit[64], symbols[64];
	struct table table;

	table_init(&table, headings);
	for (; *options; options++)
		table_row(&table, (*options)->name, example_of(*options), inherited_of(*options),
			  sysctl_name((*options)->limit, limit, sizeof limit),
			  symbols_of(*options, symbols, sizeof symbols), (*options)->summary);
	table_print(&table, out, width);
	table_release(&table);
}

void option_table(FILE *out, const struct option *const options[], unsigned width)
{
	if (width && width < WIDE)
		narrow_table(out, options, width);
	else
		wide_table(out, options, width);
}
