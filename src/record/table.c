/* Aligned columns for people. */
#include "record/table.h"
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"

static void *table_memory(void *p)
{
	if (!p)
		abort(); /* a table of a few kilobytes: nothing sensible can follow */
	return p;
}

static char *cell_copy(const char *text)
{
	return text_harmless(table_memory(strdup(text ? text : "")));
}

void table_init(struct table *table, const char *const headings[])
{
	memset(table, 0, sizeof *table);
	for (; headings[table->columns] && table->columns < TABLE_COLUMNS; table->columns++) {
		const char *heading = headings[table->columns];

		table->right[table->columns] = *heading == '>';
		table->heading[table->columns] = heading + (*heading == '>');
	}
}

void table_row(struct table *table, ...)
{
	size_t used = (size_t)table->rows * table->columns;
	va_list cells;

	table->cell = table_memory(realloc(table->cell, (used + table->columns) * sizeof *table->cell));
	va_start(cells, table);
	for (unsigned i = 0; i < table->columns; i++)
		table->cell[used + i] = cell_copy(va_arg(cells, const char *));
	va_end(cells);
	table->rows++;
}

/* All but its first cell are NULL. */
void table_section(struct table *table, const char *title)
{
	size_t used = (size_t)table->rows * table->columns;

	table->cell = table_memory(realloc(table->cell, (used + table->columns) * sizeof *table->cell));
	table->cell[used] = cell_copy(title);
	for (unsigned i = 1; i < table->columns; i++)
		table->cell[used + i] = NULL;
	table->rows++;
}

static bool row_is_section(const struct table *table, unsigned row)
{
	return table->columns > 1 && !table->cell[(size_t)row * table->columns + 1];
}

/* Columns a text takes on a terminal: UTF-8 continuation bytes take none. */
static size_t text_columns(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static size_t column_width(const struct table *table, unsigned column)
{
	size_t width = text_columns(table->heading[column]);

	for (unsigned row = 0; row < table->rows; row++) {
		size_t n = row_is_section(table, row) ? 0 : text_columns(table->cell[row * table->columns + column]);

		width = n > width ? n : width;
	}
	return width;
}

/* Breaks at spaces; a word that is longer than the room stands out. */
static void wrapped_print(FILE *out, const char *text, size_t indent, size_t room)
{
	while (*text) {
		size_t n = strlen(text), cut = n;

		if (n > room) {
			for (cut = room; cut && text[cut] != ' '; cut--)
				;
			if (!cut)
				cut = strcspn(text, " ");
		}
		fprintf(out, "%.*s\n", (int)cut, text);
		text += cut;
		text += strspn(text, " ");
		if (*text)
			fprintf(out, "%*s", (int)indent, "");
	}
}

static void row_print(const struct table *table, const char *const cells[], const size_t widths[], FILE *out,
		      unsigned width)
{
	size_t at = 0;

	for (unsigned i = 0; i + 1 < table->columns; i++) {
		int pad = (int)(widths[i] - text_columns(cells[i]));

		fprintf(out, "%*s%s%*s  ", table->right[i] ? pad : 0, "", cells[i], table->right[i] ? 0 : pad, "");
		at += widths[i] + 2;
	}
	if (table->right[table->columns - 1])
		fprintf(out, "%*s", (int)(widths[table->columns - 1] - text_columns(cells[table->columns - 1])), "");
	if (!*cells[table->columns - 1])
		fputc('\n', out);
	else
		wrapped_print(out, cells[table->columns - 1], at, width > at + 20 ? width - at : (size_t)-1);
}

void table_print(const struct table *table, FILE *out, unsigned width)
{
	size_t widths[TABLE_COLUMNS];

	if (!table->columns)
		return;
	for (unsigned i = 0; i < table->columns; i++)
		widths[i] = column_width(table, i);
	row_print(table, table->heading, widths, out, width);
	for (unsigned row = 0; row < table->rows; row++)
		if (row_is_section(table, row))
			fprintf(out, "\n%s\n", table->cell[(size_t)row * table->columns]);
		else
			row_print(table, (const char *const *)&table->cell[row * table->columns], widths, out, width);
}

void table_release(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < (size_t)table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	memset(table, 0, sizeof *table);
}
