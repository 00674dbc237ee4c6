/* The page of `bench`: what was run where, one line per spec, and what became of the settings. */
#include "cli/view/bench.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/view/metric.h"
#include "lab/cause.h"
#include "record/table.h"
#include <math.h>
#include <string.h>

static void head_print(FILE *out, const struct bench_result *result)
{
	const struct metric *metric = &result->workload->metric;
	char lateness[32], allowed[32];

	fprintf(out, "%s over %s: %s, %s is better; %u %s\n", result->workload->name,
		result->linked ? result->path : "loopback", metric_title(metric),
		metric->lower_is_better ? "less" : "more", result->rounds,
		result->rounds == 1 ? "run of each" : "runs of each, interleaved; medians");
	fprintf(out, "  host       Linux %s, %d CPU%s, congestion control %s\n", result->kernel, result->cpus,
		result->cpus == 1 ? "" : "s", result->cc);
	fprintf(out, "  placement  %s\n", result->placement);
	if (!result->linked)
		return;
	units_round(MEASURE_TIME, result->arm[0].typical.evidence.lateness_p99_us, lateness, sizeof lateness);
	units_round(MEASURE_TIME, result->lateness_allowed_us, allowed, sizeof allowed);
	fprintf(out, "  link       late by %s at p99", lateness);
	if (result->lateness_allowed_us > 0)
		fprintf(out, "; %s is allowed, 5 %% of the round trip", allowed);
	fputc('\n', out);
}

static void latency_text(const struct histogram *latency, double q, char *text, size_t size)
{
	if (!latency->count || (q > 0.9 && q < 1 && latency->count < HISTOGRAM_P99_COUNT))
		snprintf(text, size, "-");
	else
		units_round(MEASURE_TIME, (double)histogram_quantile_ns(latency, q) / 1000, text, size);
}

static int share_text(double part, double whole)
{
	return whole > 0 && part >= 0 ? (int)(100 * part / whole + 0.5) : 0;
}

/* Where the time of the typical run went. */
static void evidence_text(const struct evidence *evidence, char *text, size_t size)
{
	if (!isnan(evidence->nagle_stalls)) {
		snprintf(text, size, "%.2f delayed acks per request", evidence->nagle_stalls);
		return;
	}
	if (!evidence->have_sender || isnan(evidence->sndbuf_limited_us)) {
		snprintf(text, size, "unknown: TCP_INFO could not be read");
		return;
	}
	snprintf(text, size, "sndbuf %d %%, peer's window %d %%, %.0f retransmits, cwnd %.0f",
		 share_text(cause_share(evidence, CAUSE_SNDBUF), 1),
		 share_text(evidence->rwnd_limited_us, evidence->busy_us), evidence->retransmits, evidence->cwnd_segs);
}

static void gain_text(const struct bench_result *result, const struct bench_arm *arm, char *text, size_t size)
{
	if (arm == result->arm)
		snprintf(text, size, "-");
	else if (result->rounds == 1)
		snprintf(text, size, "x%.3g", arm->gain);
	else
		snprintf(text, size, "x%.3g (%.3g to %.3g)", arm->gain, arm->gain_low, arm->gain_high);
}

/* Of disturbed runs none are kept: an arm may have none where another has them. */
static bool latencies_known(const struct bench_result *result)
{
	for (unsigned i = 0; i < result->arms; i++)
		if (result->arm[i].latency.count)
			return true;
	return false;
}

static void arm_row(struct table *table, const struct bench_result *result, const struct bench_arm *arm)
{
	char median[32], low[32], high[32], spread[72], gain[64], evidence[128], latency[3][32];

	metric_value_text(&result->workload->metric, arm->median, median, sizeof median);
	metric_value_text(&result->workload->metric, arm->low, low, sizeof low);
	metric_value_text(&result->workload->metric, arm->high, high, sizeof high);
	snprintf(spread, sizeof spread, "%s to %s", low, high);
	gain_text(result, arm, gain, sizeof gain);
	evidence_text(&arm->typical.evidence, evidence, sizeof evidence);
	latency_text(&arm->latency, 0.9, latency[0], sizeof *latency);
	latency_text(&arm->latency, 0.99, latency[1], sizeof *latency);
	latency_text(&arm->latency, 1, latency[2], sizeof *latency);
	if (latencies_known(result))
		table_row(table, *arm->spec ? arm->spec : "(none)", median, spread, gain, latency[0], latency[1],
			  latency[2], evidence);
	else
		table_row(table, *arm->spec ? arm->spec : "(none)", median, spread, gain, evidence);
}

static void arms_print(FILE *out, const struct bench_result *result)
{
	static const char *const turns[] = {
		"SPEC", ">MEDIAN", ">RUNS", ">GAIN (RANGE)", ">P90", ">P99", ">MAX", "WHERE THE TIME WENT", NULL};
	static const char *const bulk[] = {"SPEC", ">MEDIAN", ">RUNS", ">GAIN (RANGE)", "WHERE THE TIME WENT", NULL};
	struct table table;

	table_init(&table, latencies_known(result) ? turns : bulk);
	for (unsigned i = 0; i < result->arms; i++)
		arm_row(&table, result, &result->arm[i]);
	table_print(&table, out, terminal_width(out));
	table_release(&table);
}

/* What was not simply granted; a setting that the other host does not even have is told for its own host. */
static void verdicts_print(FILE *out, const struct bench_arm *arm)
{
	char line[512];

	for (enum host host = 0; host < HOSTS; host++)
		for (unsigned i = 0; i < arm->typical.report[host].count; i++) {
			const struct sockctl_verdict *verdict = &arm->typical.report[host].verdict[i];

			if (verdict->outcome <= SOCKCTL_INHERITED)
				continue;
			sockctl_verdict_text(verdict, line, sizeof line);
			fprintf(out, "%s, %s: %s\n", arm->spec, host == HOST_CLIENT ? "client" : "server", line);
		}
}

static void disturbances_print(FILE *out, const struct bench_arm *arm)
{
	const char *spec = *arm->spec ? arm->spec : "(none)";

	if (arm->retries)
		fprintf(out, "%s: %u run%s repeated, since the machine disturbed the link\n", spec, arm->retries,
			arm->retries == 1 ? "" : "s");
	if (arm->disturbed)
		fprintf(out, "%s: %u run%s counted though disturbed every time: mistrust the figures (%s)\n", spec,
			arm->disturbed, arm->disturbed == 1 ? "" : "s",
			*arm->typical.why_invalid ? arm->typical.why_invalid : "not the typical run");
}

void bench_text(FILE *out, const struct bench_result *result)
{
	head_print(out, result);
	fputc('\n', out);
	arms_print(out, result);
	fputc('\n', out);
	for (unsigned i = 0; i < result->arms; i++) {
		verdicts_print(out, &result->arm[i]);
		disturbances_print(out, &result->arm[i]);
	}
}
