/* All that was measured of one option, family by family, in words. */
#include <inttypes.h>
#include <string.h>
#include "base/text.h"
#include "cli/view/probe.h"
#include "record/table.h"

enum { LINE_MAX_COLUMNS = 110, LINE_DEFAULT = 100, CELL = 512 };

static void row(struct table *table, const char *label, const char *text)
{
	if (*text)
		table_row(table, label, text);
}

/* Phases in which it was accepted, with that effect. */
static void effect_row(struct table *table, const struct probe_result *r, const char *label, uint8_t answer)
{
	char cell[CELL] = "";
	struct text text = TEXT(cell);

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		if (!r->accepted[phase] && r->effective[phase].answer == answer)
			text_add(&text, "%s%s", text.length ? ", " : "", probe_phase_names[phase]);
	row(table, label, cell);
}

/* Of what was accepted and not seen to work or to fail: why, once for each reason. */
static void unseen_rows(struct table *table, const struct probe_result *r)
{
	const char *before = NULL;

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++) {
		const struct probe_finding *finding = &r->effective[phase];

		if (r->accepted[phase] || finding->answer != PROBE_UNKNOWN || !finding->why || finding->why == before)
			continue;
		row(table, before ? "" : "not seen", finding->why);
		before = finding->why;
	}
}

static void refused_row(struct table *table, const struct probe_result *r)
{
	char cell[CELL] = "";
	struct text text = TEXT(cell);

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		if (r->accepted[phase] > 0)
			text_add(&text, "%s%s: %s", text.length ? ", " : "", probe_phase_names[phase],
				 probe_errno_name(r->accepted[phase]));
	row(table, "refused", cell);
}

static void inherited_row(struct table *table, const struct probe_result *r)
{
	static const char *const words[] = {[PROBE_NO] = "no", [PROBE_YES] = "yes", [PROBE_UNKNOWN] = "unknown"};
	static const char *const moments[PROBE_MOMENTS] = {[PROBE_BEFORE_LISTEN] = "set before listen",
							   [PROBE_AFTER_LISTEN] = "after listen",
							   [PROBE_AFTER_HANDSHAKE] = "after the handshake"};
	char cell[CELL] = "";
	struct text text = TEXT(cell);

	if (r->family != PROBE_TCP4 && r->family != PROBE_TCP6)
		return;
	for (enum probe_moment moment = PROBE_BEFORE_LISTEN; moment < PROBE_MOMENTS; moment++) {
		const struct probe_finding *finding = probe_inherited(r, moment);

		text_add(&text, "%s%s: %s", text.length ? ", " : "", moments[moment], words[finding->answer]);
		if (finding->answer == PROBE_UNKNOWN && finding->why)
			text_add(&text, " (%s)", finding->why);
	}
	row(table, "inherited", cell);
}

static void readback_row(struct table *table, const struct option *option, const struct probe_result *r)
{
	char cell[CELL] = "", asked[64], got[64];
	struct text text = TEXT(cell);

	for (unsigned i = 0; i < r->pairs; i++) {
		value_format(option, &r->pair[i].asked, asked, sizeof asked);
		value_format(option, &r->pair[i].got, got, sizeof got);
		text_add(&text, "%s%s as %s", text.length ? ", " : "", asked, got);
	}
	row(table, "reads back", cell);
}

static void beyond_add(struct text *text, const char *side, const struct probe_edge *edge)
{
	if (edge->error)
		text_add(text, ", %s %s", side, probe_errno_name(edge->error));
}

static void range_row(struct table *table, const struct probe_result *r)
{
	char cell[CELL] = "";
	struct text text = TEXT(cell);

	if (!r->min.known || !r->max.known)
		return;
	text_add(&text, "%" PRId64 " to %" PRId64, r->min.value, r->max.value);
	beyond_add(&text, "below", &r->min);
	beyond_add(&text, "above", &r->max);
	row(table, "takes", cell);
}

static void needs_row(struct table *table, const struct probe_result *r)
{
	char cell[CELL], needs[128];

	probe_needs(r, needs, sizeof needs);
	if (r->has_free)
		snprintf(cell, sizeof cell, "nothing up to %" PRId64 ", above %s", r->free, needs);
	else
		snprintf(cell, sizeof cell, "%s", *needs ? needs : "nothing");
	row(table, "needs", cell);
}

static void result_rows(struct table *table, const struct option *option, const struct probe_result *r)
{
	const char *excuse = departure_excuse(option, r);

	if (excuse)
		row(table, "unknown", excuse);
	if (!r->there)
		return;
	effect_row(table, r, "works", PROBE_YES);
	effect_row(table, r, "accepted", PROBE_UNKNOWN);
	effect_row(table, r, "in vain", PROBE_NO);
	unseen_rows(table, r);
	refused_row(table, r);
	inherited_row(table, r);
	readback_row(table, option, r);
	range_row(table, r);
	needs_row(table, r);
}

static bool tables_equal(const struct table *a, const struct table *b)
{
	if (a->rows != b->rows)
		return false;
	for (unsigned i = 0; i < a->rows * a->columns; i++)
		if (strcmp(a->cell[i], b->cell[i]))
			return false;
	return true;
}

/* Does the other family show the same, so that one page does for both? */
static bool results_look_equal(const struct option *option, const struct probe_result *a, const struct probe_result *b)
{
	static const char *const headings[] = {"", "", NULL};
	struct table of_a, of_b;
	bool equal;

	if (!a || !b || a->place != b->place)
		return false;
	table_init(&of_a, headings);
	table_init(&of_b, headings);
	result_rows(&of_a, option, a);
	result_rows(&of_b, option, b);
	equal = tables_equal(&of_a, &of_b);
	table_release(&of_a);
	table_release(&of_b);
	return equal;
}

static bool stands_above(const struct probe *probe, const struct option *option, enum probe_family family)
{
	for (enum probe_family above = 0; above < family; above++)
		if (results_look_equal(option, probe_find(probe, option, above), probe_find(probe, option, family)))
			return true;
	return false;
}

/* "TCP_NODELAY of tcp4, tcp6" */
static void heading_make(const struct probe *probe, const struct option *option, enum probe_family family,
			 struct text *heading)
{
	const struct probe_result *r = probe_find(probe, option, family);
	const char *symbol = option->place[r->place].symbol;

	text_add(heading, "%s of %s", symbol ? symbol : "listen()", probe_family_names[family]);
	for (enum probe_family other = family + 1; other < PROBE_DUAL; other++)
		if (results_look_equal(option, r, probe_find(probe, option, other)))
			text_add(heading, ", %s", probe_family_names[other]);
}

static void family_page(FILE *out, const struct probe *probe, const struct option *option, enum probe_family family,
			unsigned width)
{
	char cell[CELL] = "";
	const char *const headings[] = {option->name, cell, NULL};
	struct text heading = TEXT(cell);
	struct table table;

	heading_make(probe, option, family, &heading);
	table_init(&table, headings);
	result_rows(&table, option, probe_find(probe, option, family));
	table_print(&table, out, width);
	table_release(&table);
}

void probe_page(FILE *out, const struct probe *probe, const struct option *option, unsigned width)
{
	unsigned columns = !width ? LINE_DEFAULT : width < LINE_MAX_COLUMNS ? width : LINE_MAX_COLUMNS;
	bool shown = false;

	for (enum probe_family family = 0; family < PROBE_DUAL; family++) {
		if (!probe_find(probe, option, family) || stands_above(probe, option, family))
			continue;
		if (shown)
			fputc('\n', out);
		family_page(out, probe, option, family, columns);
		shown = true;
	}
	if (!shown)
		fprintf(out, "%s: no property of one socket, so there is nothing to measure\n", option->name);
}
