/* Measurements, a line for each option and family, and the departures below. */
#include <string.h>
#include "base/text.h"
#include "cli/view/probe.h"
#include "record/table.h"

static char phase_mark(const struct probe_result *r, enum probe_phase phase)
{
	static const char marks[] = {[PROBE_NO] = '-', [PROBE_YES] = '+', [PROBE_UNKNOWN] = 'o'};

	if (r->accepted[phase])
		return r->accepted[phase] == PROBE_UNTRIED ? ' ' : 'x';
	return marks[r->effective[phase].answer];
}

static void phases_mark(const struct probe_result *r, char text[PROBE_PHASES + 1])
{
	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		text[phase] = phase_mark(r, phase);
	text[PROBE_PHASES] = 0;
}

static void moments_mark(const struct probe_result *r, char text[PROBE_MOMENTS])
{
	static const char marks[] = {[PROBE_NO] = '-', [PROBE_YES] = '+', [PROBE_UNKNOWN] = '?'};

	for (enum probe_moment moment = PROBE_BEFORE_LISTEN; moment < PROBE_MOMENTS; moment++)
		*text++ = marks[probe_inherited(r, moment)->answer];
	*text = 0;
}

static void family_row(struct table *table, const struct probe *probe, const struct option *option,
		       enum probe_family family)
{
	char phases[PROBE_PHASES + 1], moments[PROBE_MOMENTS] = "", needs[128];
	const struct probe_result *r = probe_find(probe, option, family);
	const char *excuse = r ? departure_excuse(option, r) : NULL;

	if (!r)
		return;
	if (excuse) {
		table_row(table, option->name, probe_family_names[family], "", "", excuse);
		return;
	}
	phases_mark(r, phases);
	if (family == PROBE_TCP4 || family == PROBE_TCP6)
		moments_mark(r, moments);
	table_row(table, option->name, probe_family_names[family], phases, moments,
		  probe_needs(r, needs, sizeof needs));
}

void probe_table(FILE *out, const struct probe *probe, const struct option *const options[], unsigned width)
{
	static const char *const headings[] = {"NAME", "FAMILY", "PHASES", "INHERITS", "NEEDS", NULL};
	struct table table;

	table_init(&table, headings);
	for (; *options; options++)
		for (enum probe_family family = 0; family < PROBE_DUAL; family++)
			family_row(&table, probe, *options, family);
	table_print(&table, out, width);
	table_release(&table);
	fputs("\nPHASES: unbound bound listening connecting established accepted close-wait; of UDP:\n"
	      "unbound bound, and established. + works, o accepted, - accepted in vain, x refused\n"
	      "INHERITS: if set before listen(), after listen(), between handshake and accept()\n",
	      out);
}

const char *probe_needs(const struct probe_result *r, char *text, size_t size)
{
	struct text out = {text, size, 0};

	text_add(&out, "%s", r->refused_here ? "more than a user namespace gives" : "");
	for (unsigned i = 0; i < PROBE_CAPABILITIES; i++)
		if (r->needs & 1u << i)
			text_add(&out, "%s%s", out.length ? " or " : "", probe_capability_names[i]);
	return text;
}

static void departure_print(void *arg, const struct probe_result *r, const char *text)
{
	const struct option *option = &catalogue[r->option];
	const char *symbol = option->place[r->place].symbol;

	fprintf(arg, "departs from the catalogue: %s%s%s%s, %s: %s\n", option->name, symbol ? " (" : "",
		symbol ? symbol : "", symbol ? ")" : "",
		r->family == PROBE_DUAL ? "dual-stack" : probe_family_names[r->family], text);
}

unsigned probe_departures(FILE *out, const struct probe *probe, const struct option *const options[])
{
	unsigned count = 0;

	if (out == stdout)
		putchar('\n');
	for (; *options; options++)
		for (unsigned place = 0; place < PROBE_PLACES; place++)
			for (enum probe_family family = 0; family < PROBE_FAMILIES; family++)
				count += departures_find(*options, &probe->result[option_id(*options)][place][family],
							 departure_print, out);
	if (!count && out == stdout)
		puts("This kernel departs from the catalogue nowhere.");
	return count;
}
