/* The table of (socket, process, fd): what was added is found, in order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "observe/owner_table.h"

/* Any order, the same inode many times, both ends of what an inode can be. */
static void a_table_finds_all_that_was_added(void **state)
{
	const char name[16] = "some";
	struct owner_table table = {0};
	unsigned seed = 7, count;

	(void)state;
	for (int process = 0; process < 50; process++) {
		assert_int_equal(owner_table_process(&table, 1000 - process, 0, name), 0);
		for (int fd = 0; fd < 100; fd++)
			assert_int_equal(
				owner_table_add(&table, fd ? (uint32_t)rand_r(&seed) % 4000 + 1 : UINT32_MAX, fd), 0);
		assert_int_equal(owner_table_add(&table, 0, 7), 0);
		assert_int_equal(owner_table_add(&table, 0, 7), 0);
	}
	assert_int_equal(owner_table_finish(&table), 0);
	seed = 7;
	for (int process = 0; process < 50; process++)
		for (int fd = 1; fd < 100; fd++) {
			const struct owner_fact *found = owner_table_find(&table, (uint32_t)rand_r(&seed) % 4000 + 1,
									  &count);
			bool met = false;

			for (unsigned i = 0; i < count; i++) {
				met |= found[i].pid == 1000 - process && found[i].fd == fd;
				assert_true(!i || found[i - 1].pid < found[i].pid ||
					    (found[i - 1].pid == found[i].pid && found[i - 1].fd < found[i].fd));
			}
			assert_true(met);
		}
	assert_int_equal(owner_table_find(&table, 0, &count)->pid, 951);
	assert_int_equal(count, 50);
	owner_table_find(&table, UINT32_MAX, &count);
	assert_int_equal(count, 50);
	assert_null(owner_table_find(&table, 5000, &count));
	owner_table_clear(&table);
}

/* A table made before the thread's own: both have the socket, and the process is whom to ask. */
static void what_both_tables_have_is_the_process(void **state)
{
	const char name[16] = "some";
	struct owner_table table = {0};
	const struct owner_fact *found;
	unsigned count;

	(void)state;
	for (int first = 0; first < 2; first++) {
		for (int turn = 0; turn < 2; turn++) {
			assert_int_equal(owner_table_process(&table, 7, turn == first ? 0 : 8, name), 0);
			assert_int_equal(owner_table_add(&table, 4711, 3), 0);
		}
		assert_int_equal(owner_table_finish(&table), 0);
		found = owner_table_find(&table, 4711, &count);
		assert_int_equal(count, 1);
		assert_int_equal(found->thread, 0);
		owner_table_clear(&table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_finds_all_that_was_added),
		cmocka_unit_test(what_both_tables_have_is_the_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
