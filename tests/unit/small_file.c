/* Small files, whole or not at all: the last byte of room is the 0's, and reading leaves the offset alone. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/small_file.h"

static int file_of(const char *content)
{
	char path[] = "/tmp/small-file-XXXXXX";
	int fd = mkostemp(path, O_CLOEXEC);

	assert_true(fd >= 0);
	unlink(path);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	return fd;
}

static void all_of_it_or_nothing(void **state)
{
	int fd = file_of("1234567");
	char text[16];

	(void)state;
	memset(text, 'x', sizeof text);
	assert_int_equal(small_file_reread(fd, text, 8), 7);
	assert_string_equal(text, "1234567");
	assert_int_equal(small_file_reread(fd, text, 7), -EOVERFLOW);
	assert_int_equal(text[8], 'x');
	close(fd);
	fd = file_of("");
	assert_int_equal(small_file_reread(fd, text, 1), 0);
	assert_string_equal(text, "");
	close(fd);
}

static void the_offset_is_left_alone(void **state)
{
	int fd = file_of("1234567");
	char text[16];

	(void)state;
	assert_int_equal(lseek(fd, 3, SEEK_SET), 3);
	assert_int_equal(small_file_reread(fd, text, sizeof text), 7);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 3);
	close(fd);
}

/* A file that is written anew for each read, and one that is not there. */
static void by_name(void **state)
{
	int proc = open("/proc/self", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char text[4096];

	(void)state;
	assert_true(small_file_read(proc, "limits", text, sizeof text) > 100);
	assert_non_null(strstr(text, "Max open files"));
	assert_int_equal(small_file_read(proc, "limits", text, 100), -EOVERFLOW);
	assert_int_equal(small_file_read(proc, "no-such-file", text, sizeof text), -ENOENT);
	close(proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_of_it_or_nothing),
		cmocka_unit_test(the_offset_is_left_alone),
		cmocka_unit_test(by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
