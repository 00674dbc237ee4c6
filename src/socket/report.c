/* Verdicts of a report, and their words. */
#include "socket/report.h"
#include <stdio.h>
#include <string.h>
#include "base/error.h"

static const struct {
	enum sockctl_outcome outcome;
	const char *name;
} outcome_names[] = {
	{SOCKCTL_GRANTED, "granted"}, {SOCKCTL_INHERITED, "inherited"}, {SOCKCTL_ROUNDED, "rounded"},
	{SOCKCTL_UNVERIFIABLE, "unverifiable"}, {SOCKCTL_CLAMPED, "clamped"}, {SOCKCTL_INERT, "inert"},
	{SOCKCTL_TOO_LATE, "too late"}, {SOCKCTL_UNSUPPORTED, "unsupported"}, {SOCKCTL_REFUSED, "refused"},
};

static const char *const phase_names[SOCKCTL_PHASES] = {
	[SOCKCTL_CREATED] = "created", [SOCKCTL_PRE_BIND] = "pre-bind", [SOCKCTL_PRE_LISTEN] = "pre-listen",
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

void report_start(struct sockctl_report *report, const struct spec *spec)
{
	memset(report, 0, sizeof *report);
	report->size = sizeof *report;
	report->count = spec->count;
	for (unsigned i = 0; i < spec->count; i++)
		report->verdict[i].option = catalogue[spec->setting[i].option].name;
}
