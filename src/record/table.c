/* Aligned columns for people. */
#include "record/table.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"

/* A last column narrower than this is not wrapped but stands out. */
enum { WRAP_LEAST = 16 };

static bool whole = true;

bool tables_whole(void)
{
	return whole;
}

/* What there is stays; nothing comes behind a gap. */
void table_lose(struct table *table)
{
	table->lost = true;
	whole = false;
}

static char *cell_copy(const char *text)
{
	char *copy = strdup(text ? text : "");

	return copy ? text_harmless(copy) : NULL;
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

/* The places of one more row; NULL without memory for it. */
static char **row_room(struct table *table)
{
	size_t used = (size_t)table->rows * table->columns;
	char **wider = table->lost ? NULL : realloc(table->cell, (used + table->columns) * sizeof *wider);

	if (!wider)
		return NULL;
	table->cell = wider;
	return wider + used;
}

/* The first `count` cells of the row, the rest are NULL. */
static void row_add(struct table *table, const char *const cells[], unsigned count)
{
	char **row = row_room(table);
	bool lost = !row;

	for (unsigned i = 0; row && i < table->columns; i++) {
		row[i] = i < count ? cell_copy(cells[i]) : NULL;
		lost |= i < count && !row[i];
	}
	if (lost) {
		for (unsigned i = 0; row && i < table->columns; i++)
			free(row[i]);
		table_lose(table);
		return;
	}
	table->rows++;
}

void table_cells(struct table *table, const char *const cells[])
{
	row_add(table, cells, table->columns);
}

void table_row(struct table *table, ...)
{
	const char *cell[TABLE_COLUMNS];
	va_list cells;

	va_start(cells, table);
	for (unsigned i = 0; i < table->columns; i++)
		cell[i] = va_arg(cells, const char *);
	va_end(cells);
	table_cells(table, cell);
}

void table_tone(struct table *table, enum table_tone tone)
{
	unsigned char *wider;

	if (table->lost || (!table->tone && tone == TONE_PLAIN))
		return;
	wider = realloc(table->tone, table->rows);
	if (!wider) {
		table_lose(table);
		return;
	}
	table->tone = wider;
	for (; table->toned + 1 < table->rows; table->toned++)
		table->tone[table->toned] = TONE_PLAIN;
	table->tone[table->rows - 1] = (unsigned char)tone;
	table->toned = table->rows;
}

/* All but its first cell are NULL. */
void table_section(struct table *table, const char *title)
{
	row_add(table, &title, 1);
}

static bool row_is_section(const struct table *table, unsigned row)
{
	return table->columns > 1 && !table->cell[(size_t)row * table->columns + 1];
}

static enum table_tone row_tone(const struct table *table, unsigned row)
{
	return table->colour && row < table->toned ? (enum table_tone)table->tone[row] : TONE_PLAIN;
}

static unsigned column_width(const struct table *table, unsigned column)
{
	unsigned width = text_columns(table->heading[column]);

	for (unsigned row = 0; row < table->rows; row++) {
		unsigned n = row_is_section(table, row) ? 0 : text_columns(table->cell[row * table->columns + column]);

		width = n > width ? n : width;
	}
	return width;
}

void table_wrap(FILE *out, const char *text, size_t indent, size_t room)
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

/* SGR of ECMA-48. */
static const char *tone_start(enum table_tone tone)
{
	static const char *const starts[] = {[TONE_PLAIN] = "", [TONE_WARN] = "\033[33m", [TONE_BAD] = "\033[1;31m"};

	return starts[tone];
}

static int pad_of(unsigned width, const char *cell)
{
	unsigned n = text_columns(cell);

	return n < width ? (int)(width - n) : 0;
}

/* Of the cells that say something; behind the last no blanks are printed. */
static unsigned cells_used(const struct table *table, const char *const cells[])
{
	unsigned used = table->columns;

	while (used > 1 && !*cells[used - 1])
		used--;
	return used;
}

static void row_print(const struct table *table, const char *const cells[], const unsigned widths[],
		      enum table_tone tone, FILE *out, unsigned width)
{
	unsigned used = cells_used(table, cells);
	size_t at = 0;

	for (unsigned i = 0; i < used; i++) {
		int pad = pad_of(widths[i], cells[i]);
		bool toned = !i && tone != TONE_PLAIN;

		fprintf(out, "%*s%s", table->right[i] ? pad : 0, "", toned ? tone_start(tone) : "");
		if (i + 1 == table->columns) {
			table_wrap(out, cells[i], at, width >= at + WRAP_LEAST ? width - at : (size_t)-1);
			return;
		}
		fprintf(out, "%s%s", cells[i], toned ? "\033[0m" : "");
		if (i + 1 < used)
			fprintf(out, "%*s  ", table->right[i] ? 0 : pad, "");
		at += widths[i] + 2;
	}
	fputc('\n', out);
}

void table_widths(const struct table *table, unsigned ret_widths[TABLE_COLUMNS])
{
	for (unsigned i = 0; i < table->columns; i++)
		ret_widths[i] = table->widths_kept ? table->width[i] : column_width(table, i);
}

void table_keep_widths(struct table *table, const unsigned widths[TABLE_COLUMNS])
{
	memcpy(table->width, widths, table->columns * sizeof *widths);
	table->widths_kept = true;
}

void table_print(const struct table *table, FILE *out, unsigned width)
{
	unsigned widths[TABLE_COLUMNS];

	if (!table->columns)
		return;
	table_widths(table, widths);
	if (!table->headless)
		row_print(table, table->heading, widths, TONE_PLAIN, out, width);
	for (unsigned row = 0; row < table->rows; row++)
		if (row_is_section(table, row))
			fprintf(out, "\n%s\n", table->cell[(size_t)row * table->columns]);
		else
			row_print(table, (const char *const *)&table->cell[row * table->columns], widths,
				  row_tone(table, row), out, width);
}

void table_release(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < (size_t)table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	free(table->tone);
	memset(table, 0, sizeof *table);
}
