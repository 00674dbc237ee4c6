/* Is the contract any good? Every row is made wrong in each of its columns, in a copy, and what was measured of the
 * right one must contradict it. What a wrong column cannot show on a row (a limit that is out of sight) is no
 * mutation of it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "mutation.h"

/* Makes the copy wrong; false: this column has nothing to be wrong about in this row. */
struct mutation {
	const char *column;
	bool (*make)(struct option *row, const struct probe_result *results);
};

/* Of what nobody can set, only that is known. */
static bool is_settable(const struct option *row)
{
	return row->never != AT_ALL;
}

static bool is_number(const struct option *row)
{
	return codecs[row->kind]->ranged && row->kind != KIND_SWITCH && is_settable(row);
}

static bool flip(uint8_t *set, uint8_t phases)
{
	*set ^= phases;
	return true;
}

static bool never_unbound(struct option *row, const struct probe_result *r)
{
	(void)r;
	return flip(&row->never, AT_UNBOUND);
}

static bool never_bound(struct option *row, const struct probe_result *r)
{
	(void)r;
	return flip(&row->never, AT_BOUND);
}

static bool never_listening(struct option *row, const struct probe_result *r)
{
	(void)r;
	return option_protocols(row) & PROTOCOL_TCP && flip(&row->never, AT_LISTENING);
}

static bool never_connected(struct option *row, const struct probe_result *r)
{
	(void)r;
	return flip(&row->never, AT_CONNECTED);
}

/* A row that names an effect is believed where that effect is out of sight. */
static bool is_shown(const struct option *row, const struct probe_result *r, enum probe_phase phase)
{
	bool known = false;

	for (enum probe_family family = 0; family < PROBE_FAMILIES; family++)
		known |= r[family].there && probe_has(row, 0, family) &&
			 r[family].effective[phase].answer != PROBE_UNKNOWN;
	return known || row->effect == EFFECT_NONE;
}

static bool late_connected(struct option *row, const struct probe_result *r)
{
	return is_shown(row, r, PROBE_ACCEPTED) && !(row->never & AT_CONNECTED) &&
	       option_protocols(row) & PROTOCOL_TCP && flip(&row->late, AT_CONNECTED);
}

static bool late_listening(struct option *row, const struct probe_result *r)
{
	return is_shown(row, r, PROBE_LISTENING) && !(row->never & AT_LISTENING) &&
	       option_protocols(row) & PROTOCOL_TCP && row->inherited == PASSES_ON &&
	       r[PROBE_TCP4].inherited[PROBE_AFTER_LISTEN].answer != PROBE_UNKNOWN && flip(&row->late, AT_LISTENING);
}

static bool inherited(struct option *row, const struct probe_result *r)
{
	const struct probe_result *tcp = r[PROBE_TCP4].there ? &r[PROBE_TCP4] : &r[PROBE_TCP6];

	row->inherited = row->inherited == STAYS ? PASSES_ON : STAYS;
	return option_is_readable(row) && !option_is_dead(row) && tcp->there &&
	       tcp->inherited[PROBE_BEFORE_BIND].answer != PROBE_UNKNOWN;
}

static bool min(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->min++;
	return is_number(row) && row->place->below && !row->min_ticks;
}

static bool min_ticks(struct option *row, const struct probe_result *r)
{
	(void)r;
	return row->min_ticks++;
}

static bool max(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->max++;
	return is_number(row) && row->place->above;
}

static bool below(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->place[0].below = row->place[0].below ? 0 : EINVAL;
	return is_number(row) && row->kind != KIND_LINGER;
}

static bool above(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->place[0].above = row->place[0].above ? 0 : EINVAL;
	return is_number(row) && row->max < INT32_MAX;
}

static bool reads(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->reads = row->reads == READS_SAME ? READS_DOUBLED : READS_SAME;
	return is_number(row);
}

static bool reads_never(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->reads = row->reads == READS_NEVER ? READS_SAME : READS_NEVER;
	return is_settable(row) && !option_is_dead(row);
}

static bool limit(struct option *row, const struct probe_result *r)
{
	(void)r;
	if (!row->limit)
		return false;
	row->limit = NULL;
	return true;
}

static bool capability(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->capability = row->capability ? NULL : "CAP_NET_ADMIN";
	return is_settable(row);
}

static bool free_max(struct option *row, const struct probe_result *r)
{
	(void)r;
	row->free_max++;
	return row->capability;
}

static const struct mutation mutations[] = {
	{"never unbound", never_unbound},
	{"never bound", never_bound},
	{"never listening", never_listening},
	{"never connected", never_connected},
	{"late connected", late_connected},
	{"late listening", late_listening},
	{"inherited", inherited},
	{"min", min},
	{"min_ticks", min_ticks},
	{"max", max},
	{"below", below},
	{"above", above},
	{"reads", reads},
	{"reads never", reads_never},
	{"limit", limit},
	{"capability", capability},
	{"free_max", free_max},
};
_Static_assert(sizeof mutations / sizeof *mutations == MUTATIONS, "a column that is never made wrong");

static unsigned departures_of(const struct option *row, const struct probe_result *results)
{
	unsigned count = 0;

	for (enum probe_family family = 0; family < PROBE_FAMILIES; family++)
		if (results[family].there)
			count += departures_find(row, &results[family], NULL, NULL);
	return count;
}

/* Only rows that hold here, in their first place. */
static bool row_holds(const struct probe *probe, unsigned id)
{
	const struct probe_result *results = probe->result[id][0];
	bool there = false;

	for (enum probe_family family = 0; family < PROBE_FAMILIES; family++)
		there |= results[family].there && probe_has(&catalogue[id], 0, family) &&
			 !departure_excuse(&catalogue[id], &results[family]);
	return there && !departures_of(&catalogue[id], results);
}

static bool mutation_check(const struct probe *probe, unsigned number, unsigned test)
{
	unsigned tried = 0, caught = 0;

	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		struct option row = catalogue[id];

		if (!row_holds(probe, id) || !mutations[number].make(&row, probe->result[id][0]))
			continue;
		tried++;
		if (departures_of(&row, probe->result[id][0]))
			caught++;
		else
			printf("# %s: a wrong `%s` was not noticed\n", row.name, mutations[number].column);
	}
	printf("%sok %u - a wrong `%s` is noticed: %u rows, %u caught\n", caught == tried ? "" : "not ", test,
	       mutations[number].column, tried, caught);
	return caught == tried;
}

bool mutations_check(const struct probe *probe, unsigned first)
{
	bool fine = true;

	for (unsigned i = 0; i < MUTATIONS; i++)
		fine &= mutation_check(probe, i, first + i);
	return fine;
}
