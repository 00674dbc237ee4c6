/* Options that need, overrule and overwrite each other: each claim of a row, on sockets. Names no option. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "fixture.h"
#include "probe/capability.h"
#include "rows.h"
#include "socket/access.h"

enum { TEXT = 3 * ROW_TEXT };

/* The row, with what it needs, and another one. */
static const char *both(const struct option *a, const struct option *b, char text[TEXT])
{
	char one[ROW_TEXT], other[ROW_TEXT], needed[ROW_TEXT] = "";

	if (a->needs && &catalogue[a->needs] != b)
		row_text("", &catalogue[a->needs], needed);
	snprintf(text, TEXT, "%s,%s,%s", needed, row_text("", a, one), row_text("", b, other));
	return text;
}

static void apply(int fd, const char *text)
{
	struct sockctl_spec spec = spec_of_text(text);

	sockctl_apply(fd, SOCKCTL_CREATED, &spec, &report);
}

static void audit(int fd, const char *text)
{
	struct sockctl_spec spec = spec_of_text(text);

	assert_int_equal(sockctl_audit(fd, &spec, &report), 0);
}

/* Refused for want of a privilege, or not there: then nothing can be said of it here. */
static bool refused(const struct option *option)
{
	return verdict_of(option->name)->outcome >= SOCKCTL_UNSUPPORTED;
}

static void expect(const struct option *option, enum sockctl_outcome outcome, const struct option *because,
		   const char *when)
{
	const struct sockctl_verdict *v = verdict_of(option->name);

	if (v->outcome != outcome || !v->limit || strcmp(v->limit, because->name))
		fail_msg("%s, %s: %s by %s instead of %s by %s", option->name, when, sockctl_outcome_name(v->outcome),
			 v->limit ? v->limit : "nothing", sockctl_outcome_name(outcome), because->name);
}

static void expect_none(const struct option *option, const struct option *because, const char *when)
{
	const struct sockctl_verdict *v = verdict_of(option->name);

	if (v->limit && !strcmp(v->limit, because->name))
		fail_msg("%s, %s: %s by %s", option->name, when, sockctl_outcome_name(v->outcome), v->limit);
}

/* --- needs --------------------------------------------------------------------------------------------------------- */

static bool is_on(const struct option *option)
{
	int fd = row_socket(option);
	struct value value;
	bool on = !access_get(fd, option, 0, &value) && value_is_on(&value);

	close(fd);
	return on;
}

static bool need_check(const struct option *option)
{
	const struct option *needed = &catalogue[option->needs];
	char one[ROW_TEXT], other[ROW_TEXT], two[TEXT];
	int alone = row_socket(option), together = row_socket(option);
	bool possible;

	apply(together, both(option, needed, two));
	possible = !refused(option) && !refused(needed);
	if (possible) {
		expect_none(option, needed, "both asked for");
		apply(alone, row_text("", option, one));
		expect(option, SOCKCTL_INERT, needed, "alone");
		audit(alone, one);
		expect(option, SOCKCTL_INERT, needed, "of somebody else");
		apply(alone, row_text("", needed, other));
		audit(alone, one);
		expect_none(option, needed, "of somebody else who has it");
	}
	close(alone), close(together);
	return possible;
}

static void what_is_needed_and_missing_makes_inert(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (o->needs && row_is_settable(o) && !is_on(&catalogue[o->needs]))
			checked += need_check(o);
	assert_true(checked >= 3); /* the timers of keepalive need no privilege */
}

/* --- overruled ----------------------------------------------------------------------------------------------------- */

static bool rival_check(const struct option *option, const struct option *rival)
{
	char one[ROW_TEXT], other[ROW_TEXT], two[TEXT];
	int together = row_socket(option), apart = row_socket(option);
	bool possible;

	apply(together, both(option, rival, two));
	possible = !refused(option) && !refused(rival);
	if (possible) {
		expect(option, SOCKCTL_OVERRULED, rival, "both asked for");
		audit(together, two);
		expect(option, SOCKCTL_OVERRULED, rival, "both there");
		apply(apart, both(option, option, two));
		expect_none(option, rival, "alone");
		row_text("", option, one);
		apply(apart, row_text("", rival, other));
		audit(apart, one);
		if (rival->twin)
			expect_none(option, rival, "of somebody else, who may have set either");
		else
			expect(option, SOCKCTL_INERT, rival, "of somebody else");
	}
	close(together), close(apart);
	return possible;
}

static void a_rival_decides_and_is_named(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		for (size_t i = 0; i < sizeof o->overruled_by / sizeof *o->overruled_by; i++)
			if (o->overruled_by[i] && row_is_settable(o))
				checked += rival_check(o, &catalogue[o->overruled_by[i]]);
	assert_true(checked >= 2);
}

/* What is refused decides nothing. */
static void a_refused_rival_is_none(void **state)
{
	char one[ROW_TEXT], two[TEXT];

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		const struct option *rival = &catalogue[o->overruled_by[0]];
		int fd;

		if (!o->overruled_by[0] || !rival->capability)
			continue;
		fd = row_socket(o);
		snprintf(two, sizeof two, "%s,try:%s", row_text("", o, one), row_text("", rival, (char[ROW_TEXT]){0}));
		assert_int_equal(capability_keep_only(-1), 0);
		apply(fd, two);
		assert_int_equal(capability_restore(), 0);
		assert_true(refused(rival));
		expect_none(o, rival, "refused");
		close(fd);
	}
}

/* --- after --------------------------------------------------------------------------------------------------------- */

static bool reads(int fd, const struct option *option, struct value *ret)
{
	return !access_get(fd, option, 0, ret);
}

/* Set to its lowest value or to its example, and then the other: does it read otherwise? */
static bool overwritten(const struct option *option, const struct option *by, bool *ret_possible)
{
	struct value values[2] = {{.number = option->min}}, other, before, after;
	bool changed = false;

	assert_int_equal(value_parse(option, option->example ? option->example : "on", &values[1]), 0);
	assert_int_equal(value_parse(by, by->example ? by->example : "on", &other), 0);
	for (unsigned i = 0; i < 2; i++) {
		int fd = row_socket(option);
		bool possible = !access_set(fd, option, 0, &values[i]) && reads(fd, option, &before) &&
				!access_set(fd, by, 0, &other) && reads(fd, option, &after);

		*ret_possible |= possible;
		changed |= possible && !value_equal(&before, &after);
		close(fd);
	}
	return changed;
}

static void what_would_be_overwritten_is_set_later(void **state)
{
	unsigned checked = 0;

	(void)state;
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		for (size_t i = 0; i < sizeof o->after / sizeof *o->after; i++) {
			bool possible = false;

			if (!o->after[i])
				continue;
			if (o->after[i] >= option_id(o))
				fail_msg("%s stands before %s, which overwrites it", o->name,
					 catalogue[o->after[i]].name);
			if (!overwritten(o, &catalogue[o->after[i]], &possible) && possible)
				fail_msg("%s: %s does not overwrite it", o->name, catalogue[o->after[i]].name);
			checked += possible;
		}
	assert_true(checked >= 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_needed_and_missing_makes_inert),
		cmocka_unit_test(a_rival_decides_and_is_named),
		cmocka_unit_test(a_refused_rival_is_none),
		cmocka_unit_test(what_would_be_overwritten_is_set_later),
	};

	return fixture_skips() ? 0 : cmocka_run_group_tests_name("interplay", tests, NULL, NULL);
}
