/* Which address a dial tries next, and when: RFC 8305 without sockets, with times that nobody has to wait for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>
#include "socket/race.h"

/* families: the caller's addresses, such as "6644". */
static struct race race_of(const char *families, unsigned first_family_count)
{
	struct race race;

	race_init(&race);
	race.first_family_count = first_family_count;
	for (; *families; families++)
		race_add(&race, *families == '6');
	return race;
}

/* The order in which all are tried, as positions in the caller's order. */
static const char *order(const char *families, unsigned first_family_count)
{
	static char text[SOCKCTL_DIAL_ADDRESSES + 1];
	struct race race = race_of(families, first_family_count);
	unsigned n = 0;
	int next;

	while ((next = race_next(&race)) >= 0) {
		race_start(&race, (unsigned)next, 0);
		text[n++] = (char)('0' + next);
	}
	text[n] = 0;
	return text;
}

static void families_take_turns(void **state)
{
	(void)state;
	assert_string_equal(order("666444", 1), "031425");
	assert_string_equal(order("444666", 1), "031425");
	assert_string_equal(order("6444", 1), "0123");
	assert_string_equal(order("6664", 1), "0312");
	assert_string_equal(order("4646", 1), "0123");
	assert_string_equal(order("44", 1), "01");
	assert_string_equal(order("", 1), "");
}

static void the_first_family_may_have_a_head_start(void **state)
{
	(void)state;
	assert_string_equal(order("666444", 2), "013245");
	assert_string_equal(order("6444", 2), "0123");
	assert_string_equal(order("666444", 9), "012345");
}

static void an_address_that_came_late_gets_its_turn(void **state)
{
	struct race race = race_of("66", 1);

	(void)state;
	race_start(&race, (unsigned)race_next(&race), 0);
	race_add(&race, false);
	assert_int_equal(race_next(&race), 2);
	race_start(&race, 2, 0);
	assert_int_equal(race_next(&race), 1);
	race_start(&race, 1, 0);
	assert_true(race_next(&race) < 0);
	race_add(&race, true);
	assert_int_equal(race_next(&race), 3);
}

static void attempts_are_a_delay_apart(void **state)
{
	struct race race = race_of("64", 1);

	(void)state;
	assert_true(race_due_us(&race) < 0);
	race_start(&race, 0, 1000);
	assert_int_equal(race_due_us(&race), 1000 + 250000);
	race_start(&race, 1, 251000);
	assert_true(race_due_us(&race) == RACE_NEVER);
}

static void a_failure_brings_the_next_one_forward(void **state)
{
	struct race race = race_of("6464", 1);

	(void)state;
	race_start(&race, 0, 0);
	race_failed(&race, 60000, true); /* 60 ms later: long after the floor */
	assert_int_equal(race_due_us(&race), 60000);
	race_start(&race, 1, 60000);
	race_failed(&race, 61000, true); /* RFC 8305, section 5: not within 10 ms of the previous attempt */
	assert_int_equal(race_due_us(&race), 70000);
	race_start(&race, 2, 70000);
	race_failed(&race, 70000, false); /* nothing was sent: nothing to spread out */
	assert_int_equal(race_due_us(&race), 70000);
}

/* An older attempt fails while a newer one is young: the floor counts from the newer one; a failure never delays. */
static void a_late_failure_does_not_delay(void **state)
{
	struct race race = race_of("6464", 1);

	(void)state;
	race_start(&race, 0, 0);
	race_start(&race, 1, 250000);
	race_failed(&race, 255000, true);
	assert_int_equal(race_due_us(&race), 260000);
	race_failed(&race, 490000, true);
	assert_int_equal(race_due_us(&race), 260000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_take_turns),
		cmocka_unit_test(the_first_family_may_have_a_head_start),
		cmocka_unit_test(an_address_that_came_late_gets_its_turn),
		cmocka_unit_test(attempts_are_a_delay_apart),
		cmocka_unit_test(a_failure_brings_the_next_one_forward),
		cmocka_unit_test(a_late_failure_does_not_delay),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
