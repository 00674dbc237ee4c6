/* One option as a record. The keys are ABI: documented in the command's description. */
#include "base/sysctl.h"
#include "cli/view/option.h"
#include <string.h>
#include "catalog/value.h"

static void integer_or_null(struct sink *sink, const char *key, bool known, int64_t value)
{
	if (known)
		sink_integer(sink, key, value);
	else
		sink_null(sink, key);
}

static void place_members(struct sink *sink, const struct place *place)
{
	sink_string(sink, "symbol", place->symbol);
	integer_or_null(sink, "level", place->symbol, place->level);
	integer_or_null(sink, "number", place->symbol, place->number);
}

static void second_place(struct sink *sink, const struct option *option)
{
	if (!option->place[1].symbol) {
		sink_null(sink, "also");
		return;
	}
	sink_object(sink, "also");
	place_members(sink, &option->place[1]);
	sink_close(sink);
}

static void phase_array(struct sink *sink, const char *key, uint8_t set)
{
	sink_array(sink, key);
	for (unsigned phase = 0; phase < SOCKCTL_PHASES; phase++)
		if (set & AT(phase))
			sink_string(sink, NULL, sockctl_phase_name((enum sockctl_phase)phase));
	sink_close(sink);
}

static void protocol_array(struct sink *sink, const struct option *option)
{
	sink_array(sink, "protocols");
	if (option_protocols(option) & PROTOCOL_TCP)
		sink_string(sink, NULL, "tcp");
	if (option_protocols(option) & PROTOCOL_UDP)
		sink_string(sink, NULL, "udp");
	sink_close(sink);
}

static void name_array(struct sink *sink, const char *key, const uint16_t ids[], size_t count)
{
	sink_array(sink, key);
	for (size_t i = 0; i < count; i++)
		if (ids[i])
			sink_string(sink, NULL, catalogue[ids[i]].name);
	sink_close(sink);
}

static void interplay_members(struct sink *sink, const struct option *option)
{
	sink_string(sink, "needs", catalogue[option->needs].name);
	sink_string(sink, "twin", catalogue[option->twin].name);
	name_array(sink, "overruled_by", option->overruled_by,
		   sizeof option->overruled_by / sizeof *option->overruled_by);
	name_array(sink, "after", option->after, sizeof option->after / sizeof *option->after);
}

static void limit_members(struct sink *sink, const struct option *option)
{
	int64_t value = 0;
	bool known = !option_limit_read(option, &value);
	char dotted[64];

	sysctl_name(option->limit, dotted, sizeof dotted);
	sink_string(sink, "limit", option->limit ? dotted : NULL);
	integer_or_null(sink, "limit_value", known, value);
	known = !option_autotune_read(option, &value);
	sysctl_name(option->autotune, dotted, sizeof dotted);
	sink_string(sink, "autotune", option->autotune ? dotted : NULL);
	integer_or_null(sink, "autotune_max", known, value);
}

static void inherited_member(struct sink *sink, const struct option *option)
{
	if (!option_is_of_listeners(option))
		sink_null(sink, "inherited");
	else
		sink_bool(sink, "inherited", option->inherited == PASSES_ON);
}

void option_record(struct sink *sink, const struct option *option)
{
	bool number = option->kind == KIND_SWITCH || codecs[option->kind]->ranged;

	sink_object(sink, NULL);
	sink_string(sink, "name", option->name);
	place_members(sink, &option->place[0]);
	second_place(sink, option);
	sink_string(sink, "kind", kind_names[option->kind]);
	sink_string(sink, "unit", option->unit ? unit_names[option->unit] : NULL);
	sink_string(sink, "words", option->words);
	integer_or_null(sink, "min", number, option->min);
	integer_or_null(sink, "max", number, option->kind == KIND_SWITCH ? 1 : option->max);
	protocol_array(sink, option);
	phase_array(sink, "late", option->late);
	phase_array(sink, "never", option->never);
	phase_array(sink, "udp_works", option->udp_works);
	interplay_members(sink, option);
	sink_string(sink, "readback", reads_names[option->reads]);
	inherited_member(sink, option);
	limit_members(sink, option);
	sink_string(sink, "capability", option->capability);
	sink_string(sink, "capability_also", option->capability_also);
	sink_bool(sink, "capability_host", option->capability_host);
	sink_bool(sink, "irreversible", option->irreversible);
	sink_string(sink, "since", option->since);
	sink_string(sink, "system", option->system);
	sink_string(sink, "summary", option->summary);
	sink_close(sink);
}
