/* Findings for programs. */
#include "cli/view/finding.h"

static void member(struct sink *sink, const char *key, const char *text)
{
	sink_string(sink, key, *text ? text : NULL);
}

void finding_record(struct sink *sink, const struct finding *finding)
{
	sink_object(sink, NULL);
	sink_string(sink, "rule", finding->rule->name);
	sink_string(sink, "severity", severity_names[finding->severity]);
	sink_string(sink, "title", finding->rule->title);
	member(sink, "who", finding->who);
	sink_string(sink, "what", finding->what);
	sink_integer(sink, "sockets", (int64_t)finding->sockets);
	sink_string(sink, "evidence", finding->evidence);
	sink_object(sink, "numbers");
	for (unsigned i = 0; i < FINDING_NUMBERS && finding->number[i].key; i++)
		sink_integer(sink, finding->number[i].key, (int64_t)finding->number[i].value);
	sink_close(sink);
	sink_string(sink, "why", finding->rule->why);
	sink_string(sink, "source", finding->rule->source);
	sink_object(sink, "fix");
	member(sink, "spec", finding->fix.spec);
	member(sink, "sysctl", finding->fix.sysctl);
	member(sink, "config", finding->fix.words);
	member(sink, "advice", finding->fix.advice);
	sink_close(sink);
	sink_close(sink);
}

void rule_record(struct sink *sink, const struct rule *rule)
{
	sink_object(sink, NULL);
	sink_string(sink, "name", rule->name);
	sink_string(sink, "severity", severity_names[rule->severity]);
	sink_string(sink, "title", rule->title);
	sink_string(sink, "why", rule->why);
	sink_string(sink, "source", rule->source);
	sink_string(sink, "when", rule->when);
	sink_string(sink, "mends", rule->mends);
	sink_integer(sink, "least_sockets", rule->least ? rule->least : 1);
	sink_close(sink);
}

void tally_record(struct sink *sink, const struct rule *rule, const struct tally *tally)
{
	sink_object(sink, NULL);
	sink_string(sink, "rule", rule->name);
	sink_integer(sink, "examined", (int64_t)tally->examined);
	sink_integer(sink, "sick", (int64_t)tally->sick);
	sink_integer(sink, "unknown", (int64_t)tally->unknown);
	sink_string(sink, "why", tally->unknown ? tally->why : NULL);
	sink_close(sink);
}
