/* What is kept of a program's output, and command lines filled in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "lab/capture.h"
#include "lab/place.h"

static void say(struct capture *capture, int writer, const char *text)
{
	assert_int_equal(write(writer, text, strlen(text)), (ssize_t)strlen(text));
	capture_drain(capture);
}

static void the_end_is_kept(void **state)
{
	struct capture capture;
	size_t length;
	int writer;

	(void)state;
	assert_int_equal(capture_open(&capture, 10, &writer), 0);
	say(&capture, writer, "0123456789");
	assert_string_equal(capture_text(&capture, &length), "0123456789");
	assert_false(capture.cut);
	for (int i = 0; i < 1000; i++)
		say(&capture, writer, "abcdefg");
	assert_string_equal(capture_text(&capture, &length), "efgabcdefg");
	assert_int_equal(length, 10);
	assert_true(capture.cut);
	close(writer);
	capture_drain(&capture);
	assert_int_equal(capture.fd, -1);
	capture_close(&capture);
}

static void last_lines_on_one(void **state)
{
	struct capture capture;
	char text[64];
	int writer;

	(void)state;
	assert_int_equal(capture_open(&capture, 1000, &writer), 0);
	capture_lines(&capture, text, sizeof text);
	assert_string_equal(text, "");
	say(&capture, writer, "only");
	capture_lines(&capture, text, sizeof text);
	assert_string_equal(text, "only");
	say(&capture, writer, "\none\n\ntwo\tx\nthree\n\n");
	capture_lines(&capture, text, sizeof text);
	assert_string_equal(text, "one | two x | three");
	for (int i = 0; i < 50; i++)
		say(&capture, writer, "0123456789");
	capture_lines(&capture, text, sizeof text);
	assert_in_range(strlen(text), 40, sizeof text - 1);
	assert_string_equal(text + strlen(text) - 10, "0123456789");
	close(writer);
	capture_close(&capture);
}

static void words_are_filled_in(void **state)
{
	char *text = place_fill("x -h {server} -p {port}{port} {other} {", "10.0.0.2", 20001);

	(void)state;
	assert_string_equal(text, "x -h 10.0.0.2 -p 2000120001 {other} {");
	free(text);
	assert_true(place_wants_port("a {port}"));
	assert_false(place_wants_port("a {server}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_is_kept),
		cmocka_unit_test(last_lines_on_one),
		cmocka_unit_test(words_are_filled_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
