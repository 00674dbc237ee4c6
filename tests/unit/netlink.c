/* The walk over netlink messages: what a dump may be made of, whole and broken. */
#include <errno.h>
#include <linux/netlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "observe/netlink.h"

static char messages[1024] __attribute__((aligned(8)));
static size_t length;

static void put(uint16_t type, uint16_t flags, uint32_t sequence, int payload)
{
	struct nlmsghdr header = {sizeof header + sizeof payload, type, flags, sequence, 0};

	memcpy(messages + length, &header, sizeof header);
	memcpy(messages + length + sizeof header, &payload, sizeof payload);
	length += header.nlmsg_len;
}

struct visited {
	unsigned calls;
	int sum, end_at;
};

static int visit(void *arg, const void *payload, size_t size)
{
	struct visited *visited = arg;
	int number;

	assert_int_equal(size, sizeof number);
	memcpy(&number, payload, sizeof number);
	visited->calls++;
	visited->sum += number;
	return visited->end_at == number ? 99 : 0;
}

static void a_whole_dump(void **state)
{
	struct visited visited = {0};
	struct netlink_reading reading = {.sequence = 7, .visit = visit, .arg = &visited};

	(void)state;
	length = 0;
	put(20, NLM_F_MULTI, 7, 1);
	put(NLMSG_NOOP, 0, 7, 1000);
	put(20, NLM_F_MULTI, 6, 2000); /* of another request */
	put(20, NLM_F_MULTI, 7, 2);
	assert_int_equal(netlink_parse(&reading, messages, length), 0);
	assert_false(reading.done);
	length = 0;
	put(20, NLM_F_MULTI, 7, 4);
	put(NLMSG_DONE, NLM_F_MULTI, 7, 0);
	put(20, NLM_F_MULTI, 7, 3000); /* behind the end */
	assert_int_equal(netlink_parse(&reading, messages, length), 0);
	assert_true(reading.done && !reading.interrupted && !reading.ended);
	assert_int_equal(visited.calls, 3);
	assert_int_equal(visited.sum, 7);
}

static void an_interrupted_dump_keeps_what_came(void **state)
{
	struct visited visited = {0};
	struct netlink_reading reading = {.sequence = 7, .visit = visit, .arg = &visited};

	(void)state;
	length = 0;
	put(20, NLM_F_MULTI | NLM_F_DUMP_INTR, 7, 1);
	put(20, NLM_F_MULTI, 7, 2);
	put(NLMSG_DONE, NLM_F_MULTI, 7, 0);
	assert_int_equal(netlink_parse(&reading, messages, length), 0);
	assert_true(reading.done && reading.interrupted);
	assert_int_equal(visited.sum, 3);
}

static void errors_of_the_kernel(void **state)
{
	static const struct {
		uint16_t type;
		int code, result;
	} cases[] = {{NLMSG_ERROR, -ENOENT, -ENOENT},
		     {NLMSG_ERROR, -EPERM, -EPERM},
		     {NLMSG_ERROR, 0, 0}, /* an acknowledgement */
		     {NLMSG_ERROR, 5, 0}, /* no error that there is */
		     {NLMSG_DONE, -EMSGSIZE, -EMSGSIZE},
		     {NLMSG_OVERRUN, 0, -ENOBUFS}};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct visited visited = {0};
		struct netlink_reading reading = {.sequence = 7, .visit = visit, .arg = &visited};

		length = 0;
		put(20, NLM_F_MULTI, 7, 1);
		put(cases[i].type, 0, 7, cases[i].code);
		assert_int_equal(netlink_parse(&reading, messages, length), cases[i].result);
		assert_int_equal(visited.calls, 1);
	}
}

static void a_visit_that_has_enough(void **state)
{
	struct visited visited = {.end_at = 2};
	struct netlink_reading reading = {.sequence = 7, .visit = visit, .arg = &visited};

	(void)state;
	length = 0;
	put(20, NLM_F_MULTI, 7, 1);
	put(20, NLM_F_MULTI, 7, 2);
	put(20, NLM_F_MULTI, 7, 3);
	put(NLMSG_DONE, NLM_F_MULTI, 7, 0);
	assert_int_equal(netlink_parse(&reading, messages, length), 0);
	assert_int_equal(reading.ended, 99);
	assert_true(reading.done);
	assert_int_equal(visited.calls, 2);
}

static void broken_messages_end_a_read(void **state)
{
	static const uint32_t lengths[] = {0, 1, 15, 21, 1000, UINT32_MAX};

	(void)state;
	for (unsigned i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct visited visited = {0};
		struct netlink_reading reading = {.sequence = 7, .visit = visit, .arg = &visited};

		length = 0;
		put(20, NLM_F_MULTI, 7, 1);
		put(20, NLM_F_MULTI, 7, 2);
		memcpy(messages + 20, &lengths[i], sizeof lengths[i]);
		assert_int_equal(netlink_parse(&reading, messages, length), 0);
		assert_int_equal(visited.calls, 1);
		assert_false(reading.done);
		assert_false(netlink_ends(7, messages, length));
	}
}

static void the_end_is_found_ahead(void **state)
{
	(void)state;
	length = 0;
	put(20, NLM_F_MULTI, 7, 1);
	assert_false(netlink_ends(7, messages, length));
	put(NLMSG_DONE, NLM_F_MULTI, 7, 0);
	assert_true(netlink_ends(7, messages, length));
	assert_false(netlink_ends(8, messages, length)); /* of another request */
	length = 0;
	put(NLMSG_ERROR, 0, 7, -EPERM);
	assert_true(netlink_ends(7, messages, length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_dump),
		cmocka_unit_test(an_interrupted_dump_keeps_what_came),
		cmocka_unit_test(errors_of_the_kernel),
		cmocka_unit_test(a_visit_that_has_enough),
		cmocka_unit_test(broken_messages_end_a_read),
		cmocka_unit_test(the_end_is_found_ahead),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
