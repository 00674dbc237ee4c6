/* The contract: every row of the catalogue against the running kernel, at every phase and for every family. Speaks TAP,
 * one line per option. Knows no option by name: what it expects is what the row says. */
#include <stdio.h>
#include <string.h>
#include "check.h"

static void check_place(struct subject *s)
{
	for (enum family family = 0; family < FAMILIES; family++) {
		if (!row_governs(s, family))
			continue;
		check_phases(s, family);
		if (s->skip)
			return;
		check_range(s, family);
		check_inheritance(s, family);
		check_effect(s, family);
	}
	if (row_governs(s, FAMILY_V4))
		check_capability(s, FAMILY_V4);
	if (!option_is_pseudo(s->option))
		check_datagram(s);
}

static bool check_option(unsigned number, const struct option *option)
{
	struct subject s = {.option = option};

	if (!subject_is_settable(&s)) {
		printf("ok %u - %s # SKIP no property of one socket\n", number, option->name);
		return true;
	}
	for (size_t i = 0; i < COUNT(option->place); i++) {
		s.place = &option->place[i];
		if (i == 0 || s.place->symbol)
			check_place(&s);
	}
	printf("%sok %u - %s: %u checks", s.wrong ? "not " : "", number, option->name, s.checks);
	printf(s.skip ? " # SKIP %s\n" : "\n", s.skip);
	return !s.wrong;
}

/* Some limits belong to the whole host and cannot be seen from inside a namespace: they are read before and after. */
static void limits_read(void)
{
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		int64_t value;

		if (!option_limit_read(&catalogue[id], &value))
			limits[id] = value;
	}
}

int main(void)
{
	bool fine = true;
	int r;

	memset(limits, -1, sizeof limits);
	limits_read();
	r = stage_enter_namespace();
	if (r) {
		printf("1..0 # SKIP no network namespace: %s\n", strerror(-r));
		return 0;
	}
	limits_read();
	printf("1..%d\n", OPTION_COUNT - 1);
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		fine &= check_option(id, &catalogue[id]);
		fflush(stdout);
	}
	return !fine;
}
