/* The rows of rules.def. */
#include "doctor/rule.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const struct rule rules[RULE_COUNT] = {
#define RULE(id, ...) [RULE_##id] = {.judge = rule_##id, __VA_ARGS__},
#include "doctor/rules.def"
#undef RULE
};

const struct rule *rule_find(const char *name)
{
	for (unsigned id = 0; id < RULE_COUNT; id++)
		if (!strcmp(rules[id].name, name))
			return &rules[id];
	return NULL;
}

uint64_t rule_long_silent_ms(const struct host *host)
{
	const uint64_t minute_ms = 60000, idle_ms = host->idle_us / 1000;

	return idle_ms < minute_ms ? idle_ms : minute_ms;
}

enum opinion rule_unknown(struct finding *finding, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(finding->evidence, sizeof finding->evidence, format, args);
	va_end(args);
	return OPINION_UNKNOWN;
}
