/* The catalogue as a table, group by group. A narrow terminal gets what everybody needs; a wide one, or a file, the
 * kernel's side too. */
#include "base/sysctl.h"
#include "cli/view/option.h"
#include "base/text.h"
#include "record/table.h"

enum { WIDE = 120 };

static const char *example_of(const struct option *option)
{
	return option->example ? option->example : "on";
}

static const char *inherited_of(const struct option *option)
{
	return !option_is_of_listeners(option) ? "-" : option->inherited == PASSES_ON ? "yes" : "no";
}

static void narrow_row(struct table *table, const struct option *option)
{
	table_row(table, option->name, option->summary);
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

static void wide_row(struct table *table, const struct option *option)
{
	char limit[64], symbols[64];

	table_row(table, option->name, example_of(option), option_protocols_text(option), inherited_of(option),
		  sysctl_name(option->limit, limit, sizeof limit), symbols_of(option, symbols, sizeof symbols),
		  option->summary);
}

/* Where nobody is at a terminal it is one line for each option: for other programs. */
static void group_put(struct table *table, const struct option *const options[], enum group group, bool titled,
		      void (*row)(struct table *, const struct option *))
{
	bool first = true;

	for (; *options; options++) {
		if (option_group(*options) != group)
			continue;
		if (first && titled)
			table_section(table, group_titles[group]);
		first = false;
		row(table, *options);
	}
}

void option_table(FILE *out, const struct option *const options[], unsigned width)
{
	static const char *const narrow[] = {"NAME", "SUMMARY", NULL};
	static const char *const wide[] = {"NAME",  "EXAMPLE", "PROTOCOL", "INHERITED",
					   "LIMIT", "SYMBOL",  "SUMMARY",  NULL};
	bool is_narrow = width && width < WIDE;
	struct table table;

	table_init(&table, is_narrow ? narrow : wide);
	for (enum group group = 0; group < GROUP_COUNT; group++)
		group_put(&table, options, group, width, is_narrow ? narrow_row : wide_row);
	table_print(&table, out, width);
	table_release(&table);
}
