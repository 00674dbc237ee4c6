/* The page of `tune`: what was run where, the ladder of each factor, and the advice, or that there is none. */
#include "cli/view/tune.h"
#include <math.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/view/metric.h"
#include "record/table.h"

const char tune_view_unconfirmed[] = "not confirmed against the next rung: budget";
const char tune_view_restored[] = "it stays: the other rung was not confirmed in runs of its own";

/* Small changes in percent, large ones as a factor; better is positive. */
static void gain_text(double gain, char *text, size_t size)
{
	if (isnan(gain))
		snprintf(text, size, "-");
	else if (gain >= 1)
		snprintf(text, size, "x%.*f", gain < 9 ? 2 : 1, 1 + gain);
	else
		snprintf(text, size, "%+.1f %%", 100 * gain);
}

static void cause_text(enum tune_cause cause, double share, char *text, size_t size)
{
	char measure[96];

	cause_share_text(cause, share, measure, sizeof measure);
	if (cause == CAUSE_SNDBUF || cause == CAUSE_RWND || cause == CAUSE_NAGLE || cause == CAUSE_LOSS)
		snprintf(text, size, "%s (%s)", tune_cause_text(cause), measure);
	else
		snprintf(text, size, "%s", tune_cause_text(cause));
}

static void head_print(FILE *out, const struct tune_report *report)
{
	const struct metric *metric = &report->result.metric;
	char bdp[32];

	fprintf(out, "%s over %s: %s, %s is better\n", report->load, *report->path ? report->path : "loopback",
		metric_title(metric), metric->lower_is_better ? "less" : "more");
	if (*report->server)
		fprintf(out, "  server     %s\n", report->server);
	if (*report->base)
		fprintf(out, "  base       %s\n", report->base);
	fprintf(out, "  host       Linux %s, %d CPU%s, congestion control %s\n", report->kernel, report->cpus,
		report->cpus == 1 ? "" : "s", report->cc);
	fprintf(out, "  placement  %s\n", report->placement);
	if (report->bdp_bytes) {
		units_round(MEASURE_SIZE, (double)report->bdp_bytes, bdp, sizeof bdp);
		fprintf(out, "  path       a full path holds %s (rate x round trip)\n", bdp);
	}
}

static void baseline_print(FILE *out, const struct tune_result *result)
{
	char value[32], cause[160];

	metric_value_text(&result->metric, result->baseline, value, sizeof value);
	cause_text(result->cause, result->cause_share, cause, sizeof cause);
	fprintf(out, "  baseline   %s, ", value);
	if (isnan(result->spread))
		fprintf(out, "%s; ", result->baseline_runs ? "of one run" : "never run to its end");
	else
		fprintf(out, "median of %u runs that spread by %.1f %%; ", result->baseline_runs, 100 * result->spread);
	fprintf(out, "limited by %s\n", cause);
	if (!isnan(result->floor))
		fprintf(out, "             two equal arms differed by %.1f %% in the preflight\n",
			100 * expm1(result->floor));
}

static void rung_row(struct table *table, const struct tune_result *result, const struct tune_ladder *ladder,
		     unsigned index)
{
	const struct tune_rung *rung = &ladder->rung[index];
	char value[32], gain[32], runs[16], cause[160], note[256];

	metric_value_text(&result->metric, rung->metric, value, sizeof value);
	gain_text(rung->gain, gain, sizeof gain);
	snprintf(runs, sizeof runs, "%u", rung->runs);
	cause_text(rung->cause, rung->cause_share, cause, sizeof cause);
	if (*rung->note)
		snprintf(note, sizeof note, "%s", rung->note);
	else
		snprintf(note, sizeof note, "%s%s", cause, rung->levels_off ? "  <- levels off" : "");
	table_row(table, index ? "" : ladder->factor.name, rung->value, value, gain, runs, note);
}

static void screen_row(struct table *table, const struct tune_ladder *ladder)
{
	char gain[32], runs[16], note[96];

	if (!ladder->screen.pairs)
		return;
	gain_text(expm1(ladder->screen.estimate), gain, sizeof gain);
	snprintf(runs, sizeof runs, "%u", ladder->screen.pairs);
	snprintf(note, sizeof note, "once more: %s", ladder->helps ? "worth confirming" : "not worth confirming");
	table_row(table, "", ladder->rung[ladder->best].value, "", gain, runs, note);
}

static void duel_row(struct table *table, const struct tune_ladder *ladder, const struct tune_duel *duel)
{
	static const char *const kept[] = {
		[DUEL_LARGER] = "it is kept",
		[DUEL_SMALLER] = "the smaller is kept",
		[DUEL_TIE] = "no better: the smaller is kept",
		[DUEL_TIE_AT_EDGE] = "no better, but at the smaller the cause is still named: it is kept",
	};
	char gain[32], low[32], high[32], runs[16], note[256];

	gain_text(expm1(duel->effect.estimate), gain, sizeof gain);
	gain_text(expm1(duel->effect.low), low, sizeof low);
	gain_text(expm1(duel->effect.high), high, sizeof high);
	snprintf(runs, sizeof runs, "%u", duel->effect.pairs);
	snprintf(note, sizeof note, "directly over %s (%s to %s): %s", ladder->rung[duel->smaller].value, low, high,
		 kept[duel->verdict]);
	table_row(table, "", ladder->rung[duel->larger].value, "", gain, runs, note);
}

static void ladder_rows(struct table *table, const struct tune_result *result, const struct tune_ladder *ladder)
{
	for (unsigned i = 0; i < ladder->rungs; i++)
		rung_row(table, result, ladder, i);
	screen_row(table, ladder);
	for (unsigned i = 0; i < ladder->duels; i++)
		duel_row(table, ladder, &ladder->duel[i]);
	if (ladder->duels_void)
		table_row(table, "", ladder->rung[ladder->best].value, "", "", "", tune_view_restored);
	if (ladder->duel_cut)
		table_row(table, "", ladder->rung[ladder->best].value, "", "", "", tune_view_unconfirmed);
	if (ladder->cut)
		table_row(table, ladder->rungs ? "" : ladder->factor.name, "", "", "", "", "the budget ended here");
}

/* The ladders over one baseline: those at first, or those on top of what was confirmed. Returns where the next begin. */
static unsigned round_print(FILE *out, const struct tune_result *result, unsigned from)
{
	static const char *const headings[] = {"VARIED", ">VALUE", ">MEDIAN", ">GAIN", ">RUNS", "LIMITED BY", NULL};
	const struct tune_ladder *first = &result->ladder[from];
	struct table table;

	fputc('\n', out);
	if (*first->over)
		fprintf(out, "On top of %s, which leaves %s as the limit:\n", first->over,
			tune_cause_text(first->behind));
	table_init(&table, headings);
	for (; from < result->ladders && !strcmp(result->ladder[from].over, first->over); from++)
		ladder_rows(&table, result, &result->ladder[from]);
	table_print(&table, out, terminal_width(out));
	table_release(&table);
	return from;
}

static void ladders_print(FILE *out, const struct tune_result *result)
{
	for (unsigned i = 0; i < result->ladders;)
		i = round_print(out, result, i);
}

static void settings_print(FILE *out, const char *title, const struct tune_recommendation *advice)
{
	fprintf(out, "\n%s: %s%s%s\n", title, advice->spec, *advice->spec && *advice->sysctl ? "; " : "",
		advice->sysctl);
	if (*advice->client_spec || *advice->server_spec)
		fprintf(out, "  where      client: %s; server: %s\n", *advice->client_spec ? advice->client_spec : "-",
			*advice->server_spec ? advice->server_spec : "-");
}

static void effect_print(FILE *out, const struct tune_result *result, const struct stats_effect *effect)
{
	char estimate[32], low[32], high[32];

	gain_text(expm1(effect->estimate), estimate, sizeof estimate);
	gain_text(expm1(effect->low), low, sizeof low);
	gain_text(expm1(effect->high), high, sizeof high);
	fprintf(out, "  effect     %s %s (%.1f %% interval %s to %s; %u pairs, p = %.2g)\n",
		metric_title(&result->metric), estimate, 100 * effect->confidence, low, high, effect->pairs, effect->p);
}

static void requirement_print(FILE *out, const struct tune_requirement *requirement)
{
	char name[64], here[32] = "unknown here";

	sysctl_name(requirement->sysctl, name, sizeof name);
	if (requirement->here >= 0)
		snprintf(here, sizeof here, "here %lld", (long long)requirement->here);
	fprintf(out, "  requires   %s of %lld or more (%s)\n", name, (long long)requirement->at_least, here);
	fprintf(out, "  warning    %s\n", requirement->warning);
}

static void advice_print(FILE *out, const struct tune_result *result, unsigned index)
{
	const struct tune_recommendation *advice = &result->recommendation[index];

	settings_print(out, index ? "Another remedy for the same" : "Recommended", advice);
	effect_print(out, result, &advice->effect);
	fprintf(out, "  because    %s\n", advice->cause_text);
	if (*advice->cost)
		fprintf(out, "  costs      %s\n", advice->cost);
	for (unsigned i = 0; i < advice->requires_count; i++)
		requirement_print(out, &advice->requires[i]);
	if (*advice->sysctl)
		fprintf(out, "  to set     sysctl -w, or a line in /etc/sysctl.d/\n");
	if (*advice->spec)
		fprintf(out, "  to set     sockctl run %s -- PROGRAM, or the same in the program's own code\n",
			advice->spec);
}

static void nothing_print(FILE *out, const struct tune_result *result)
{
	if (isnan(result->detectable_effect)) {
		fprintf(out, "\nNo answer: it never came to a confirmation.\n");
		return;
	}
	fprintf(out,
		"\nNothing helped%s. An effect of %.1f %% or more would have been found (with a chance of 80 %%).\n",
		result->complete ? "" : " so far", 100 * result->detectable_effect);
}

static void foot_print(FILE *out, const struct tune_report *report)
{
	const struct tune_result *result = &report->result;

	fprintf(out, "\n%u runs in %.0f s", result->runs, report->elapsed_s);
	if (result->invalid_runs)
		fprintf(out, ", and %u that were disturbed and repeated", result->invalid_runs);
	fprintf(out, "; seed %llu\n", (unsigned long long)report->seed);
	if (result->disturbed_runs)
		fprintf(out,
			"%u runs count although every attempt was disturbed (%s): the path was not quite what was asked for\n",
			result->disturbed_runs, result->disturbed_why);
	if (!result->complete)
		fprintf(out, "Not complete: %s\n", result->why_incomplete);
}

void tune_text(FILE *out, const struct tune_report *report)
{
	const struct tune_result *result = &report->result;

	head_print(out, report);
	baseline_print(out, result);
	ladders_print(out, result);
	for (unsigned i = 0; i < result->recommendations; i++)
		advice_print(out, result, i);
	if (!result->recommendations)
		nothing_print(out, result);
	foot_print(out, report);
}
