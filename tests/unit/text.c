/* Foreign text on its way to a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "base/text.h"

static void what_could_be_a_command_is_replaced(void **state)
{
	static const struct {
		const char *text, *harmless;
	} rows[] = {
		{"plain", "plain"},
		{"\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7", "\xc3\xa4 \xe2\x82\xac \xf0\x9f\x90\xa7"},
		{"\033[31m\177\n", "?[31m??"},
		{"\xc2\x9b[2J", "??[2J"},
		{"\x9b[2J", "?[2J"}, /* CSI where bytes are characters */
		{"a\xe2\x80\xae"
		 "b",
		 "a???b"},                              /* U+202E, from right to left */
		{"\xe2\x81\xa6\xe2\x80\x8f", "??????"}, /* U+2066, U+200F */
		{"\xc0\x9b", "??"},                     /* more bytes than it takes */
		{"\xe0\x82\x9b", "???"},
		{"\xed\xa0\x80", "???"},      /* half of a pair */
		{"\xf4\x90\x80\x80", "????"}, /* beyond U+10FFFF */
		{"\xe2\x82", "??"},           /* the end is in the middle */
		{"\xe2\x82z", "??z"},
		{"\xff\xfe", "??"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char text[32];

		snprintf(text, sizeof text, "%s", rows[i].text);
		assert_string_equal(text_harmless(text), rows[i].harmless);
	}
}

static void columns_are_characters(void **state)
{
	(void)state;
	assert_int_equal(text_columns(""), 0);
	assert_int_equal(text_columns("a\xc3\xa4\xe2\x82\xac"), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_could_be_a_command_is_replaced),
		cmocka_unit_test(columns_are_characters),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
