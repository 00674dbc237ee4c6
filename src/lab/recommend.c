/* Advice in words and numbers. A limit of the host is part of the advice: where it is lower, the kernel cuts silently. */
#include "lab/recommend.h"
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "catalog/spec.h"

/* SK_WMEM_MAX and SK_RMEM_MAX of include/net/sock.h on 64 bit: 256 packets of 256 bytes with their overhead. */
static const struct {
	const char *sysctl;
	int64_t value;
} usual_limits[] = {
	{"net/core/wmem_max", 212992},
	{"net/core/rmem_max", 212992},
};

int64_t recommend_usual_limit(const char *sysctl)
{
	for (unsigned i = 0; i < sizeof usual_limits / sizeof *usual_limits; i++)
		if (!strcmp(usual_limits[i].sysctl, sysctl))
			return usual_limits[i].value;
	return 0;
}

static void setting_add(struct text *out, const struct choice *choice, const char *separator)
{
	char setting[160];

	factor_format(choice->factor, choice->rung, setting, sizeof setting);
	text_add(out, "%s%s", out->length ? separator : "", setting);
}

static void specs_fill(struct tune_recommendation *ret, const struct choice *choices, unsigned count)
{
	struct text spec = TEXT(ret->spec), sysctl = TEXT(ret->sysctl);
	struct text client = TEXT(ret->client_spec), server = TEXT(ret->server_spec);
	bool differ = false;

	for (unsigned i = 0; i < count; i++) {
		const struct factor *f = choices[i].factor;

		if (f->option == OPTION_NONE) {
			setting_add(&sysctl, &choices[i], "; ");
			continue;
		}
		setting_add(&spec, &choices[i], ",");
		if (f->hosts >> HOST_CLIENT & 1)
			setting_add(&client, &choices[i], ",");
		if (f->hosts >> HOST_SERVER & 1)
			setting_add(&server, &choices[i], ",");
		differ |= f->hosts != (1 << HOST_CLIENT | 1 << HOST_SERVER);
	}
	if (!differ)
		*ret->client_spec = *ret->server_spec = 0;
}

static void requirement_fill(struct tune_requirement *ret, const struct choice *choice, const struct tune_plan *plan)
{
	const struct option *option = &catalogue[choice->factor->option];
	const char *value = choice->factor->rung[choice->rung];
	struct value parsed;

	snprintf(ret->sysctl, sizeof ret->sysctl, "%s", option->limit);
	ret->option = choice->factor->option;
	ret->hosts = choice->factor->hosts;
	ret->at_least = value_parse(option, value, &parsed) ? -1 : parsed.number;
	ret->here = plan->limits ? plan->limits[choice->factor->option] : -1;
	snprintf(ret->warning, sizeof ret->warning, "where it is lower, the kernel cuts %s to it without an error",
		 option->name);
}

void recommend_warn(struct tune_requirement *requirement, int64_t limit, double gain)
{
	const char *verdict = gain < -0.02 ? "worse than nothing" : gain > 0.02 ? "less of a gain" : "no gain";

	snprintf(
		requirement->warning, sizeof requirement->warning,
		"where it is %lld (the kernel's default), the kernel cuts it to that without an error; tried here: %+.0f %%, %s",
		(long long)limit, 100 * gain, verdict);
}

static void requires_fill(struct tune_recommendation *ret, const struct choice *choices, unsigned count,
			  const struct tune_plan *plan)
{
	for (unsigned i = 0; i < count && ret->requires_count < TUNE_REQUIRES; i++)
		if (choices[i].factor->option != OPTION_NONE && catalogue[choices[i].factor->option].limit)
			requirement_fill(&ret->requires[ret->requires_count++], &choices[i], plan);
}

/* Time was spent waiting for it, and still is, and none of the settings addresses it: something else has helped. But losses
 * may stay and be borne better. */
static bool cause_is_beside(enum tune_cause cause, const struct choice *choices, unsigned count, double before,
			    double after)
{
	for (unsigned i = 0; i < count; i++)
		if (choices[i].factor->remedy == cause)
			return false;
	return cause != CAUSE_LOSS && after > 0.9 * before;
}

static void cause_fill(struct tune_recommendation *ret, const struct choice *choices, unsigned count,
		       const struct recommend_proof *proof)
{
	double before, share;
	char first[80];

	ret->cause = cause_of(proof->before, &before);
	share = cause_share(proof->after, ret->cause);
	if (ret->cause == CAUSE_NONE || ret->cause == CAUSE_UNKNOWN) {
		snprintf(ret->cause_text, sizeof ret->cause_text, "the kernel's counters do not show why");
		return;
	}
	cause_share_text(ret->cause, before, first, sizeof first);
	if (cause_is_beside(ret->cause, choices, count, before, share)) {
		snprintf(ret->cause_text, sizeof ret->cause_text,
			 "the kernel's counters do not show why: %s before, %.0f %% with it", first, 100 * share);
		ret->cause = CAUSE_UNKNOWN;
		return;
	}
	if (share > before / 2) {
		snprintf(ret->cause_text, sizeof ret->cause_text,
			 "%s: %s before, %.0f %% with it: still named, but it costs less", tune_cause_text(ret->cause),
			 first, 100 * share);
		return;
	}
	if (isnan(share))
		snprintf(ret->cause_text, sizeof ret->cause_text, "%s: %s before", tune_cause_text(ret->cause), first);
	else
		snprintf(ret->cause_text, sizeof ret->cause_text, "%s: %s before, %.*f %% with it",
			 tune_cause_text(ret->cause), first, share > 0 && share < 0.01 ? 2 : 0, 100 * share);
}

/* A second cause has a sentence of its own. */
static void behind_fill(struct tune_recommendation *ret, const struct recommend_proof *proof)
{
	struct text out = TEXT(ret->cause_text);
	char measure[80];

	if (proof->behind == CAUSE_NONE)
		return;
	out.length = strlen(ret->cause_text);
	cause_share_text(proof->behind, proof->behind_share, measure, sizeof measure);
	text_add(&out, "; behind that %s: %s, %.0f %% with all of it", tune_cause_text(proof->behind), measure,
		 100 * cause_share(proof->after, proof->behind));
}

void recommend_text(const struct choice choices[], unsigned count, char *text, size_t size)
{
	struct text out = {text, size, 0};

	*text = 0;
	for (unsigned i = 0; i < count; i++)
		setting_add(&out, &choices[i], "; ");
}

void recommend_fill(struct tune_recommendation *ret, const struct choice choices[], unsigned count,
		    const struct recommend_proof *proof, const struct tune_plan *plan)
{
	struct text cost = TEXT(ret->cost);

	memset(ret, 0, sizeof *ret);
	ret->arm = plan->base;
	for (unsigned i = 0; i < count; i++) {
		factor_apply(choices[i].factor, choices[i].rung, &ret->arm, NULL);
		if (choices[i].factor->cost)
			text_add(&cost, "%s%s", cost.length ? "; " : "", choices[i].factor->cost);
	}
	specs_fill(ret, choices, count);
	requires_fill(ret, choices, count, plan);
	ret->effect = proof->effect;
	cause_fill(ret, choices, count, proof);
	behind_fill(ret, proof);
}
