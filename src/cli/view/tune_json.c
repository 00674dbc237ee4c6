/* `tune -j`. */
#include <math.h>
#include "cli/view/metric.h"
#include "cli/view/tune.h"
#include "record/sink.h"

enum { DIGITS = 6 };

static void requirements_json(struct sink *sink, const struct tune_recommendation *advice)
{
	sink_array(sink, "requires");
	for (unsigned i = 0; i < advice->requires_count; i++) {
		const struct tune_requirement *requirement = &advice->requires[i];

		sink_object(sink, NULL);
		sink_string(sink, "sysctl", requirement->sysctl);
		sink_string(sink, "option", catalogue[requirement->option].name);
		sink_integer(sink, "at_least", requirement->at_least);
		if (requirement->here < 0)
			sink_null(sink, "here");
		else
			sink_integer(sink, "here", requirement->here);
		sink_string(sink, "warning", requirement->warning);
		sink_close(sink);
	}
	sink_close(sink);
}

static void advice_json(struct sink *sink, const char *key, const struct tune_recommendation *advice)
{
	bool differ = *advice->client_spec || *advice->server_spec;

	sink_object(sink, key);
	sink_string(sink, "spec", advice->spec);
	sink_string(sink, "client_spec", differ ? advice->client_spec : advice->spec);
	sink_string(sink, "server_spec", differ ? advice->server_spec : advice->spec);
	sink_string(sink, "sysctl", advice->sysctl);
	requirements_json(sink, advice);
	sink_real(sink, "effect", expm1(advice->effect.estimate), DIGITS);
	sink_array(sink, "interval");
	sink_real(sink, NULL, expm1(advice->effect.low), DIGITS);
	sink_real(sink, NULL, expm1(advice->effect.high), DIGITS);
	sink_close(sink);
	sink_real(sink, "confidence", advice->effect.confidence, DIGITS);
	sink_real(sink, "p", advice->effect.p, DIGITS);
	sink_integer(sink, "pairs", advice->effect.pairs);
	sink_string(sink, "cause", advice->cause_text);
	sink_string(sink, "cost", advice->cost);
	sink_close(sink);
}

static void advices_json(struct sink *sink, const struct tune_result *result)
{
	if (result->recommendations)
		advice_json(sink, "recommendation", &result->recommendation[0]);
	else
		sink_null(sink, "recommendation");
	sink_array(sink, "alternatives");
	for (unsigned i = 1; i < result->recommendations; i++)
		advice_json(sink, NULL, &result->recommendation[i]);
	sink_close(sink);
}

static void cause_json(struct sink *sink, enum tune_cause cause, double share)
{
	sink_string(sink, "cause", cause == CAUSE_UNKNOWN ? NULL : tune_cause_text(cause));
	sink_real(sink, "cause_share", share, DIGITS);
}

static void baseline_json(struct sink *sink, const struct tune_report *report)
{
	const struct tune_result *result = &report->result;

	sink_object(sink, "baseline");
	sink_string(sink, "spec", report->base);
	sink_real(sink, result->metric.name, result->baseline, DIGITS);
	sink_integer(sink, "runs", result->baseline_runs);
	sink_real(sink, "spread", result->spread, DIGITS);
	sink_real(sink, "floor", expm1(result->floor), DIGITS);
	cause_json(sink, result->cause, result->cause_share);
	sink_close(sink);
}

/* What this rung measured over its neighbours, side by side. */
static void duels_json(struct sink *sink, const struct tune_ladder *ladder, unsigned index)
{
	sink_array(sink, "against");
	for (unsigned i = 0; i < ladder->duels; i++) {
		const struct tune_duel *duel = &ladder->duel[i];
		bool larger = duel->larger == index;
		double sign = larger ? 1 : -1;

		if (!larger && duel->smaller != index)
			continue;
		sink_object(sink, NULL);
		sink_string(sink, "value", ladder->rung[larger ? duel->smaller : duel->larger].value);
		sink_real(sink, "gain", expm1(sign * duel->effect.estimate), DIGITS);
		sink_array(sink, "interval");
		sink_real(sink, NULL, expm1(larger ? duel->effect.low : -duel->effect.high), DIGITS);
		sink_real(sink, NULL, expm1(larger ? duel->effect.high : -duel->effect.low), DIGITS);
		sink_close(sink);
		sink_real(sink, "confidence", duel->effect.confidence, DIGITS);
		sink_real(sink, "p", duel->effect.p, DIGITS);
		sink_integer(sink, "pairs", duel->effect.pairs);
		sink_bool(sink, "kept", duel->kept == index);
		sink_close(sink);
	}
	sink_close(sink);
}

static void rung_json(struct sink *sink, const struct tune_result *result, const struct tune_ladder *ladder,
		      unsigned index)
{
	const struct tune_rung *rung = &ladder->rung[index];

	sink_object(sink, NULL);
	sink_string(sink, "factor", ladder->factor.name);
	sink_string(sink, "value", rung->value);
	sink_string(sink, "on_top_of", *ladder->over ? ladder->over : NULL);
	sink_real(sink, result->metric.name, rung->metric, DIGITS);
	sink_real(sink, "gain", rung->gain, DIGITS);
	sink_real(sink, "p", rung->p, DIGITS);
	sink_integer(sink, "runs", rung->runs);
	cause_json(sink, rung->cause, rung->cause_share);
	sink_bool(sink, "levels_off", rung->levels_off);
	sink_bool(sink, "worth_confirming", ladder->helps && ladder->best == index);
	duels_json(sink, ladder, index);
	sink_string(sink, "note",
		    *rung->note           ? rung->note :
		    ladder->best != index ? NULL :
		    ladder->duels_void    ? tune_view_restored :
		    ladder->duel_cut      ? tune_view_unconfirmed :
					    NULL);
	sink_close(sink);
}

static void arms_json(struct sink *sink, const struct tune_result *result)
{
	sink_array(sink, "arms");
	for (unsigned i = 0; i < result->ladders; i++)
		for (unsigned k = 0; k < result->ladder[i].rungs; k++)
			rung_json(sink, result, &result->ladder[i], k);
	sink_close(sink);
}

static void path_json(struct sink *sink, const struct tune_report *report)
{
	if (!*report->path) {
		sink_null(sink, "path");
		return;
	}
	sink_object(sink, "path");
	sink_string(sink, "text", report->path);
	sink_integer(sink, "rtt_us", report->rtt_us);
	if (report->bdp_bytes)
		sink_integer(sink, "bdp_bytes", report->bdp_bytes);
	else
		sink_null(sink, "bdp_bytes");
	sink_close(sink);
}

static void host_json(struct sink *sink, const struct tune_report *report)
{
	sink_object(sink, "host");
	sink_string(sink, "kernel", report->kernel);
	sink_integer(sink, "cpus", report->cpus);
	sink_string(sink, "cc", report->cc);
	sink_string(sink, "placement", report->placement);
	sink_close(sink);
}

void tune_json(FILE *out, const struct tune_report *report, bool pretty)
{
	const struct tune_result *result = &report->result;
	struct sink sink;

	sink_init(&sink, &sink_json, out, pretty);
	sink_object(&sink, NULL);
	sink_string(&sink, "load", report->load);
	sink_string(&sink, "server", *report->server ? report->server : NULL);
	sink_object(&sink, "metric");
	sink_string(&sink, "name", result->metric.name);
	sink_bool(&sink, "lower_is_better", result->metric.lower_is_better);
	sink_close(&sink);
	advices_json(&sink, result);
	sink_real(&sink, "detectable_effect", result->detectable_effect, DIGITS);
	baseline_json(&sink, report);
	arms_json(&sink, result);
	sink_integer(&sink, "runs", result->runs);
	sink_integer(&sink, "invalid_runs", result->invalid_runs);
	sink_integer(&sink, "disturbed_runs", result->disturbed_runs);
	path_json(&sink, report);
	host_json(&sink, report);
	sink_integer(&sink, "seed", (int64_t)report->seed);
	sink_real(&sink, "elapsed_s", report->elapsed_s, DIGITS);
	sink_bool(&sink, "complete", result->complete);
	sink_string(&sink, "why_incomplete", result->complete ? NULL : result->why_incomplete);
	sink_close(&sink);
}
