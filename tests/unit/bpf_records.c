/* Records that come in pieces, cut anywhere: each is taken once, in order; what ends within one is no end. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/bpf_records.h"

enum { RECORD = 21, MANY = 100000 }; /* of no power of two, so that every cut is met */

struct taken {
	unsigned count, most; /* most: ends the reading */
};

static int records_take(void *arg, const void *data, size_t size, size_t *ret_used)
{
	struct taken *taken = arg;
	size_t used = 0;
	int r = 0;

	for (; !r && size - used >= RECORD; used += RECORD) {
		unsigned number;

		memcpy(&number, (const char *)data + used, sizeof number);
		assert_int_equal(number, taken->count);
		r = ++taken->count == taken->most ? 42 : 0;
	}
	*ret_used = used;
	return r;
}

/* A child writes `bytes` of such records. */
static int records_read(size_t bytes, struct taken *taken)
{
	char *records = calloc(MANY, RECORD);
	int ends[2], r, status;
	pid_t child;

	assert_non_null(records);
	for (unsigned i = 0; i < MANY; i++)
		memcpy(records + i * RECORD, &i, sizeof i);
	assert_int_equal(pipe(ends), 0);
	child = fork();
	if (!child) {
		close(ends[0]);
		for (size_t at = 0, step = 1; at < bytes; step = step % 40000 + 977) {
			size_t size = bytes - at < step ? bytes - at : step;
			ssize_t n = write(ends[1], records + at, size);

			if (n < 0)
				_exit(1);
			at += (size_t)n;
		}
		_exit(0);
	}
	close(ends[1]);
	r = bpf_records_read(ends[0], records_take, taken);
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	free(records);
	return r;
}

static void each_is_taken_once(void **state)
{
	struct taken taken = {0, 0};

	(void)state;
	assert_int_equal(records_read(0, &taken), 0);
	assert_int_equal(taken.count, 0);
	assert_int_equal(records_read(RECORD, &taken), 0);
	assert_int_equal(taken.count, 1);
	taken.count = 0;
	assert_int_equal(records_read((size_t)MANY * RECORD, &taken), 0);
	assert_int_equal(taken.count, MANY);
}

static void half_a_record_is_no_end(void **state)
{
	struct taken taken = {0, 0};

	(void)state;
	assert_int_equal(records_read(RECORD - 1, &taken), -EPROTO);
	assert_int_equal(records_read((size_t)(MANY - 1) * RECORD + 5, &taken), -EPROTO);
	assert_int_equal(taken.count, MANY - 1);
}

static void the_takers_word_ends_it(void **state)
{
	struct taken taken = {0, 50000};

	(void)state;
	assert_int_equal(records_read((size_t)MANY * RECORD, &taken), 42);
	assert_int_equal(taken.count, 50000);
}

static int nothing_take(void *arg, const void *data, size_t size, size_t *ret_used)
{
	(void)arg;
	(void)data;
	(void)size;
	*ret_used = 0;
	return 0;
}

static void a_record_without_end_is_an_error(void **state)
{
	static const char zeros[BPF_RECORD_MOST + 1];
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], zeros, sizeof zeros), sizeof zeros);
	close(ends[1]);
	assert_int_equal(bpf_records_read(ends[0], nothing_take, NULL), -EPROTO);
	assert_int_equal(bpf_records_read(-1, nothing_take, NULL), -EBADF);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_taken_once),
		cmocka_unit_test(half_a_record_is_no_end),
		cmocka_unit_test(the_takers_word_ends_it),
		cmocka_unit_test(a_record_without_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
