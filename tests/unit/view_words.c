/* The words that say what one socket is: ends, state, owners, options. */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/view/socket_change.h" /* before cmocka.h, which makes a macro of fail */
#include <cmocka.h>
#include "cli/view/socket.h"
#include "cli/view/socket_column.h"
#include "cli/view/socket_note.h"
#include "cli/view/socket_page.h"
#include "cli/view/socket_setting.h"

static struct socket_fact listener(const char *address, uint16_t port)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP,
				     .family = strchr(address, ':') ? AF_INET6 : AF_INET,
				     .state = TCP_LISTEN,
				     .inode = 7,
				     .source_port = port,
				     .known = KNOWN_OWNERS};

	assert_int_equal(inet_pton(socket.family, address, socket.source), 1);
	return socket;
}

static void local_is(const struct socket_fact *socket, const char *expected)
{
	char text[128];

	socket_address_text(socket, true, text, sizeof text);
	assert_string_equal(text, expected);
}

/* What is open to everybody looks like it, and what is not does not. */
static void an_address_says_to_whom_it_is_open(void **state)
{
	struct socket_fact socket = listener("::", 80);

	(void)state;
	local_is(&socket, "[::]:80");
	socket.known |= KNOWN_V6ONLY;
	local_is(&socket, "*:80");
	socket.v6only = true;
	local_is(&socket, "[::]:80");
	socket = listener("fe80::77", 80);
	socket.known |= KNOWN_V6ONLY;
	socket.interface = if_nametoindex("lo");
	local_is(&socket, "[fe80::77]%lo:80");
	socket = listener("0.0.0.0", 80);
	socket.interface = if_nametoindex("lo");
	local_is(&socket, "0.0.0.0%lo:80");
	socket.interface = INT32_MAX; /* gone, or of another namespace */
	local_is(&socket, "0.0.0.0%2147483647:80");
}

static void nobody_has_it_yet_or_any_more(void **state)
{
	static const struct {
		uint8_t state;
		const char *text;
	} rows[] = {{TCP_SYN_RECV, "(handshake)"},
		    {TCP_ESTABLISHED, "(not accepted)"},
		    {TCP_CLOSE_WAIT, "(not accepted)"},
		    {TCP_FIN_WAIT2, "(closed)"}};
	struct socket_fact socket = listener("127.0.0.1", 80);

	(void)state;
	socket.inode = 0;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		socket.state = rows[i].state;
		assert_string_equal(socket_nobody_text(&socket), rows[i].text);
	}
}

/* What the column says can be given to setsockopt() again, and gives the same buffer. */
static void a_buffer_reads_as_it_is_asked_for(void **state)
{
	static struct option_fact options[OPTION_COUNT];
	struct socket_fact socket = listener("127.0.0.1", 80);
	unsigned column = (unsigned)socket_column_find("sndbuf", 6);
	char text[64];

	(void)state;
	socket.options = options;
	options[OPTION_sndbuf] = (struct option_fact){.value = {.form = FORM_NUMBER, .number = 200000},
						      .source = SOURCE_ITERATOR};
	socket_column_text(column, &socket, text, sizeof text);
	assert_string_equal(text, "100000");
	options[OPTION_sndbuf].value.number = 128 << 10;
	socket_column_text(column, &socket, text, sizeof text);
	assert_string_equal(text, "64K");
	options[OPTION_sndbuf].value.form = FORM_AUTO;
	socket_column_text(column, &socket, text, sizeof text);
	assert_string_equal(text, "auto:128K");
}

/* Two looks at one socket may lie further apart than the beginnings of the two walks. */
static void no_share_is_above_the_whole(void **state)
{
	static struct earlier_socket before = {.tcp = {.have = UINT64_C(1) << TCP_FACT_busy_time_us}};
	static struct changes changes;
	struct socket_fact after = listener("127.0.0.1", 80);

	(void)state;
	after.tcp.have = before.tcp.have;
	after.tcp.busy_time_us = 1200000;
	socket_changes(&before, &after, 1, &changes);
	assert_non_null(strstr(changes.change[0].to, "s (~100%)"));
	after.tcp.busy_time_us = 500000;
	socket_changes(&before, &after, 1, &changes);
	assert_non_null(strstr(changes.change[0].to, "ms (50%)"));
}

/* Of each that is missing, unless there is one reason for all. */
static void an_option_that_nothing_tells_has_its_reason(void **state)
{
	static struct option_fact options[OPTION_COUNT];
	struct socket_fact socket = listener("127.0.0.1", 80);
	char *page;
	size_t size;
	FILE *out;

	(void)state;
	socket.protocol = IPPROTO_UDP;
	socket.options = options;
	options[OPTION_mtu] = (struct option_fact){.value = {.form = FORM_NUMBER}, .source = SOURCE_ITERATOR};
	assert_int_equal(socket_setting(&catalogue[OPTION_mtu], &socket, NULL), SETTING_DEFAULT);
	options[OPTION_mtu].value.number = 1400;
	assert_int_equal(socket_setting(&catalogue[OPTION_mtu], &socket, NULL), SETTING_SET);
	for (int all = 0; all < 2; all++) {
		out = open_memstream(&page, &size);
		socket.options_code = all ? -EPERM : 0;
		socket_page_options(out, &socket, NULL, 10000);
		assert_int_equal(fclose(out), 0);
		assert_int_equal(strstr(page, "multicast-if (getsockopt tells something else") == NULL, all);
		assert_int_equal(strstr(page, "busy-poll-budget (getsockopt does not tell it") == NULL, all);
		assert_int_equal(strstr(page, "may not be looked into") != NULL, all);
		free(page);
	}
}

static void a_few_segments_sent_again_are_no_note(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP, .family = AF_INET, .state = TCP_ESTABLISHED};
	struct socket_note note;

	(void)state;
	socket.tcp.bytes_sent = 131000;
	socket.tcp.bytes_retrans = 33700;
	socket.tcp.retrans_total_segs = 2;
	socket.tcp.have = UINT64_C(1) << TCP_FACT_bytes_sent | UINT64_C(1) << TCP_FACT_bytes_retrans |
			  UINT64_C(1) << TCP_FACT_retrans_total_segs;
	socket_note(&socket, &note);
	assert_int_equal(note.kind, NOTE_NONE);
	socket.tcp.retrans_total_segs = 3;
	socket_note(&socket, &note);
	assert_string_equal(note.text, "resent 26%");
	socket.tcp.bytes_sent = 4000000;
	socket_note(&socket, &note);
	assert_int_equal(note.kind, NOTE_NONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_few_segments_sent_again_are_no_note),
		cmocka_unit_test(an_address_says_to_whom_it_is_open),
		cmocka_unit_test(nobody_has_it_yet_or_any_more),
		cmocka_unit_test(a_buffer_reads_as_it_is_asked_for),
		cmocka_unit_test(no_share_is_above_the_whole),
		cmocka_unit_test(an_option_that_nothing_tells_has_its_reason),
	};

	return cmocka_run_group_tests_name("view_words", tests, NULL, NULL);
}
