/* The pages of bench and tune, from results that no command can be made to have at will. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "cli/view/bench.h"
#include "cli/view/tune.h"

static char *page;
static size_t page_size;

static FILE *page_open(void)
{
	return open_memstream(&page, &page_size);
}

static void page_has(const char *text)
{
	if (!strstr(page, text))
		fail_msg("no \"%s\" in:\n%s", text, page);
}

static void page_close(FILE *out)
{
	fclose(out);
}

/* --- bench ------------------------------------------------------------------------------------------------------------- */

static struct bench_result *bench_of_two(void)
{
	struct bench_result *bench = calloc(1, sizeof *bench);

	assert_non_null(bench);
	bench->workload = workload_find("rr");
	bench->rounds = 5;
	bench->arms = 2;
	for (int i = 0; i < 2; i++) {
		bench->arm[i].spec = i ? "nodelay" : "";
		bench->arm[i].median = bench->arm[i].low = bench->arm[i].high = 100;
		bench->arm[i].gain = 1 + i;
		bench->arm[i].gain_low = 0.9;
		bench->arm[i].gain_high = 2.5;
		bench->arm[i].typical.evidence = evidence_none;
	}
	return bench;
}

/* The machine disturbed every run of one arm, and of those no latencies are kept. */
static void an_arm_without_latencies(void **state)
{
	(void)state;
	for (int with = 0; with < 2; with++) {
		struct bench_result *bench = bench_of_two();
		FILE *out = page_open();

		histogram_add(&bench->arm[with].latency, 1000000);
		bench_text(out, bench);
		page_close(out);
		page_has("GAIN (RANGE)  ");
		page_has("P90");
		page_has("x2 (0.9 to 2.5)");
		page_has(" 1ms    -  1ms  ");
		page_has("   -    -    -  ");
		free(page);
		free(bench);
	}
}

/* --- tune -------------------------------------------------------------------------------------------------------------- */

static void ladder_fill(struct tune_ladder *ladder, const char *name)
{
	snprintf(ladder->factor.name, sizeof ladder->factor.name, "%s", name);
	ladder->factor.ordered = true;
	ladder->rungs = 2;
	for (int i = 0; i < 2; i++) {
		snprintf(ladder->rung[i].value, sizeof ladder->rung[i].value, "%dM", 8 << i);
		ladder->rung[i].metric = 9e8;
		ladder->rung[i].gain = 0.5;
		ladder->rung[i].runs = 2;
	}
	ladder->helps = true;
}

static struct tune_report *report_of_two_rounds(void)
{
	struct tune_report *report = calloc(1, sizeof *report);
	struct tune_result *result;

	assert_non_null(report);
	report->base = report->path = "";
	result = &report->result;
	result->metric = (struct metric){"goodput_bps", false};
	result->detectable_effect = 0.05;
	result->complete = true;
	result->ladders = 2;
	ladder_fill(&result->ladder[0], "sysctl:tcp_wmem");
	result->ladder[0].duels = 1;
	result->ladder[0].duel[0] = (struct tune_duel){.smaller = 0, .larger = 1, .kept = 0, .verdict = DUEL_SMALLER,
		.effect = {.estimate = log(0.97), .low = log(0.96), .high = log(0.98), .p = 0.008, .pairs = 8, .confidence = 0.95}};
	ladder_fill(&result->ladder[1], "sysctl:tcp_rmem");
	result->ladder[1].duel_cut = true;
	snprintf(result->ladder[1].over, sizeof result->ladder[1].over, "net.ipv4.tcp_wmem=8M");
	result->ladder[1].behind = CAUSE_RWND;
	return report;
}

static void duels_and_rounds_are_on_the_page(void **state)
{
	struct tune_report *report = report_of_two_rounds();
	FILE *out = page_open();

	(void)state;
	tune_text(out, report);
	page_close(out);
	page_has("directly over 8M (-4.0 % to -2.0 %): the smaller is kept");
	page_has("\nOn top of net.ipv4.tcp_wmem=8M, which leaves the peer's receive window as the limit:\nVARIED");
	page_has("not confirmed against the next rung: budget");
	free(page);
	free(report);
}

/* Each rung tells of the other, with its own sign. */
static void duels_and_rounds_are_in_the_record(void **state)
{
	struct tune_report *report = report_of_two_rounds();
	FILE *out = page_open();

	(void)state;
	tune_json(out, report, false);
	page_close(out);
	page_has("\"against\":[{\"value\":\"8M\",\"gain\":-0.03,\"interval\":[-0.04,-0.02]");
	page_has("\"against\":[{\"value\":\"16M\",\"gain\":0.0309278,\"interval\":[0.0204082,0.0416667]");
	page_has("\"on_top_of\":\"net.ipv4.tcp_wmem=8M\"");
	page_has("\"note\":\"not confirmed against the next rung: budget\"");
	free(page);
	free(report);
}

/* The duel kept the larger, but it was not confirmed. */
static void a_rung_that_stays_after_all(void **state)
{
	struct tune_report *report = report_of_two_rounds();
	struct tune_ladder *ladder = &report->result.ladder[0];
	FILE *out = page_open();

	(void)state;
	ladder->duel[0].verdict = DUEL_LARGER;
	ladder->duel[0].kept = 1;
	ladder->duels_void = true;
	tune_text(out, report);
	page_close(out);
	page_has(": it is kept\n");
	page_has("it stays: the other rung was not confirmed in runs of its own\n");
	free(page);
	out = page_open();
	tune_json(out, report, false);
	page_close(out);
	page_has("\"kept\":false}],\"note\":\"it stays: the other rung was not confirmed in runs of its own\"");
	free(page);
	free(report);
}

/* One run has no spread, and a preflight that was cut short no floor: unknown, and not zero. */
static void what_was_not_measured_is_not_zero(void **state)
{
	struct tune_report *report = report_of_two_rounds();
	FILE *out = page_open();

	(void)state;
	report->result.baseline_runs = 1;
	report->result.spread = report->result.floor = NAN;
	tune_text(out, report);
	page_close(out);
	page_has(", of one run; limited by");
	assert_null(strstr(page, "in the preflight"));
	free(page);
	out = page_open();
	tune_json(out, report, false);
	page_close(out);
	page_has("\"spread\":null,\"floor\":null");
	free(page);
	free(report);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_arm_without_latencies),
		cmocka_unit_test(duels_and_rounds_are_on_the_page),
		cmocka_unit_test(duels_and_rounds_are_in_the_record),
		cmocka_unit_test(a_rung_that_stays_after_all),
		cmocka_unit_test(what_was_not_measured_is_not_zero),
	};

	return cmocka_run_group_tests_name("view", tests, NULL, NULL);
}
