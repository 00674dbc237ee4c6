/* Lists of sockets as people see them: at 80 and at 200 columns, sorted, grouped, with names of strangers in them. */
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/view/socket.h"
#include "cli/view/socket_note.h"
#include "cli/view/socket_rows.h"
#include "socket_sample.h"

static struct socket_rows rows_of(enum layout_kind kind, unsigned more, unsigned width)
{
	struct socket_rows rows = {.width = width, .sort = -1};

	socket_layout_usual(&rows.layout, kind, more);
	return rows;
}

static char *page;
static size_t page_size;

static void rows_open(struct socket_rows *rows)
{
	rows->out = open_memstream(&page, &page_size);
	assert_non_null(rows->out);
}

static void rows_close(struct socket_rows *rows)
{
	socket_rows_end(rows);
	socket_rows_release(rows);
	fclose(rows->out);
}

static void page_is(const char *text)
{
	assert_string_equal(page, text);
	free(page);
}

/* Every line fits; a line's columns are its characters here. */
static void page_fits(unsigned width)
{
	for (const char *line = page; *line; line += strcspn(line, "\n") + 1) {
		unsigned columns = 0;

		for (const char *c = line; *c && *c != '\n'; c++)
			columns += (*c & 0xc0) != 0x80;
		if (columns > width)
			fail_msg("%u columns in:\n%s", columns, page);
	}
}

/* --- connections -------------------------------------------------------------------------------------------------- */

static void add_three(struct socket_rows *rows)
{
	static const struct owner_fact owner = {.pid = 4711, .command = "re\033[2Jdis\x9b"};
	struct socket_fact calm = connection("192.168.100.200", 65535, "192.168.100.201", 50000);
	struct socket_fact unread = connection("2001:db8:1234:5678:9abc:def0:1234:5678", 443,
					       "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", 54321);
	struct socket_fact silent = calm;

	unread.rqueue_bytes = 70000;
	unread.owners = &owner;
	unread.owners_count = 1;
	unread.tcp.rtt_us = 42000;
	unread.tcp.have = 1 << TCP_FACT_rtt_us;
	silent.timer = 1;
	silent.retransmits = 3;
	silent.inode = 0;
	socket_rows_add(rows, &calm);
	socket_rows_add(rows, &unread);
	socket_rows_add(rows, &silent);
}

static void connections_at_200_columns(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, MORE_OWNERS, 200);

	(void)state;
	rows_open(&rows);
	add_three(&rows);
	rows_close(&rows);
	page_fits(200);
	page_is("NOTE          PROTO  STATE  LOCAL                                         PEER                                            "
		"RECV-Q  SEND-Q   RTT  CC     OWNER\n"
		"no answer x3  tcp    estab  192.168.100.200:65535                         192.168.100.201:50000                           "
		"     0       0     -  cubic  (not accepted)\n"
		"unread 68.4K  tcp    estab  [2001:db8:1234:5678:9abc:def0:1234:5678]:443  [2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:54321  "
		" 68.4K       0  42ms  cubic  re?[2Jdis?[4711]\n"
		"-             tcp    estab  192.168.100.200:65535                         192.168.100.201:50000                           "
		"     0       0     -  cubic  -\n");
}

static void connections_at_80_columns(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, MORE_OWNERS, 80);

	(void)state;
	rows_open(&rows);
	add_three(&rows);
	rows_close(&rows);
	page_fits(80);
	assert_non_null(strstr(page, "no answer x3"));
	assert_non_null(strstr(page, "~"));
	assert_non_null(strstr(page, ":5678]:443"));
	assert_non_null(strstr(page, "re?[2Jdis"));
	assert_null(strstr(page, "RTT"));
	free(page);
}

/* However much is asked for: it fits, and what tells sockets apart stays. */
static void everything_at_100_columns(void **state)
{
	static const char *const words[] = {"STATE", "LOCAL", "PEER", "PROTO", "OWNER"};
	const unsigned more = MORE_NETNS | MORE_OWNERS | MORE_DETAILS | MORE_INTERNALS | MORE_MEMORY | MORE_PROTOCOLS;

	(void)state;
	for (enum layout_kind kind = LAYOUT_CONNECTIONS; kind <= LAYOUT_MIXED; kind++) {
		struct socket_rows rows = rows_of(kind, more, 100);

		rows_open(&rows);
		add_three(&rows);
		rows_close(&rows);
		page_fits(100);
		for (size_t i = 0; i < sizeof words / sizeof *words; i++)
			assert_non_null(strstr(page, words[i]));
		free(page);
	}
}

/* Nothing is lost on the way into a pipe, nor of what was asked for by name. */
static void a_pipe_gets_everything(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, 0, 0);
	const char *wrong;
	size_t length;

	(void)state;
	for (int chosen = 0; chosen < 2; chosen++) {
		rows_open(&rows);
		add_three(&rows);
		rows_close(&rows);
		assert_non_null(strstr(page, "[2001:db8:1234:5678:9abc:def0:1234:5678]:443"));
		assert_null(strchr(page, '~'));
		free(page);
		rows = rows_of(LAYOUT_CONNECTIONS, 0, 80);
		assert_int_equal(socket_layout_parse(&rows.layout, "local,peer,rtt,owner,cc", &wrong, &length), 0);
	}
}

/* Workers by the dozen: on a terminal a few stand for all, elsewhere none is left out. */
static void all_owners_into_a_pipe(void **state)
{
	struct owner_fact owners[60];
	const char *wrong;
	size_t length;

	(void)state;
	for (int i = 0; i < 60; i++)
		owners[i] = (struct owner_fact){.pid = 1000 + i, .command = "worker"};
	for (int where = 0; where < 3; where++) {
		struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, MORE_OWNERS, where == 1 ? 0 : 200);
		struct socket_fact socket = connection("127.0.0.1", 80, "127.0.0.1", 1000);

		if (where == 2)
			assert_int_equal(socket_layout_parse(&rows.layout, "owner", &wrong, &length), 0);
		socket.owners = owners;
		socket.owners_count = 60;
		rows_open(&rows);
		socket_rows_add(&rows, &socket);
		rows_close(&rows);
		assert_true(!!strstr(page, "worker[1000,1001,1002,+57]") == !where);
		assert_true(!!strstr(page, "1058,1059]") == !!where);
		free(page);
	}
}

static void colours_beside_words(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, 0, 80);

	(void)state;
	rows.colour = true;
	rows_open(&rows);
	add_three(&rows);
	rows_close(&rows);
	assert_non_null(strstr(page, "\n\033[1;31mno answer x3\033[0m  "));
	assert_non_null(strstr(page, "\n\033[33munread 68.4K\033[0m  "));
	free(page);
}

/* --- listeners ---------------------------------------------------------------------------------------------------- */

static void shards_stand_together(void **state)
{
	static const unsigned queue[] = {1, 30, 0, 1};
	struct socket_rows rows = rows_of(LAYOUT_LISTENERS, 0, 80);
	struct socket_fact socket;

	(void)state;
	rows.grouped = true;
	rows_open(&rows);
	for (unsigned i = 0; i < 4; i++) {
		socket = listener(9090, queue[i], 64);
		socket.skmem[SK_MEMINFO_DROPS] = i == 2;
		socket_rows_add(&rows, &socket);
		socket = listener((uint16_t)(8000 - i), 0, 128);
		socket_rows_add(&rows, &socket);
	}
	socket = listener(7000, 6, 5);
	socket_rows_add(&rows, &socket);
	rows_close(&rows);
	page_is("NOTE        PROTO  LOCAL              QUEUE  LIMIT  DROPS\n"
		"queue full  tcp    127.0.0.1:7000         6      5      0\n"
		"uneven 94%  tcp    127.0.0.1:9090 x4     32    256      1\n"
		"-           tcp    127.0.0.1:9090         1     64      0\n"
		"-           tcp    127.0.0.1:9090        30     64      0\n"
		"drops 1     tcp    127.0.0.1:9090         0     64      1\n"
		"-           tcp    127.0.0.1:9090         1     64      0\n"
		"-           tcp    127.0.0.1:7997         0    128      0\n"
		"-           tcp    127.0.0.1:7998         0    128      0\n"
		"-           tcp    127.0.0.1:7999         0    128      0\n"
		"-           tcp    127.0.0.1:8000         0    128      0\n");
}

static void few_in_a_queue_are_not_uneven(void **state)
{
	struct socket_note note = {0};

	(void)state;
	assert_false(socket_note_uneven((const uint32_t[]){7, 0, 0, 0}, 4, &note));
	assert_false(socket_note_uneven((const uint32_t[]){100}, 1, &note));
	assert_false(socket_note_uneven((const uint32_t[]){50, 30, 20, 25}, 4, &note));
	assert_true(socket_note_uneven((const uint32_t[]){8, 0, 0, 0}, 4, &note));
	assert_string_equal(note.text, "uneven 100%");
}

/* --- order, and how many ------------------------------------------------------------------------------------------ */

static void add_by_rtt(struct socket_rows *rows, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct socket_fact socket = connection("127.0.0.1", 80, "127.0.0.1", 1000);

		socket.destination_port = (uint16_t)(i % 60000);
		socket.tcp.rtt_us = 1000 + i * 7919 % 100000;
		socket.tcp.have = i % 10 ? 1 << TCP_FACT_rtt_us : 0;
		socket_rows_add(rows, &socket);
	}
}

static unsigned lines(void)
{
	unsigned n = 0;

	for (const char *c = page; *c; c++)
		n += *c == '\n';
	return n;
}

/* Largest first; those of which nobody knows it last, whatever the direction. */
static void sorted_by_a_column(void **state)
{
	const char *wrong;
	size_t length;

	(void)state;
	for (int descending = 0; descending < 2; descending++) {
		struct socket_rows rows = {
			.sort = socket_column_find("rtt", 3), .descending = descending, .best_only = true};
		double last = descending ? 1e9 : 0;
		bool unknown = false;

		assert_int_equal(socket_layout_parse(&rows.layout, "rtt_us", &wrong, &length), 0);
		rows.headless = true;
		rows_open(&rows);
		add_by_rtt(&rows, 500);
		rows_close(&rows);
		assert_int_equal(lines(), 500);
		for (char *line = strtok(page, "\n"); line; line = strtok(NULL, "\n")) {
			double rtt = atof(line + strspn(line, " "));

			unknown |= !!strchr(line, '-');
			if (unknown)
				assert_non_null(strchr(line, '-'));
			else
				assert_true(descending ? rtt <= last : rtt >= last);
			last = rtt;
		}
		free(page);
	}
}

static void the_ten_largest_of_many(void **state)
{
	struct socket_rows rows = {
		.sort = socket_column_find("rtt", 3), .descending = true, .best_only = true, .top = 3};
	const char *wrong;
	size_t length;

	(void)state;
	assert_int_equal(socket_layout_parse(&rows.layout, "rtt", &wrong, &length), 0);
	rows_open(&rows);
	add_by_rtt(&rows, 99);
	rows_close(&rows);
	assert_int_equal(rows.left_off, 96);
	page_is("   RTT\n"
		"99.9ms\n"
		"99.0ms\n"
		"97.9ms\n");
}

/* Memory is bounded: what does not fit is printed in blocks, with one heading. */
static void more_than_fits_comes_in_blocks(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, 0, 80);

	(void)state;
	rows_open(&rows);
	add_by_rtt(&rows, ROWS_AT_ONCE + 1);
	rows_close(&rows);
	assert_int_equal(rows.blocks, 2);
	assert_int_equal(lines(), ROWS_AT_ONCE + 2);
	assert_null(strstr(page + 1, "NOTE"));
	free(page);
}

/* One heading stands over all blocks: so its columns are theirs, whatever the later ones could say. */
static void later_blocks_stand_under_the_first_heading(void **state)
{
	for (unsigned width = 0; width <= 80; width += 80) {
		struct socket_rows rows = rows_of(LAYOUT_CONNECTIONS, 0, width);
		struct socket_fact one = connection("127.0.0.1", 80, "127.0.0.1", 1000);
		const char *first, *last;

		rows_open(&rows);
		for (unsigned i = 0; i < ROWS_AT_ONCE; i++)
			socket_rows_add(&rows, &one);
		one = connection("2001:db8:1234:5678:9abc:def0:1234:5678", 443, "2001:db8::1", 54321);
		one.tcp.rtt_us = 42000;
		one.tcp.have = 1 << TCP_FACT_rtt_us;
		socket_rows_add(&rows, &one);
		one = connection("10.0.0.1", 80, "10.0.0.2", 2);
		socket_rows_add(&rows, &one);
		rows_close(&rows);
		first = strchr(page, '\n') + 1;
		last = strstr(page, "10.0.0.1:80");
		assert_non_null(last);
		while (last[-1] != '\n')
			last--;
		assert_int_equal(strstr(last, "10.0.0.2:2") - last, strstr(first, "127.0.0.1:1000") - first);
		assert_int_equal(strstr(last, "cubic") - last, strstr(first, "cubic") - first);
		assert_true(!width == !!strstr(page, "[2001:db8:1234:5678:9abc:def0:1234:5678]:443"));
		free(page);
	}
	(void)state;
}

static void no_sockets_leave_the_headings(void **state)
{
	struct socket_rows rows = rows_of(LAYOUT_LISTENERS, 0, 80);

	(void)state;
	for (unsigned way = 0; way < 3; way++) {
		rows.grouped = way == 1, rows.best_only = way == 2, rows.blocks = 0;
		rows_open(&rows);
		rows_close(&rows);
		page_is("NOTE  PROTO  LOCAL  QUEUE  LIMIT  DROPS\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(connections_at_200_columns),
		cmocka_unit_test(connections_at_80_columns),
		cmocka_unit_test(everything_at_100_columns),
		cmocka_unit_test(a_pipe_gets_everything),
		cmocka_unit_test(all_owners_into_a_pipe),
		cmocka_unit_test(colours_beside_words),
		cmocka_unit_test(shards_stand_together),
		cmocka_unit_test(few_in_a_queue_are_not_uneven),
		cmocka_unit_test(no_sockets_leave_the_headings),
		cmocka_unit_test(sorted_by_a_column),
		cmocka_unit_test(the_ten_largest_of_many),
		cmocka_unit_test(more_than_fits_comes_in_blocks),
		cmocka_unit_test(later_blocks_stand_under_the_first_heading),
	};

	return cmocka_run_group_tests_name("view_socket", tests, NULL, NULL);
}
