/* The order and the timing of RFC 8305. Touches no socket and no clock. */
#include "socket/race.h"
#include <string.h>

void race_init(struct race *race)
{
	memset(race, 0, sizeof *race);
	race->first_family_count = RACE_FIRST_FAMILY_COUNT;
	race->delay_us = RACE_DELAY_US;
	race->due_us = INT64_MIN;
}

void race_add(struct race *race, bool six)
{
	race->six[race->count++] = six;
}

static int address_left(const struct race *race, bool six)
{
	for (unsigned i = 0; i < race->count; i++)
		if (!race->begun[i] && race->six[i] == six)
			return (int)i;
	return -1;
}

/* The family whose turn it is: that of the caller's first address leads. */
static bool family_next(const struct race *race)
{
	bool first = race->six[0];

	if (race->started < race->first_family_count)
		return first;
	return !race->six[race->order[race->started - 1]];
}

int race_next(const struct race *race)
{
	bool six = race->count ? family_next(race) : false;
	int address = address_left(race, six);

	return address < 0 ? address_left(race, !six) : address;
}

int64_t race_due_us(const struct race *race)
{
	return race_next(race) < 0 ? RACE_NEVER : race->due_us;
}

void race_start(struct race *race, unsigned address, int64_t now_us)
{
	race->begun[address] = true;
	race->order[race->started++] = (uint8_t)address;
	race->started_us = now_us;
	race->due_us = now_us + race->delay_us;
}

void race_failed(struct race *race, int64_t now_us, bool sent)
{
	int64_t floor_us = race->started_us + RACE_DELAY_MIN_US;
	int64_t due_us = sent && floor_us > now_us ? floor_us : now_us;

	if (due_us < race->due_us)
		race->due_us = due_us;
}
