/* Aligned columns for people. Rows are kept until table_print, so that widths fit; cells that leave the terminal's
 * width are wrapped in the last column. Control characters of foreign text are escaped. */
#ifndef RECORD_TABLE_H
#define RECORD_TABLE_H
#include <stdio.h>

enum { TABLE_COLUMNS = 16 };
struct table {
	unsigned columns, rows;
	const char *heading[TABLE_COLUMNS];
	char right[TABLE_COLUMNS];   /* 1: numbers, aligned right */
	char **cell;                 /* rows x columns, owned */
};

/* headings end with NULL; a heading that starts with '>' is aligned right. */
void table_init(struct table *, const char *const headings[]);
/* A line of its own across all columns, after an empty one; copied. */
void table_section(struct table *, const char *title);
void table_row(struct table *, ...);                     /* one const char * per column; copied; NULL is "" */
void table_print(const struct table *, FILE *out, unsigned width);   /* width 0: never wrap */
void table_release(struct table *);
#endif
