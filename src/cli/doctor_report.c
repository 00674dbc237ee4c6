/* What a visit found, as a page or as an object. Looks at nothing itself. */
#include <inttypes.h>
#include "cli/doctor.h"
#include "cli/view/finding.h"

static bool is_asked(const struct visit *visit, unsigned rule)
{
	return !visit->only || visit->only >> rule & 1;
}

static void summary_print(const struct visit *visit, unsigned width)
{
	const char *nothing = visit->shown || visit->less_severe ? "" : "Nothing found. ";
	unsigned asked = 0, checked = 0, blind = 0;
	char lacking[40] = "";

	for (unsigned id = 0; id < RULE_COUNT; id++) {
		const struct tally *tally = doctor_tally(visit->doctor, id);

		asked += is_asked(visit, id);
		checked += tally->examined > 0;
		blind += tally->unknown > 0;
	}
	if (blind)
		snprintf(lacking, sizeof lacking, ", %u lacked facts", blind);
	remark_print(stdout, width,
		     "%s%" PRIu64 " socket%s, two looks %.1f s apart: %u of %u rules had something to judge%s", nothing,
		     doctor_looked_at(visit->doctor), doctor_looked_at(visit->doctor) == 1 ? "" : "s",
		     (double)visit->interval_us / 1e6, checked, asked, lacking);
	if (visit->less_severe)
		remark_print(stdout, width, "  not shown: %u finding%s less than a %s", visit->less_severe,
			     visit->less_severe == 1 ? " that is" : "s that are", severity_names[visit->least]);
}

/* What could not be checked is said even where all else is well. */
static void unknown_print(const struct visit *visit, unsigned width)
{
	for (unsigned id = 0; id < RULE_COUNT; id++) {
		const struct tally *tally = doctor_tally(visit->doctor, id);

		if (tally->unknown)
			remark_print(stdout, width, "  not checked: %s for %" PRIu64 ": %s", rules[id].name,
				     tally->unknown, tally->why);
	}
}

static void unseen_print(const struct visit *visit, unsigned width)
{
	const struct sockets_outcome *outcome = &visit->outcome;

	if (outcome->undecided)
		remark_print(stdout, width,
			     "  not seen: %" PRIu64
			     " socket%s for which the filter could not be decided: what it asks for is not known of %s",
			     outcome->undecided, outcome->undecided == 1 ? "" : "s",
			     outcome->undecided == 1 ? "it" : "them");
	if (outcome->hidden_processes)
		remark_print(stdout, width,
			     "  not seen: the sockets of %u process%s cannot be told to be %s (CAP_SYS_PTRACE)",
			     outcome->hidden_processes, outcome->hidden_processes == 1 ? "" : "es",
			     outcome->hidden_processes == 1 ? "its own" : "theirs");
}

/* Is it shown? Counts. */
static bool is_shown(struct visit *visit, const struct finding *finding)
{
	bool shown = finding->severity >= visit->least;

	visit->shown += shown;
	visit->less_severe += !shown;
	return shown;
}

static void page_print(struct visit *visit)
{
	unsigned count, width = terminal_width(stdout);
	const struct finding *finding = doctor_findings(visit->doctor, &count);

	for (unsigned i = 0; i < count; i++)
		if (is_shown(visit, &finding[i]))
			finding_print(stdout, &finding[i], width, terminal_colour(stdout));
	summary_print(visit, width);
	if (!visit->all)
		unknown_print(visit, width);
	unseen_print(visit, width);
	if (visit->all) {
		putchar('\n');
		tallies_print(stdout, visit->doctor, visit->only ? visit->only : UINT64_MAX, width);
	}
}

static void json_print(struct visit *visit)
{
	unsigned count;
	const struct finding *finding = doctor_findings(visit->doctor, &count);
	struct sink sink;

	sink_init(&sink, &sink_json, stdout, visit->pretty);
	sink_object(&sink, NULL);
	origin_emit(&sink, &visit->origin, "sockctl.doctor/1");
	sink_integer(&sink, "interval_us", (int64_t)visit->interval_us);
	sink_integer(&sink, "sockets", (int64_t)doctor_looked_at(visit->doctor));
	sink_integer(&sink, "undecided", (int64_t)visit->outcome.undecided);
	sink_integer(&sink, "hidden_processes", visit->outcome.hidden_processes);
	sink_bool(&sink, "complete", visit->complete);
	sink_string(&sink, "why", visit->complete ? NULL : visit->why);
	sink_array(&sink, "findings");
	for (unsigned i = 0; i < count; i++)
		if (is_shown(visit, &finding[i]))
			finding_record(&sink, &finding[i]);
	sink_close(&sink);
	sink_integer(&sink, "less_severe", visit->less_severe);
	sink_array(&sink, "checks");
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (is_asked(visit, id))
			tally_record(&sink, &rules[id], doctor_tally(visit->doctor, id));
	sink_close(&sink);
	sink_close(&sink);
}

void visit_print(struct visit *visit)
{
	if (visit->json)
		json_print(visit);
	else
		page_print(visit);
}

int visit_rules_list(const struct visit *visit)
{
	struct sink sink;

	if (!visit->json) {
		rules_print(stdout, terminal_width(stdout));
		return EXIT_FINE;
	}
	sink_init(&sink, &sink_json, stdout, visit->pretty);
	sink_array(&sink, NULL);
	for (unsigned id = 0; id < RULE_COUNT; id++)
		rule_record(&sink, &rules[id]);
	sink_close(&sink);
	return EXIT_FINE;
}
