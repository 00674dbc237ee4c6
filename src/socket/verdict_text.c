/* One line for one verdict: what was asked, what came of it, why, at what cost. */
#include <string.h>
#include "base/sysctl.h"
#include "base/text.h"
#include "base/units.h"
#include "catalog/value.h"
#include "socket/refusal.h"

static const struct option *verdict_option(const struct sockctl_verdict *v)
{
	return v->option ? option_find(v->option, strlen(v->option)) : NULL;
}

static void limit_add(struct text *text, const struct sockctl_verdict *v)
{
	char name[64];

	const struct option *option = verdict_option(v);
	struct value range = {.number = v->limit_value};
	char ends[32];

	sysctl_name(v->limit, name, sizeof name);
	if (v->limit_value < 0)
		text_add(text, "%s, which cannot be read here", name);
	else if (option && option->within && value_format(option, &range, ends, sizeof ends) > 0)
		text_add(text, "%s = %s", name, ends);
	else
		text_add(text, "%s = %lld", name, (long long)v->limit_value);
}

static void size_add(struct text *text, const char *before, int64_t bytes)
{
	char size[32];

	units_round(MEASURE_SIZE, (double)bytes, size, sizeof size);
	text_add(text, "%s%s", before, size);
}

/* Of what sysctl(8) shows as three numbers, the one that counts. */
static bool limit_is_autotuning(const struct option *option, const struct sockctl_verdict *v)
{
	return option && option->autotune && v->limit && !strcmp(v->limit, option->autotune);
}

static void autotuning_add(struct text *text, const struct sockctl_verdict *v)
{
	char name[64];

	text_add(text, ": %s maximum %lld >= 2 x %lld", sysctl_name(v->limit, name, sizeof name),
		 (long long)v->limit_value, (long long)v->asked);
}

/* What to raise, and to what: a buffer is a matter of either of two sysctls. */
static void clamp_add(struct text *text, const struct sockctl_verdict *v)
{
	const struct option *option = verdict_option(v);
	char name[64];

	text_add(text, " by ");
	if (limit_is_autotuning(option, v)) {
		text_add(text, "the maximum of autotuning, ");
		limit_add(text, v);
	} else {
		limit_add(text, v);
	}
	if (!option || !option->autotune || !v->limit)
		return;
	text_add(text, " (raise the maximum in %s to %lld", sysctl_name(option->autotune, name, sizeof name),
		 (long long)v->asked * 2);
	if (!limit_is_autotuning(option, v))
		text_add(text, " and use auto, or raise %s to %lld", sysctl_name(v->limit, name, sizeof name),
			 (long long)v->asked);
	text_add(text, ")");
}

static void lateness_add(struct text *text, const struct sockctl_verdict *v)
{
	if (v->limit && v->limit_value >= 0) {
		text_add(text, ": the %s of the handshake", v->limit);
		size_add(text, " lets through at most ", v->limit_value);
	} else if (v->limit) {
		text_add(text, ": it must precede %s", v->limit);
	}
}

/* The limit is an option that this one needs, an option that decides instead, or a sysctl. */
static void interplay_add(struct text *text, const struct sockctl_verdict *v)
{
	const struct option *option = verdict_option(v), *other = v->limit ? option_find(v->limit, strlen(v->limit)) : NULL;

	if (option && other && option->needs == option_id(other)) {
		text_add(text, ": it needs %s, which is off", v->limit);
	} else if (other) {
		text_add(text, ": %s decides instead", v->limit);
	} else if (!v->limit) {
		text_add(text, ": the kernel takes it, and nothing looks at it");
	} else {
		text_add(text, ": ");
		limit_add(text, v);
		text_add(text, " keeps it off");
	}
}

static void refusal_add(struct text *text, const struct sockctl_verdict *v)
{
	const struct option *option = verdict_option(v);
	char why[200];

	if (!option || !v->error)
		return;
	refusal_text(option, v->error, why, sizeof why);
	text_add(text, ": %s%s%s", v->limit ? v->limit : "", v->limit ? ": " : "", why);
}

static void reason_add(struct text *text, const struct sockctl_verdict *v)
{
	switch (v->outcome) {
	case SOCKCTL_DEFERRED:
		text_add(text, ": nothing was done; it belongs to another phase, or the call failed before");
		break;
	case SOCKCTL_AUTOTUNED:
		autotuning_add(text, v);
		break;
	case SOCKCTL_CLAMPED:
		clamp_add(text, v);
		break;
	case SOCKCTL_OVERRULED:
	case SOCKCTL_INERT:
		interplay_add(text, v);
		break;
	case SOCKCTL_UNVERIFIABLE:
		text_add(text, v->limit ? ": it hangs on " : ": the kernel offers no way to read it");
		if (v->limit)
			limit_add(text, v);
		break;
	case SOCKCTL_DIFFERS:
		text_add(text, ": %s reads back another value", v->limit ? v->limit : "the socket");
		break;
	case SOCKCTL_TOO_LATE:
		lateness_add(text, v);
		break;
	case SOCKCTL_UNSUPPORTED:
	case SOCKCTL_REFUSED:
		refusal_add(text, v);
		break;
	default:
		break;
	}
}

static void durability_add(struct text *text, const struct sockctl_verdict *v)
{
	const struct option *option = verdict_option(v);

	if (v->outcome >= SOCKCTL_UNSUPPORTED) /* nothing is there that could last */
		return;
	if (option && option->fades && option_works(option, PROTOCOL_TCP, SOCKCTL_CONNECTED))
		text_add(text, "; the kernel changes it with the traffic, so it has to be set again");
	else if (v->per_connection)
		text_add(text, "; not inherited: each accepted connection costs a call");
}

static void granted_add(struct text *text, const struct sockctl_verdict *v)
{
	const struct option *option = verdict_option(v);
	bool doubled = option && option->reads == READS_DOUBLED && v->granted > 0;

	if (strcmp(v->granted_text, "?"))
		text_add(text, ", got %s", v->granted_text);
	if (doubled) {
		size_add(text, strcmp(v->granted_text, "auto") ? " (" : " (now ", v->granted);
		text_add(text, " as the kernel counts)");
	}
	if (v->usable != (doubled ? v->granted / 2 : v->granted))
		size_add(text, ", usable about ", v->usable);
}

int sockctl_verdict_text(const struct sockctl_verdict *v, char *text, size_t size)
{
	struct text out = {text, size, 0};

	text_add(&out, "%s: %s", v->option ? v->option : "?", sockctl_outcome_name(v->outcome));
	reason_add(&out, v);
	text_add(&out, "; asked %s", v->asked_text);
	granted_add(&out, v);
	if (v->shard)
		text_add(&out, ", at shard %d", v->shard);
	durability_add(&out, v);
	return (int)out.length;
}
