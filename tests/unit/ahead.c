/* Pieces come whole and in order, whoever of the two is faster, and nobody waits for ever. */
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "observe/ahead.h"

enum { MANY = 5000 };

struct source {
	unsigned given, total, pause_each;
	int ends_with;
};

/* A piece is its number, as often as it fits into a size that depends on it. */
static ssize_t piece_size(unsigned number)
{
	return 8 + (number * 7919u % (AHEAD_PIECE - 8)) / 4 * 4;
}

static ssize_t fetch(void *arg, void *buffer)
{
	struct source *source = arg;
	ssize_t size = piece_size(source->given);

	if ((uintptr_t)buffer % 8)
		abort(); /* not an assertion: this is another thread */
	if (source->given == source->total)
		return source->ends_with;
	if (source->pause_each && source->given % source->pause_each == 0)
		sched_yield();
	for (ssize_t i = 0; i < size; i += 4)
		memcpy((char *)buffer + i, &source->given, 4);
	source->given++;
	return size;
}

static void piece_check(const void *piece, ssize_t size, unsigned number)
{
	assert_int_equal(size, piece_size(number));
	for (ssize_t i = 0; i < size; i += 4)
		assert_memory_equal((const char *)piece + i, &number, 4);
}

static void all_is_taken(struct source source, unsigned pause_each)
{
	struct ahead *ahead;
	const void *piece;

	assert_int_equal(ahead_start(&ahead, fetch, &source), 0);
	for (unsigned i = 0; i < source.total; i++) {
		ssize_t size = ahead_next(ahead, &piece);

		if (pause_each && i % pause_each == 0)
			sched_yield();
		piece_check(piece, size, i);
	}
	for (unsigned i = 0; i < 3; i++) /* the end stays */
		assert_int_equal(ahead_next(ahead, &piece), source.ends_with);
	ahead_end(ahead);
}

static void whoever_is_faster(void **state)
{
	(void)state;
	all_is_taken((struct source){.total = MANY}, 0);
	all_is_taken((struct source){.total = MANY, .pause_each = 1}, 0);
	all_is_taken((struct source){.total = MANY, .pause_each = 3}, 2);
	all_is_taken((struct source){.total = MANY}, 1);
}

/* Around the sizes of the ring and of what is done at a time. */
static void however_many(void **state)
{
	(void)state;
	for (unsigned total = 0; total < 2 * AHEAD_PIECES + 2; total++)
		all_is_taken((struct source){.total = total, .ends_with = total % 2 ? -ENOBUFS : 0}, 0);
}

static void the_rest_is_dropped(void **state)
{
	(void)state;
	for (unsigned taken = 0; taken < 2 * AHEAD_PIECES; taken++) {
		struct source source = {.total = UINT32_MAX};
		struct ahead *ahead;
		const void *piece;

		assert_int_equal(ahead_start(&ahead, fetch, &source), 0);
		for (unsigned i = 0; i < taken; i++) {
			ssize_t size = ahead_next(ahead, &piece);

			piece_check(piece, size, i);
		}
		ahead_end(ahead);
		assert_true(source.given >= taken && source.given <= taken + AHEAD_PIECES);
	}
	ahead_end(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whoever_is_faster),
		cmocka_unit_test(however_many),
		cmocka_unit_test(the_rest_is_dropped),
	};

	return cmocka_run_group_tests_name("ahead", tests, NULL, NULL);
}
