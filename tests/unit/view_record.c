/* A socket as an object: the manual knows every key; what is derived of a buffer. */
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli/show_envelope.h" /* before cmocka.h, which makes a macro of fail */
#include <cmocka.h>
#include <jansson.h>
#include "cli/view/socket.h"
#include "socket_sample.h"

static char *page;
static size_t page_size;

static struct option_fact every_option[OPTION_COUNT];
static struct socket_context context;

static void records_emit(struct sink *sink)
{
	static const struct netns_fact netns = {.inode = 1, .name = "x"};
	static const struct process_fact process = {.pid = 1, .cgroup = "/", .unit = "a.service"};
	const struct owner_fact owner = {.pid = 1, .thread = 2, .command = "a", .process = &process};
	struct socket_fact sockets[] = {
		connection("::1", 1, "::1", 2), listener(80, 1, 2), {.family = AF_UNIX, .state = TCP_LISTEN}};

	for (unsigned id = 1; id < OPTION_COUNT; id++)
		every_option[id].source = SOURCE_DIAG;
	sockets[0].cc.kind = CONGESTION_UNTOLD;
	sink_array(sink, "sockets");
	for (unsigned i = 0; i < 3; i++) {
		sockets[i].netns = &netns;
		sockets[i].owners = &owner;
		sockets[i].owners_count = 1;
		sockets[i].owners_asked = true;
		sockets[i].options = every_option;
		sockets[i].skmem_count = SOCKET_SKMEM;
		sockets[i].tcp.have = UINT64_MAX;
		socket_record(sink, NULL, &sockets[i], &context, NULL);
	}
	sink_close(sink);
}

static void keys_are_in(const json_t *value, const char *manual, bool names)
{
	const char *key;
	json_t *member;
	size_t index;

	json_object_foreach((json_t *)value, key, member)
	{
		if (!names && !strstr(manual, key))
			fail_msg("the manual does not have the key %s", key);
		keys_are_in(member, manual, !strcmp(key, "options"));
	}
	json_array_foreach(value, index, member) keys_are_in(member, manual, false);
}

/* Every key that JSON can have is in the manual, under this name. */
static void the_manual_has_every_key(void **state)
{
	const struct envelope envelope = {.origin = {.boot_id = "x", .netns = 1}, .first_us = 1};
	static struct sink sink;
	char *manual;
	size_t size;
	FILE *out = open_memstream(&manual, &size);
	json_t *root;

	(void)state;
	show_reference(out);
	fclose(out);
	out = open_memstream(&page, &page_size);
	sink_init(&sink, &sink_json, out, false);
	sink_object(&sink, NULL);
	envelope_emit(&sink, &envelope, SHOW_SCHEMA);
	records_emit(&sink);
	envelope_read_emit(&sink, &envelope);
	sink_close(&sink);
	fclose(out);
	for (const char *line = manual; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 76);
	root = json_loads(page, 0, NULL);
	assert_non_null(root);
	keys_are_in(root, manual, false);
	json_decref(root);
	free(page);
	free(manual);
}

static struct socket_buffer buffer_of(uint32_t granted, enum form form, int64_t cap)
{
	static struct option_fact options[OPTION_COUNT];
	struct socket_fact socket = connection("127.0.0.1", 1, "127.0.0.1", 2);
	struct socket_buffer buffer;

	socket.skmem_count = SOCKET_SKMEM;
	socket.skmem[SK_MEMINFO_RCVBUF] = granted;
	socket.options = options;
	options[OPTION_rcvbuf] = (struct option_fact){.value = {.form = (uint8_t)form, .number = granted},
						      .source = SOURCE_GETSOCKOPT};
	socket.tcp.have = UINT64_MAX;
	socket.tcp.negotiated_bits = 4;
	socket.tcp.rcv_wscale = 2;
	context.sysctls.fact[SYSCTL_rmem_max] = (struct sysctl_fact){.known = cap >= 0, .count = 1, .number = {cap}};
	assert_true(socket_buffer(&socket, true, &context, &buffer));
	return buffer;
}

static void what_was_asked_for_a_buffer(void **state)
{
	struct socket_buffer buffer = buffer_of(200000, FORM_NUMBER, 4 << 20);

	(void)state;
	assert_int_equal(buffer.asked, ASKED_EXACTLY);
	assert_int_equal(buffer.asked_bytes, 100000);
	assert_int_equal(buffer.usable_bytes, 100000);
	assert_int_equal(buffer.window_cap_bytes, 65535 * 4);
	assert_false(buffer.window_cuts);
	buffer = buffer_of(8 << 20, FORM_NUMBER, 4 << 20);
	assert_int_equal(buffer.asked, ASKED_AT_LEAST);
	assert_true(buffer.window_cuts);
	assert_int_equal(buffer_of(9 << 20, FORM_NUMBER, 4 << 20).asked, ASKED_BEYOND);
	assert_int_equal(buffer_of(2304, FORM_NUMBER, 4 << 20).asked, ASKED_AT_MOST);
	assert_int_equal(buffer_of(200000, FORM_AUTO, 4 << 20).asked, ASKED_NOTHING);
	assert_int_equal(buffer_of(200000, FORM_NUMBER, -1).asked, ASKED_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manual_has_every_key),
		cmocka_unit_test(what_was_asked_for_a_buffer),
	};

	return cmocka_run_group_tests_name("view_record", tests, NULL, NULL);
}
