/* Aligned columns for people. Rows are kept until table_print, so that widths fit; cells that leave the terminal's
 * width are wrapped in the last column. Control characters of foreign text are escaped. */
#ifndef RECORD_TABLE_H
#define RECORD_TABLE_H
#include <stdbool.h>
#include <stdio.h>

enum { TABLE_COLUMNS = 40 };
/* How a row is marked on a terminal with colours: its first cell bears it. Never the only carrier of a meaning. */
enum table_tone { TONE_PLAIN, TONE_WARN, TONE_BAD };
struct table {
	unsigned columns, rows;
	bool headless;               /* no line of headings */
	bool colour;                 /* tones are shown */
	bool lost;                   /* for want of memory: what was added since is not in it */
	const char *heading[TABLE_COLUMNS];
	char right[TABLE_COLUMNS];   /* 1: numbers, aligned right */
	bool widths_kept;            /* `width` holds: a longer cell stands out */
	unsigned width[TABLE_COLUMNS];
	char **cell;                 /* rows x columns, owned */
	unsigned char *tone;         /* enum table_tone of the first `toned` rows, owned; the others are plain */
	unsigned toned;
};

/* headings end with NULL; a heading that starts with '>' is aligned right. */
void table_init(struct table *, const char *const headings[]);
/* A line of its own across all columns, after an empty one; copied. */
void table_section(struct table *, const char *title);
void table_row(struct table *, ...);                     /* one const char * per column; copied; NULL is "" */
void table_cells(struct table *, const char *const cells[]);
/* Marks the last row. */
void table_tone(struct table *, enum table_tone);
void table_print(const struct table *, FILE *out, unsigned width);   /* width 0: never wrap */
/* A text and its newline; broken at spaces, and a word that is longer than the room stands out. */
void table_wrap(FILE *, const char *text, size_t indent, size_t room);
void table_widths(const struct table *, unsigned ret_widths[TABLE_COLUMNS]);
/* For a table of the same columns that goes on below one with these widths. */
void table_keep_widths(struct table *, const unsigned widths[TABLE_COLUMNS]);
void table_release(struct table *);
/* Something of it could not be kept. */
void table_lose(struct table *);
/* No table of this process has lost anything: else it is not all there that was printed, which is for main to say. */
bool tables_whole(void);
#endif
