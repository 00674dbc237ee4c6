/* What a service manager's environment says, and what it must not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include "socket/inherited.h"

enum { SELF = 4711, ROOM = 4 };

static struct sockctl_named got[ROOM];
static struct sockctl_error error;

static int parse(const char *pid, const char *fds, const char *names)
{
	return inherited_parse(&(struct inherited_environment){pid, fds, names}, SELF, got, ROOM, &error);
}

static void sockets_are_numbered_from_3_and_named(void **state)
{
	(void)state;
	assert_int_equal(parse("4711", "3", "http:https:"), 3);
	assert_int_equal(got[0].fd, 3);
	assert_int_equal(got[2].fd, 5);
	assert_string_equal(got[0].name, "http");
	assert_string_equal(got[1].name, "https");
	assert_string_equal(got[2].name, "");
	assert_int_equal(parse("4711", "2", "a\\:b:c\\\\d e"), 2);
	assert_string_equal(got[0].name, "a:b");
	assert_string_equal(got[1].name, "c\\d e");
	assert_int_equal(parse("4711", "2", NULL), 2);
	assert_string_equal(got[1].name, "unknown");
	assert_int_equal(parse("4711", "1", ""), 1);
	assert_string_equal(got[0].name, "unknown");
}

static void what_is_meant_for_others_is_left_alone(void **state)
{
	(void)state;
	assert_int_equal(parse(NULL, NULL, NULL), 0);
	assert_int_equal(parse(NULL, "1", NULL), 0);
	assert_int_equal(parse("4711", NULL, "a"), 0);
	assert_int_equal(parse("4712", "1", "a"), 0);
	assert_int_equal(parse("4712", "garbage", "a"), 0);
}

static void what_is_not_right_is_an_error(void **state)
{
	static const struct {
		const char *pid, *fds, *names, *subject;
	} wrong[] = {
		{"", "1", NULL, "LISTEN_PID="},
		{"0", "1", NULL, "LISTEN_PID=0"},
		{" 4711", "1", NULL, "LISTEN_PID= 4711"},
		{"+4711", "1", NULL, "LISTEN_PID=+4711"},
		{"-4711", "1", NULL, "LISTEN_PID=-4711"},
		{"4711x", "1", NULL, "LISTEN_PID=4711x"},
		{"0x1267", "1", NULL, "LISTEN_PID=0x1267"},
		{"4294972007", "1", NULL, "LISTEN_PID=4294972007"}, /* 4711 + 2^32 */
		{"4711", "", NULL, "LISTEN_FDS="},
		{"4711", "0", NULL, "LISTEN_FDS=0"},
		{"4711", "-1", NULL, "LISTEN_FDS=-1"},
		{"4711", "1.0", NULL, "LISTEN_FDS=1.0"},
		{"4711", "2147483645", NULL, "LISTEN_FDS=2147483645"}, /* fd 3 + this overflows */
		{"4711", "99999999999999999999", NULL, "LISTEN_FDS=99999999999999999999"},
		{"4711", "2", "a", "LISTEN_FDNAMES=a"},
		{"4711", "2", "a:b:c", "LISTEN_FDNAMES=a:b:c"},
		{"4711", "1", "a:", "LISTEN_FDNAMES=a:"},
		{"4711", "1", "a\\", "LISTEN_FDNAMES=a\\"},
		{"4711", "1", "a\nb", "LISTEN_FDNAMES=a\nb"},
	};
	char longest[SOCKCTL_NAME_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		if (parse(wrong[i].pid, wrong[i].fds, wrong[i].names) != -EINVAL)
			fail_msg("%s was taken", wrong[i].subject);
		assert_string_equal(error.subject, wrong[i].subject);
	}
	assert_int_equal(parse("4711", "5", NULL), -E2BIG);
	memset(longest, 'n', sizeof longest);
	longest[sizeof longest - 1] = 0;
	assert_int_equal(parse("4711", "1", longest), -EINVAL);
	assert_int_equal(parse("4711", "1", longest + 1), 1);
	assert_int_equal(strlen(got[0].name), SOCKCTL_NAME_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_are_numbered_from_3_and_named),
		cmocka_unit_test(what_is_meant_for_others_is_left_alone),
		cmocka_unit_test(what_is_not_right_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
