/* Everything about one option, for people: what it is for, where it works, what stands in its way on this host. */
#include "cli/view/option.h"
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/text.h"
#include "base/units.h"
#include "catalog/value.h"
#include "record/table.h"

enum { LINE_MAX_COLUMNS = 110, LINE_DEFAULT = 100, CELL = 512 }; /* longer lines are hard to read */

static void row(struct table *table, const char *label, const char *text)
{
	if (text && *text)
		table_row(table, label, text);
}

static void value_row(struct table *table, const struct option *option)
{
	char text[CELL];

	value_expects(option, text, sizeof text);
	row(table, "value", text);
}

static void example_row(struct table *table, const struct option *option)
{
	char text[CELL];

	snprintf(text, sizeof text, "%s%s%s", option->name, option->example ? "=" : "",
		 option->example ? option->example : "");
	row(table, "example", text);
}

static void phases_row(struct table *table, const char *label, uint8_t set, const char *empty, const char *but)
{
	struct text text;
	char cell[CELL];

	text = TEXT(cell);
	*cell = 0;
	for (unsigned phase = 0; phase < SOCKCTL_PHASES; phase++)
		if (set & AT(phase))
			text_add(&text, "%s%s", text.length ? ", " : "", sockctl_phase_name((enum sockctl_phase)phase));
	if (*cell)
		text_add(&text, "%s", but);
	row(table, label, *cell ? cell : empty);
}

static void works_rows(struct table *table, const struct option *option)
{
	uint8_t lost = option->late | option->never;
	const char *but = option->udp_works ? "; not with UDP" : "";

	if (option_is_pseudo(option))
		return;
	if (lost)
		phases_row(table, "works", AT_ALL & ~lost, "in no phase", "");
	else
		row(table, "works", "in every phase");
	phases_row(table, "too late", option->late, NULL, option->late & option->udp_works ? but : "");
	phases_row(table, "refused", option->never, NULL, option->never & option->udp_works ? but : "");
}

static void names_row(struct table *table, const char *label, const uint16_t ids[], size_t count)
{
	struct text text;
	char cell[CELL];

	text = TEXT(cell);
	*cell = 0;
	for (size_t i = 0; i < count; i++)
		if (ids[i])
			text_add(&text, "%s%s", text.length ? ", " : "", catalogue[ids[i]].name);
	row(table, label, cell);
}

/* Whose rows name this option as the one that decides instead. */
static void overrules_row(struct table *table, const struct option *option)
{
	uint16_t found[OPTION_COUNT];
	size_t count = 0;

	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (option_overrules(option, o))
			found[count++] = (uint16_t)option_id(o);
	names_row(table, "overrules", found, count);
}

static void interplay_rows(struct table *table, const struct option *option)
{
	names_row(table, "needs", &option->needs, 1);
	names_row(table, "twin of", &option->twin, 1);
	names_row(table, "overruled by", option->overruled_by,
		  sizeof option->overruled_by / sizeof *option->overruled_by);
	overrules_row(table, option);
	names_row(table, "set after", option->after, sizeof option->after / sizeof *option->after);
}

static void inheritance_row(struct table *table, const struct option *option)
{
	const char *text = "inherit it, if the listener has it before their handshake is complete";

	if (option->inherited == STAYS)
		text = (option->late | option->never) & AT(SOCKCTL_ACCEPTED) ?
			       "do not need it: it belongs to the listener" :
			       "do not inherit it: each costs a call of its own";
	row(table, "children", option_is_of_listeners(option) ? text : NULL);
}

static void limit_row(struct table *table, const struct option *option)
{
	char text[CELL], name[64], part[48] = "", here[32];
	struct value value = {0};

	if (!option->limit)
		return;
	sysctl_name(option->limit, name, sizeof name);
	if (option->limit_divisor)
		snprintf(part, sizeof part, "1/%u of the maximum of ", option->limit_divisor);
	if (option_limit_read(option, &value.number))
		snprintf(here, sizeof here, "not to be read");
	else
		value_format(option, &value, here, sizeof here);
	snprintf(text, sizeof text, "%s%s, without an error; here that is %s", part, name, here);
	row(table, "capped by", text);
}

static void within_row(struct table *table, const struct option *option)
{
	char text[CELL], name[64], here[32];

	if (!option->within)
		return;
	sysctl_name(option->within, name, sizeof name);
	if (sysctl_read(option->within, here, sizeof here))
		snprintf(here, sizeof here, "not to be read");
	for (char *c = here; *c; c++)
		*c = *c == '\t' ? ' ' : *c;
	snprintf(text, sizeof text, "%s, without an error; here that is %s", name, here);
	row(table, "cut to", text);
}

static void autotune_row(struct table *table, const struct option *option)
{
	char text[CELL], name[64], here[32] = "not to be read";
	int64_t bytes;
	int r = option_autotune_read(option, &bytes);

	if (r == -ENODATA)
		return;
	if (!r)
		units_format(MEASURE_SIZE, bytes, here, sizeof here);
	if (!r && !bytes)
		snprintf(here, sizeof here, "switched off");
	snprintf(text, sizeof text, "for TCP, where it is not set, up to the maximum in %s; here that is %s",
		 sysctl_name(option->autotune, name, sizeof name), here);
	row(table, "autotuned", text);
}

static void gate_row(struct table *table, const struct option *option)
{
	char text[CELL], name[64];
	int64_t value;

	if (!option->gate)
		return;
	sysctl_name(option->gate, name, sizeof name);
	if (sysctl_read_number(option->gate, 0, &value))
		snprintf(text, sizeof text, "%s has bit 0x%x; cannot be read here", name, option->gate_bit);
	else
		snprintf(text, sizeof text, "%s has bit 0x%x; here it is %" PRId64 ", so it is %s", name,
			 option->gate_bit, value, value & option->gate_bit ? "in effect" : "without effect");
	row(table, "only while", text);
}

static void reads_row(struct table *table, const struct option *option)
{
	static const char *const texts[READS_COUNT] = {
		[READS_SAME] = "as it was set",
		[READS_DOUBLED] = "twice what was set: the kernel adds as much again for its own overhead",
		[READS_MASKED] = "only the bits that the kernel leaves to programs",
		[READS_BACKOFF] = "rounded up to the next step of the SYN-ACK backoff",
		[READS_AT_MOST] = "as it was set, or less once the path is known",
		[READS_RAISED] = "as it was set, or the kernel's smallest buffer",
		[READS_JIFFIES] = "rounded up to the kernel's clock ticks",
		[READS_OTHER] = "never: getsockopt tells something else",
		[READS_NEVER] = NULL, /* nothing in the kernel to read */
	};

	row(table, "reads back", option_is_dead(option) ? "as if it had not been set" : texts[option->reads]);
}

static void privilege_row(struct table *table, const struct option *option)
{
	char text[CELL];

	struct text out;

	out = TEXT(text);
	if (option->free_max)
		text_add(&out, "none up to %" PRId64 "; above ", option->free_max);
	text_add(&out, "%s", option->capability ? option->capability : "none");
	if (option->capability_also)
		text_add(&out, " or %s", option->capability_also);
	if (option->capability_host)
		text_add(&out, " of the host; a container's own is refused");
	row(table, "privilege", text);
}

const char *option_protocols_text(const struct option *option)
{
	static const char *const texts[PROTOCOL_ALL + 1] = {
		[PROTOCOL_TCP] = "TCP",
		[PROTOCOL_UDP] = "UDP",
		[PROTOCOL_ALL] = "TCP, UDP",
	};

	return texts[option_protocols(option)];
}

static const char *level_name(int level)
{
	switch (level) {
	case SOL_SOCKET:
		return "SOL_SOCKET";
	case IPPROTO_TCP:
		return "IPPROTO_TCP";
	case IPPROTO_UDP:
		return "IPPROTO_UDP";
	case IPPROTO_IPV6:
		return "IPPROTO_IPV6";
	default:
		return "IPPROTO_IP";
	}
}

static const char *traffic_name(uint8_t traffic)
{
	return !traffic || traffic == TRAFFIC_ALL ? "" :
	       traffic & TRAFFIC_V4               ? " for IPv4, also that of a [::] socket" :
						    " for IPv6";
}

/* Where the kernel's clock ticks allow less than the row. */
static void least_row(struct table *table, const struct option *option)
{
	struct value least = {.number = option_min(option)};
	char text[CELL], number[32];

	if (least.number == option->min)
		return;
	value_format(option, &least, number, sizeof number);
	snprintf(text, sizeof text, "%s here, since the kernel counts in clock ticks", number);
	row(table, "at least", text);
}

static void kernel_rows(struct table *table, const struct option *option)
{
	char text[CELL];

	if (option->via == VIA_LISTEN)
		row(table, "kernel", "the second argument of listen()");
	for (size_t i = 0; i < sizeof option->place / sizeof *option->place && option->place[i].symbol; i++) {
		const struct place *place = &option->place[i];

		snprintf(text, sizeof text, "%s (%d, %d) at %s%s", place->symbol, place->level, place->number,
			 level_name(place->level), traffic_name(place->traffic));
		row(table, i ? "" : "kernel", text);
	}
	if (option->since)
		snprintf(text, sizeof text, "Linux %s", option->since);
	else
		snprintf(text, sizeof text, "every Linux that sockctl runs on");
	row(table, "since", option_is_pseudo(option) ? NULL : text);
	row(table, "system", option->system);
}

void option_page(FILE *out, const struct option *option, unsigned width)
{
	const char *const headings[] = {option->name, option->summary, NULL};
	struct table table;

	table_init(&table, headings);
	row(&table, "use", option->use);
	row(&table, "avoid", option->avoid);
	value_row(&table, option);
	least_row(&table, option);
	example_row(&table, option);
	row(&table, "aliases", option->aliases);
	row(&table, "protocols", option_protocols_text(option));
	works_rows(&table, option);
	interplay_rows(&table, option);
	row(&table, "undo",
	    option->irreversible ? "impossible: once on, the kernel does not switch it off again" : NULL);
	inheritance_row(&table, option);
	limit_row(&table, option);
	autotune_row(&table, option);
	within_row(&table, option);
	gate_row(&table, option);
	reads_row(&table, option);
	privilege_row(&table, option);
	kernel_rows(&table, option);
	row(&table, "sources", option->sources);
	table_print(&table, out, !width ? LINE_DEFAULT : width < LINE_MAX_COLUMNS ? width : LINE_MAX_COLUMNS);
	table_release(&table);
}
