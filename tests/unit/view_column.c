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
		cmocka_unit_test(a_wrong_column_is_named),
		cmocka_unit_test(middles_are_shortened_by_characters),
	};

	return cmocka_run_group_tests_name("view_column", tests, NULL, NULL);
}
