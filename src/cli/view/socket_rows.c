/* Rows are ranked when they come, sorted when they are printed. */
#include "cli/view/socket_row.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "base/text.h"
#include "cli/view/socket.h"
#include "cli/view/socket_note.h"

enum {
	CELL = 2048,
	LINE = TABLE_COLUMNS * CELL,
	ADDRESS_LEAST = 21,
	OWNER_LEAST = 20,
	OWNER_MOST = 32,
	OWNER_PIDS = 3
};
_Static_assert(NOTE_COUNT <= 32, "socket_rows.notes has 32 places");

static void row_free(struct socket_row *row)
{
	free(row->text);
	free(row->group.address);
	free(row->cells);
}

/* --- order -------------------------------------------------------------------------------------------------------- */

static int texts_compare(const struct socket_row *a, const struct socket_row *b)
{
	int order = a->text && b->text ? strcmp(a->text, b->text) : 0;

	return a->descending ? -order : order;
}

static int rows_compare(const void *left, const void *right)
{
	const struct socket_row *a = left, *b = right;
	int order = socket_numbers_compare(a->rank, b->rank);

	order = order ? order : socket_numbers_compare(a->amount, b->amount);
	order = order ? order : texts_compare(a, b);
	return order ? order : socket_numbers_compare((double)a->sequence, (double)b->sequence);
}

/* false: no memory. */
static bool row_rank(const struct socket_rows *rows, const struct socket_fact *socket, struct socket_row *row)
{
	struct socket_note note;
	char text[CELL];
	double number;

	socket_note(socket, &note);
	row->note = note.kind;
	row->descending = rows->descending;
	if (rows->sort < 0) {
		row->rank = -(double)note.kind;
		row->amount = -note.amount;
	} else if (socket_column_is_number((unsigned)rows->sort) ||
		   socket_column_number((unsigned)rows->sort, socket, &number)) {
		bool known = socket_column_number((unsigned)rows->sort, socket, &number);

		row->rank = !known ? INFINITY : rows->descending ? -number : number;
	} else {
		socket_column_text((unsigned)rows->sort, socket, text, sizeof text);
		row->rank = !strcmp(text, "-") || !strcmp(text, "?") ? INFINITY : 0;
		row->text = strdup(text);
		return row->text;
	}
	return true;
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

static const char *cell_of(const struct socket_row *row, unsigned index)
{
	const char *cell = row->cells;

	while (index--)
		cell += strlen(cell) + 1;
	return cell;
}

static void widths_measure(const struct socket_rows *rows, struct fit_column column[])
{
	char heading[64];

	for (unsigned i = 0; i < rows->layout.count; i++) {
		unsigned id = rows->layout.column[i];

		socket_column_heading(id, heading, sizeof heading);
		column[i] = (struct fit_column){
			.widest = text_columns(heading), .yields = rows->layout.yields[i], .empty = rows->count > 0};
	}
	for (unsigned r = 0; r < rows->count; r++) {
		const char *cell = rows->row[r].cells;

		for (unsigned i = 0; i < rows->layout.count; i++, cell += strlen(cell) + 1) {
			unsigned n = text_columns(cell);

			column[i].widest = n > column[i].widest ? n : column[i].widest;
			column[i].empty = column[i].empty && !strcmp(cell, "-");
		}
	}
}

/* What the line of a group's sum adds to its address: " x4". */
static unsigned sum_width(const struct socket_rows *rows)
{
	unsigned longest = 1;

	for (unsigned i = 0, n; rows->grouped && i < rows->count; i += n) {
		n = socket_group_length(rows, i);
		longest = n > longest ? n : longest;
	}
	return longest > 1 ? (unsigned)snprintf(NULL, 0, " x%u", longest) : 0;
}

/* An owner's list is wrapped below itself, so that it needs room for one name only. */
static void leasts_set(const struct socket_rows *rows, struct fit_column column[])
{
	for (unsigned i = 0; i < rows->layout.count; i++) {
		unsigned id = rows->layout.column[i];

		column[i].widest += id == COLUMN_LOCAL ? sum_width(rows) : 0;
		column[i].least = column[i].widest;
		if ((id == COLUMN_LOCAL || id == COLUMN_PEER) && column[i].widest > ADDRESS_LEAST)
			column[i].least = ADDRESS_LEAST;
		if (id == COLUMN_OWNER && i + 1 == rows->layout.count && column[i].widest > OWNER_MOST)
			column[i].widest = OWNER_MOST;
		if (id == COLUMN_OWNER && i + 1 == rows->layout.count && column[i].least > OWNER_LEAST)
			column[i].least = OWNER_LEAST;
	}
}

static void fit(const struct socket_rows *rows, struct fit_column column[])
{
	widths_measure(rows, column);
	leasts_set(rows, column);
	fit_columns(column, rows->layout.count, rows->layout.chosen ? 0 : rows->width);
}

static void table_head(const struct socket_rows *rows, const struct fit_column column[], struct table *table,
		       char headings[][64])
{
	const char *heading[TABLE_COLUMNS + 1];
	unsigned count = 0;

	for (unsigned i = 0; i < rows->layout.count; i++) {
		unsigned id = rows->layout.column[i];

		if (!column[i].stays)
			continue;
		*headings[i] = '>';
		socket_column_heading(id, headings[i] + 1, sizeof headings[i] - 1);
		heading[count++] = headings[i] + !socket_column_is_number(id);
	}
	heading[count] = NULL;
	table_init(table, heading);
	table->headless = rows->headless || rows->blocks > 1;
	table->colour = rows->colour;
}

static bool may_shorten(const struct socket_rows *rows, unsigned index)
{
	unsigned id = rows->layout.column[index];

	return rows->width && (id == COLUMN_LOCAL || id == COLUMN_PEER);
}

static void row_put(const struct socket_rows *rows, const struct fit_column column[], const struct socket_row *row,
		    struct table *table)
{
	const char *cells[TABLE_COLUMNS];
	char shortened[2][CELL];
	unsigned count = 0, cut = 0;

	for (unsigned i = 0; i < rows->layout.count; i++) {
		const char *cell = cell_of(row, i);

		if (!column[i].stays)
			continue;
		if (cut < 2 && may_shorten(rows, i)) {
			snprintf(shortened[cut], CELL, "%s", cell);
			cell = fit_text(shortened[cut++], column[i].most);
		}
		cells[count++] = cell;
	}
	table_cells(table, cells);
	table_tone(table, rows->layout.column[0] == COLUMN_NOTE ? note_rows[row->note].tone : TONE_PLAIN);
}

/* --- sums --------------------------------------------------------------------------------------------------------- */

static void sum_cell(unsigned column, const struct socket_row *row, unsigned count, const char *own, char *text)
{
	uint64_t sum = 0;
	bool known = false;

	for (unsigned i = 0; i < count; i++) {
		bool has = column == COLUMN_DROPS ? row[i].group.has_drops : row[i].group.has_queue;

		sum += !has                   ? 0 :
		       column == COLUMN_QUEUE ? row[i].group.queue :
		       column == COLUMN_LIMIT ? row[i].group.limit :
						row[i].group.drops;
		known |= has;
	}
	if (column == COLUMN_QUEUE || column == COLUMN_LIMIT || column == COLUMN_DROPS)
		snprintf(text, CELL, known ? "%llu" : "-", (unsigned long long)sum);
	else if (column == COLUMN_LOCAL)
		snprintf(text, CELL, "%s x%u", own, count);
	else
		snprintf(text, CELL, "%s", column == COLUMN_PROTO ? own : "");
}

/* One line for all of them, above theirs. */
static void sum_put(const struct socket_rows *rows, const struct fit_column column[], const struct socket_row *row,
		    unsigned count, struct table *table)
{
	struct socket_note note;
	struct socket_row sum = {0};
	char cells[LINE], cell[CELL];
	size_t used = 0;

	socket_group_note(row, count, rows->queue, &note);
	for (unsigned i = 0; i < rows->layout.count; i++) {
		unsigned id = rows->layout.column[i];

		sum_cell(id, row, count, cell_of(row, i), cell);
		if (id == COLUMN_NOTE)
			snprintf(cell, sizeof cell, "%s", note.text);
		used += (size_t)snprintf(cells + used, sizeof cells - used, "%s", cell) + 1;
		if (used >= sizeof cells)
			return;
	}
	sum.cells = cells;
	sum.note = note.kind;
	row_put(rows, column, &sum, table);
}

/* --- blocks ------------------------------------------------------------------------------------------------------- */

static void block_print(struct socket_rows *rows)
{
	struct fit_column *column = rows->fit;
	char headings[TABLE_COLUMNS][64];
	struct table table;

	if (rows->grouped)
		socket_groups_sort(rows);
	else if (rows->count)
		qsort(rows->row, rows->count, sizeof *rows->row, rows_compare);
	if (!rows->blocks++)
		fit(rows, column);
	table_head(rows, column, &table, headings);
	for (unsigned i = 0, n; i < rows->count; i += n) {
		n = rows->grouped ? socket_group_length(rows, i) : 1;
		if (n > 1)
			sum_put(rows, column, &rows->row[i], n, &table);
		for (unsigned j = 0; j < n; j++)
			row_put(rows, column, &rows->row[i + j], &table);
	}
	if (rows->lost)
		table_lose(&table);
	if (rows->blocks > 1)
		table_keep_widths(&table, rows->widths);
	else
		table_widths(&table, rows->widths);
	table_print(&table, rows->out, rows->width);
	rows->lost |= table.lost;
	table_release(&table);
}

static void rows_cut(struct socket_rows *rows, unsigned most)
{
	if (rows->count)
		qsort(rows->row, rows->count, sizeof *rows->row, rows_compare);
	for (; rows->count > most; rows->count--) {
		row_free(&rows->row[rows->count - 1]);
		rows->left_off++;
	}
}

static unsigned rows_most(const struct socket_rows *rows)
{
	return rows->top && rows->top < ROWS_AT_ONCE ? rows->top : ROWS_AT_ONCE;
}

/* On a terminal an owner has a few pids; into a pipe, and with -o, all of them. */
static void cell_make(const struct socket_rows *rows, unsigned column, const struct socket_fact *socket, char *cell)
{
	if (column == COLUMN_OWNER && rows->width && !rows->layout.chosen)
		socket_owners_text(socket, OWNER_PIDS, cell, CELL);
	else
		socket_column_text(column, socket, cell, CELL);
	text_harmless(cell); /* widths are measured of what is printed */
}

static bool cells_make(const struct socket_rows *rows, const struct socket_fact *socket, struct socket_row *row)
{
	char line[LINE];
	size_t used = 0;

	for (unsigned i = 0; i < rows->layout.count; i++) {
		cell_make(rows, rows->layout.column[i], socket, line + used);
		used += strlen(line + used) + 1;
	}
	row->cells = malloc(used);
	if (row->cells)
		memcpy(row->cells, line, used);
	return row->cells;
}

static void rows_make_room(struct socket_rows *rows)
{
	if (rows->best_only && rows->count >= 2 * rows_most(rows))
		rows_cut(rows, rows_most(rows));
	if (rows->best_only || rows->count < ROWS_AT_ONCE)
		return;
	rows->grouped = false; /* the rest of a group may be still to come */
	block_print(rows);
	while (rows->count)
		row_free(&rows->row[--rows->count]);
}

/* Once it is known what the last of those that are kept is like, most of the rest needs no text. */
static bool row_is_past(const struct socket_rows *rows, const struct socket_row *row)
{
	unsigned most = rows_most(rows);

	return rows->best_only && rows->left_off && rows->count >= most && rows_compare(row, &rows->row[most - 1]) > 0;
}

static bool rows_allocate(struct socket_rows *rows)
{
	if (!rows->row)
		rows->row = calloc(2 * ROWS_AT_ONCE, sizeof *rows->row);
	if (!rows->queue)
		rows->queue = calloc(2 * ROWS_AT_ONCE, sizeof *rows->queue);
	return rows->row && rows->queue;
}

void socket_rows_add(struct socket_rows *rows, const struct socket_fact *socket)
{
	struct socket_row row = {.sequence = rows->seen++};

	rows->lost = rows->lost || !rows_allocate(rows);
	if (rows->lost)
		return;
	rows_make_room(rows);
	rows->lost = !row_rank(rows, socket, &row);
	rows->notes[row.note]++;
	if (!rows->lost && row_is_past(rows, &row)) {
		row_free(&row);
		rows->left_off++;
		return;
	}
	rows->lost = rows->lost || (rows->grouped && !socket_row_group(socket, &row)) ||
		     !cells_make(rows, socket, &row);
	if (rows->lost)
		row_free(&row);
	else
		rows->row[rows->count++] = row;
}

void socket_rows_end(struct socket_rows *rows)
{
	if (rows->best_only)
		rows_cut(rows, rows_most(rows));
	if (rows->count || rows->lost || !rows->blocks)
		block_print(rows);
}

void socket_rows_missing(const struct socket_rows *rows, char *text, size_t size)
{
	struct text out = {text, size, 0};
	char heading[64];

	*text = 0;
	for (unsigned i = 0; i < rows->layout.count; i++) {
		if (!rows->layout.asked[i] || rows->fit[i].stays || rows->fit[i].empty)
			continue;
		socket_column_heading(rows->layout.column[i], heading, sizeof heading);
		text_add(&out, "%s%s", out.length ? ", " : "", heading);
	}
}

void socket_rows_release(struct socket_rows *rows)
{
	while (rows->count)
		row_free(&rows->row[--rows->count]);
	free(rows->row);
	free(rows->queue);
	rows->row = NULL;
	rows->queue = NULL;
}
