/* Pages where memory is short: each call for it fails in turn, with all that follow. What is printed then is the beginning of the
 * whole, and it is known that it is not all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/view/socket_rows.h"
#include "record/table.h"
#include "socket_sample.h"

void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
char *__wrap_strdup(const char *);
void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
char *__real_strdup(const char *);

static long left = -1; /* calls that succeed; -1: all */

static bool noticed; /* by the page, that something is missing */

static bool is_granted(void)
{
	if (left > 0)
		left--;
	return left != 0;
}

void *__wrap_malloc(size_t size)
{
	return is_granted() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_granted() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	return is_granted() ? __real_realloc(p, size) : NULL;
}

char *__wrap_strdup(const char *text)
{
	return is_granted() ? __real_strdup(text) : NULL;
}

static void table_page(FILE *out)
{
	struct table table;

	table_init(&table, (const char *const[]){"WHAT", "WHERE", NULL});
	table.colour = true; /* so that a tone that is missing is seen */
	for (unsigned i = 0; i < 5; i++) {
		table_section(&table, "a section");
		table_row(&table, "first", "here");
		table_tone(&table, TONE_BAD);
	}
	table_print(&table, out, 0);
	noticed = table.lost;
	table_release(&table);
}

/* Two that share an address, and one more; sorted by a text, or in groups. */
static void sockets_page(FILE *out, bool grouped)
{
	struct socket_rows rows = {.sort = grouped ? -1 : COLUMN_STATE, .grouped = grouped, .out = out};

	socket_layout_usual(&rows.layout, LAYOUT_LISTENERS, MORE_DETAILS);
	for (unsigned i = 0; i < 3; i++) {
		struct socket_fact socket = listener((uint16_t)(80 + i / 2), i, 5);

		socket_rows_add(&rows, &socket);
	}
	socket_rows_end(&rows);
	noticed = rows.lost;
	socket_rows_release(&rows);
}

static void sorted_page(FILE *out)
{
	sockets_page(out, false);
}

static void grouped_page(FILE *out)
{
	sockets_page(out, true);
}

/* The page as it is where `granted` calls succeed; the caller's to free. */
static char *page_of(void (*print)(FILE *), long granted)
{
	char *page;
	size_t size;
	FILE *out = open_memstream(&page, &size);

	assert_non_null(out);
	left = granted;
	print(out);
	left = -1;
	fclose(out);
	return page;
}

/* Lines of different widths are no longer equal: only their number is compared. */
static unsigned lines_of(const char *page)
{
	unsigned lines = 0;

	for (; *page; page++)
		lines += *page == '\n';
	return lines;
}

static void beginning_is_printed(void (*print)(FILE *))
{
	char *all = page_of(print, -1);
	unsigned before = 0, most = lines_of(all);
	long granted = 0;

	for (;; granted++) {
		char *page = page_of(print, granted);
		bool whole = !strcmp(page, all);
		unsigned lines = lines_of(page);

		free(page);
		assert_true(lines <= most && lines >= before);
		assert_int_equal(noticed, !whole);
		before = lines;
		if (whole)
			break;
		assert_false(tables_whole());
	}
	assert_true(granted > 5 && before == most);
	free(all);
}

static void tables(void **state)
{
	(void)state;
	assert_true(tables_whole());
	beginning_is_printed(table_page);
}

static void sockets_by_a_text(void **state)
{
	(void)state;
	beginning_is_printed(sorted_page);
}

static void sockets_in_groups(void **state)
{
	(void)state;
	beginning_is_printed(grouped_page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables), /* the first: nothing has been lost yet */
		cmocka_unit_test(sockets_by_a_text),
		cmocka_unit_test(sockets_in_groups),
	};

	return cmocka_run_group_tests_name("scarce", tests, NULL, NULL);
}
