/* Verdicts of a report. Their sentences are in verdict_text.c. */
#include "socket/report.h"
#include <errno.h>
#include <string.h>
#include "base/error.h"
#include "socket/relation.h"

static const struct {
	enum sockctl_outcome outcome;
	const char *name;
} outcome_names[] = {
	{SOCKCTL_GRANTED, "granted"},
	{SOCKCTL_AUTOTUNED, "left to autotuning"},
	{SOCKCTL_DEFERRED, "deferred"},
	{SOCKCTL_INHERITED, "inherited"},
	{SOCKCTL_OVERRULED, "overruled"},
	{SOCKCTL_ROUNDED, "rounded"},
	{SOCKCTL_UNVERIFIABLE, "unverifiable"},
	{SOCKCTL_CLAMPED, "clamped"},
	{SOCKCTL_INERT, "inert"},
	{SOCKCTL_DIFFERS, "differs"},
	{SOCKCTL_TOO_LATE, "too late"},
	{SOCKCTL_UNSUPPORTED, "unsupported"},
	{SOCKCTL_REFUSED, "refused"},
};

static const char *const phase_names[SOCKCTL_PHASES] = {
	[SOCKCTL_CREATED] = "created",     [SOCKCTL_PRE_BIND] = "pre-bind",       [SOCKCTL_PRE_LISTEN] = "pre-listen",
	[SOCKCTL_LISTENING] = "listening", [SOCKCTL_PRE_CONNECT] = "pre-connect", [SOCKCTL_CONNECTED] = "connected",
	[SOCKCTL_ACCEPTED] = "accepted",
};

const char *sockctl_outcome_name(enum sockctl_outcome outcome)
{
	for (size_t i = 0; i < sizeof outcome_names / sizeof *outcome_names; i++)
		if (outcome_names[i].outcome == outcome)
			return outcome_names[i].name;
	return "unknown";
}

const char *sockctl_phase_name(enum sockctl_phase phase)
{
	return (unsigned)phase < SOCKCTL_PHASES ? phase_names[phase] : "unknown";
}

int sockctl_error_text(const struct sockctl_error *error, char *text, size_t size)
{
	return error_text(error, text, size);
}

const char *sockctl_version(void)
{
	return SOCKCTL_VERSION;
}

enum sockctl_outcome sockctl_worst(const struct sockctl_report *report)
{
	enum sockctl_outcome worst = SOCKCTL_GRANTED;

	for (unsigned i = 0; i < report->count; i++)
		if (report->verdict[i].outcome > worst)
			worst = report->verdict[i].outcome;
	return worst;
}

struct sockctl_verdict verdict_start(const struct setting *setting)
{
	const struct option *option = &catalogue[setting->option];
	struct sockctl_verdict verdict = {
		.option = option->name,
		.outcome = SOCKCTL_DEFERRED,
		.limit_value = -1,
		.granted_text = "?",
		.asked = relation_asked(option, &setting->value),
	};

	value_format(option, &setting->value, verdict.asked_text, sizeof verdict.asked_text);
	return verdict;
}

void report_start(struct sockctl_report *report, const struct spec *spec)
{
	memset(report, 0, sizeof *report);
	report->size = sizeof *report;
	report->count = spec->count;
	for (unsigned i = 0; i < spec->count; i++)
		report->verdict[i] = verdict_start(&spec->setting[i]);
}

int report_begin(struct sockctl_report **report, struct sockctl_report *spare, const struct spec *spec)
{
	if (!*report)
		*report = spare;
	else if ((*report)->size != sizeof **report)
		return -EINVAL;
	report_start(*report, spec);
	return 0;
}

void report_merge(struct sockctl_verdict *into, const struct sockctl_verdict *verdict)
{
	int per_connection = into->per_connection | verdict->per_connection;

	if (into->outcome == SOCKCTL_DEFERRED ||
	    (verdict->outcome > into->outcome && verdict->outcome != SOCKCTL_DEFERRED))
		*into = *verdict;
	into->per_connection = per_connection;
}
