/* What can be shown of a socket by name: every column has its own name, heading and texts. */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/view/socket.h"
#include "cli/view/socket_column.h"
#include "cli/view/socket_fit.h"
#include "cli/view/socket_rows.h"
#include "socket_sample.h"

/* Each name finds its own column, and its column says something of every kind of socket. */
static void every_column_has_a_name_and_a_text(void **state)
{
	struct socket_fact sockets[] = {connection("127.0.0.1", 1, "127.0.0.1", 2),
					connection("::1", 1, "::1", 2),
					listener(80, 1, 2),
					{.family = AF_UNIX}};
	char text[2048], heading[64];
	double number;

	(void)state;
	sockets[1].protocol = IPPROTO_UDP;
	for (unsigned column = 0; column < socket_column_count(); column++) {
		const char *name = socket_column_name(column);

		/* cc is told by sock_diag, and an option besides */
		assert_string_equal(socket_column_name((unsigned)socket_column_find(name, strlen(name))), name);
		socket_column_heading(column, heading, sizeof heading);
		assert_true(*heading && *socket_column_help(column));
		for (unsigned i = 0; i < sizeof sockets / sizeof *sockets; i++) {
			*text = 0;
			socket_column_text(column, &sockets[i], text, sizeof text);
			socket_column_number(column, &sockets[i], &number);
			if (!*text)
				fail_msg("%s has no text", name);
		}
	}
}

static void a_wrong_column_is_named(void **state)
{
	struct socket_layout layout;
	const char *wrong;
	size_t length;

	(void)state;
	assert_int_equal(socket_layout_parse(&layout, "local,rttt,peer", &wrong, &length), -ENOENT);
	assert_int_equal(length, 4);
	assert_memory_equal(wrong, "rttt", 4);
	assert_string_equal(socket_column_nearest(wrong, length), "rtt_us");
	assert_int_equal(socket_layout_parse(&layout, "", &wrong, &length), -ENOENT);
	assert_int_equal(socket_layout_parse(&layout, "local,,peer", &wrong, &length), -ENOENT);
}

/* The option cc cannot be asked for: sock_diag tells of it under the same name. */
static bool column_is_reached(unsigned column)
{
	const char *name = socket_column_name(column);

	return socket_column_find(name, strlen(name)) == (int)column;
}

static void no_two_columns_have_one_heading(void **state)
{
	char one[64], other[64];

	(void)state;
	for (unsigned i = 0; i < socket_column_count(); i++)
		for (unsigned j = 0; j < i; j++) {
			socket_column_heading(i, one, sizeof one);
			socket_column_heading(j, other, sizeof other);
			if (!strcmp(one, other) && column_is_reached(i) && column_is_reached(j))
				fail_msg("%s and %s are both headed %s", socket_column_name(i), socket_column_name(j),
					 one);
		}
}

static void headings_leave_out_what_is_no_doubt(void **state)
{
	static const struct {
		const char *name, *heading;
	} cases[] = {{"rtt_us", "RTT"},
		     {"bytes_sent", "SENT"},
		     {"rcvbuf", "RCVBUF"},
		     {"rcvbuf_bytes", "RCVBUF_BYTES"},
		     {"wmem_queued_bytes", "WMEM_QUEUED"},
		     {"cgroup", "CGROUP"}};
	char heading[64];

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		int column = socket_column_find(cases[i].name, strlen(cases[i].name));

		assert_true(column >= 0);
		socket_column_heading((unsigned)column, heading, sizeof heading);
		assert_string_equal(heading, cases[i].heading);
	}
}

static void a_column_that_is_sorted_by_is_shown_before_the_owners(void **state)
{
	struct socket_layout layout;

	(void)state;
	socket_layout_usual(&layout, LAYOUT_CONNECTIONS, MORE_OWNERS);
	for (unsigned twice = 0; twice < 2; twice++)
		socket_layout_add(&layout, COLUMN_RCVBUF_BYTES);
	assert_int_equal(layout.column[layout.count - 1], COLUMN_OWNER);
	assert_int_equal(layout.column[layout.count - 2], COLUMN_RCVBUF_BYTES);
	assert_int_not_equal(layout.column[layout.count - 3], COLUMN_RCVBUF_BYTES);
	assert_int_equal(layout.yields[layout.count - 2], 0);
	socket_layout_usual(&layout, LAYOUT_LISTENERS, 0);
	socket_layout_add(&layout, COLUMN_RCVBUF_BYTES);
	assert_int_equal(layout.column[layout.count - 1], COLUMN_RCVBUF_BYTES);
}

static char *memory_page(unsigned width, char missing[], size_t size)
{
	struct socket_rows rows = {.width = width, .sort = -1};
	struct socket_fact socket = connection("127.0.0.1", 1, "127.0.0.1", 2);
	char *page;
	size_t length;

	socket.skmem_count = SOCKET_SKMEM;
	socket_layout_usual(&rows.layout, LAYOUT_CONNECTIONS, MORE_MEMORY);
	rows.out = open_memstream(&page, &length);
	assert_non_null(rows.out);
	socket_rows_add(&rows, &socket);
	socket_rows_end(&rows);
	socket_rows_missing(&rows, missing, size);
	socket_rows_release(&rows);
	fclose(rows.out);
	return page;
}

static void what_was_asked_for_is_left_out_last_and_told(void **state)
{
	char missing[100], *page = memory_page(80, missing, sizeof missing);

	(void)state;
	assert_non_null(strstr(page, " RCVBUF_BYTES  SNDBUF_BYTES  DROPS"));
	assert_null(strstr(page, "RECV-Q"));
	assert_string_equal(missing, "RMEM_ALLOC, WMEM_QUEUED");
	free(page);
	page = memory_page(200, missing, sizeof missing);
	assert_non_null(strstr(page, "RECV-Q"));
	assert_string_equal(missing, "");
	free(page);
}

static void middles_are_shortened_by_characters(void **state)
{
	char path[] = "/run/\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f/service/socket.sock", shorter[] = "[::1]:443";

	(void)state;
	assert_string_equal(fit_text(path, 16), "/run/\xc3\xa4\xc3\xb6~ket.sock");
	assert_string_equal(fit_text(shorter, 24), "[::1]:443");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_column_has_a_name_and_a_text),
		cmocka_unit_test(no_two_columns_have_one_heading),
		cmocka_unit_test(headings_leave_out_what_is_no_doubt),
		cmocka_unit_test(a_column_that_is_sorted_by_is_shown_before_the_owners),
		cmocka_unit_test(what_was_asked_for_is_left_out_last_and_told),
		cmocka_unit_test(a_wrong_column_is_named),
		cmocka_unit_test(middles_are_shortened_by_characters),
	};

	return cmocka_run_group_tests_name("view_column", tests, NULL, NULL);
}
