/* Findings for people: the numbers stand before the words. */
#include "cli/view/finding.h"
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include "base/text.h"
#include "record/table.h"

enum { LABEL = 10, SEVERITY = 7, REMARK = 4, NARROWEST = 40 };

const char *const severity_names[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_FAULT] = "fault"};
static const char *const colours[SEVERITY_COUNT] = {
	[SEVERITY_NOTE] = "\033[36m", [SEVERITY_WARNING] = "\033[33m", [SEVERITY_FAULT] = "\033[31m"};

/* Broken at spaces; what follows the first line stands under it. */
static void wrapped_print(FILE *out, const char *text, unsigned indent, unsigned width)
{
	size_t room = width > NARROWEST ? width - indent : (size_t)-1;

	while (strlen(text) > room) {
		size_t cut = room;

		while (cut && text[cut] != ' ')
			cut--;
		cut = cut ? cut : strcspn(text, " ");
		fprintf(out, "%.*s\n%*s", (int)cut, text, (int)indent, "");
		text += cut;
		text += strspn(text, " ");
	}
	fprintf(out, "%s\n", text);
}

/* "  evidence  text" */
static void line_print(FILE *out, const char *label, const char *text, unsigned width)
{
	char copy[600];

	if (!*text)
		return;
	snprintf(copy, sizeof copy, "%s", text);
	fprintf(out, "  %-*s", LABEL, label);
	wrapped_print(out, text_harmless(copy), LABEL + 2, width);
}

static void heading_print(FILE *out, const struct finding *finding, unsigned width, bool colour)
{
	char buffer[400];
	struct text heading = TEXT(buffer);

	text_add(&heading, "%s: %s%s%s", finding->rule->title, finding->who, *finding->who ? ", " : "", finding->what);
	if (finding->sockets > 1)
		text_add(&heading, ", and %" PRIu64 " more", finding->sockets - 1);
	fprintf(out, "%s%-*s%s  ", colour ? colours[finding->severity] : "", SEVERITY,
		severity_names[finding->severity], colour ? "\033[0m" : "");
	wrapped_print(out, text_harmless(buffer), SEVERITY + 2, width);
}

void finding_print(FILE *out, const struct finding *finding, unsigned width, bool colour)
{
	const struct fix *fix = &finding->fix;
	char why[600];

	heading_print(out, finding, width, colour);
	line_print(out, "evidence", finding->evidence, width);
	snprintf(why, sizeof why, "%s (%s)", finding->rule->why, finding->rule->source);
	line_print(out, "why", why, width);
	line_print(out, "fix", fix->spec, width);
	line_print(out, "config", fix->words, width);
	line_print(out, "sysctl", fix->sysctl, width);
	line_print(out, *fix->spec || *fix->sysctl ? "note" : "fix", fix->advice, width);
	line_print(out, "rule", finding->rule->name, width);
	fputc('\n', out);
}

void remark_print(FILE *out, unsigned width, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	wrapped_print(out, text, REMARK, width);
}

static void tally_rows(struct table *table, const struct doctor *doctor, uint64_t only)
{
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		const struct tally *tally = doctor_tally(doctor, id);
		char examined[24], sick[24], unknown[24];

		if (!(only >> id & 1))
			continue;
		snprintf(examined, sizeof examined, "%" PRIu64, tally->examined);
		snprintf(sick, sizeof sick, "%" PRIu64, tally->sick);
		snprintf(unknown, sizeof unknown, "%" PRIu64, tally->unknown);
		table_row(table, rules[id].name, examined, sick, unknown, tally->unknown ? tally->why : "");
	}
}

void tallies_print(FILE *out, const struct doctor *doctor, uint64_t only, unsigned width)
{
	static const char *const headings[] = {"CHECKED", ">EXAMINED", ">SICK", ">UNKNOWN", "WHY UNKNOWN", NULL};
	struct table table;

	table_init(&table, headings);
	tally_rows(&table, doctor, only);
	table_print(&table, out, width);
	table_release(&table);
}

void rules_print(FILE *out, unsigned width)
{
	static const char *const headings[] = {"RULE", "SEVERITY", "WHY IT MATTERS", NULL};
	struct table table;

	table_init(&table, headings);
	for (unsigned id = 0; id < RULE_COUNT; id++)
		table_row(&table, rules[id].name, severity_names[rules[id].severity], rules[id].why);
	table_print(&table, out, width);
	table_release(&table);
}
