/* Measurements as records. The keys are ABI: documented in the command's description. */
#include "cli/view/probe.h"

static void answer_member(struct sink *sink, const char *key, const struct probe_finding *finding)
{
	if (finding->answer == PROBE_UNKNOWN)
		sink_null(sink, key);
	else
		sink_bool(sink, key, finding->answer == PROBE_YES);
}

static void accepted_member(struct sink *sink, const struct probe_result *r)
{
	sink_object(sink, "accepted");
	for (enum probe_phase phase = 0; phase < PROBE_PHASES && r->there; phase++)
		if (r->accepted[phase] != PROBE_UNTRIED)
			sink_string(sink, probe_phase_names[phase],
				    r->accepted[phase] ? probe_errno_name(r->accepted[phase]) : "ok");
	sink_close(sink);
}

static void effective_member(struct sink *sink, const struct probe_result *r)
{
	sink_object(sink, "effective");
	for (enum probe_phase phase = 0; phase < PROBE_PHASES && r->there; phase++)
		if (r->accepted[phase] != PROBE_UNTRIED)
			answer_member(sink, probe_phase_names[phase], &r->effective[phase]);
	sink_close(sink);
}

static void inherited_member(struct sink *sink, const struct probe_result *r)
{
	static const struct probe_finding unknown = {PROBE_UNKNOWN, NULL};

	sink_object(sink, "inherited");
	for (enum probe_moment moment = PROBE_BEFORE_LISTEN; moment < PROBE_MOMENTS; moment++)
		answer_member(sink, probe_moment_names[moment], r->there ? probe_inherited(r, moment) : &unknown);
	sink_close(sink);
}

static void value_element(struct sink *sink, const struct value *value)
{
	if (value->form == FORM_TEXT)
		sink_string(sink, NULL, value->text);
	else
		sink_integer(sink, NULL, value->number);
}

static void readback_member(struct sink *sink, const struct probe_result *r)
{
	sink_array(sink, "readback");
	for (unsigned i = 0; i < r->pairs; i++) {
		sink_array(sink, NULL);
		value_element(sink, &r->pair[i].asked);
		value_element(sink, &r->pair[i].got);
		sink_close(sink);
	}
	sink_close(sink);
}

static void edge_member(struct sink *sink, const char *key, const struct probe_edge *edge)
{
	if (edge->known)
		sink_integer(sink, key, edge->value);
	else
		sink_null(sink, key);
}

static void record(struct sink *sink, const struct option *option, const struct probe_result *r,
		   enum probe_family family)
{
	char needs[128];

	sink_object(sink, NULL);
	sink_string(sink, "name", option->name);
	sink_string(sink, "symbol", option->place[r->place].symbol);
	sink_string(sink, "family", probe_family_names[family]);
	accepted_member(sink, r);
	effective_member(sink, r);
	inherited_member(sink, r);
	readback_member(sink, r);
	edge_member(sink, "min", &r->min);
	edge_member(sink, "max", &r->max);
	sink_string(sink, "needs", *probe_needs(r, needs, sizeof needs) ? needs : NULL);
	sink_close(sink);
}

void probe_records(struct sink *sink, const struct probe *probe, const struct option *option)
{
	for (enum probe_family family = 0; family < PROBE_DUAL; family++) {
		const struct probe_result *result = probe_find(probe, option, family);

		if (result)
			record(sink, option, result, family);
	}
}
