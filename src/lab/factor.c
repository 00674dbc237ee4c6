/* What a factor is, once it is parsed: its rungs put into arms and written down. */
#include "lab/factor.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "base/sysctl.h"
#include "base/text.h"
#include "catalog/spec.h"

enum factor_load factor_load_of(const struct metric *metric)
{
	if (!metric || !strncmp(metric->name, "wall_time", 9))
		return LOAD_ANY;
	return strstr(metric->name, "_bps") ? LOAD_BULK : LOAD_REQUESTS;
}

static int64_t way_bdp_bytes(const struct path_way *way, int64_t rtt_us)
{
	return way->rate_bps && rtt_us ? sockctl_bdp_bytes(way->rate_bps, rtt_us) : 0;
}

int64_t path_bdp_bytes(const struct path *path)
{
	int64_t up, down;

	if (!path)
		return 0;
	up = way_bdp_bytes(&path->up, path->up.delay_us + path->down.delay_us);
	down = way_bdp_bytes(&path->down, path->up.delay_us + path->down.delay_us);
	return up > down ? up : down;
}

static int sysctl_put(struct arm *arm, const char *name, const char *value)
{
	unsigned i = 0;

	while (i < arm->sysctls && strcmp(arm->sysctl[i].name, name))
		i++;
	if (i == ARM_SYSCTLS)
		return -E2BIG;
	arm->sysctls += i == arm->sysctls;
	snprintf(arm->sysctl[i].name, sizeof arm->sysctl[i].name, "%s", name);
	snprintf(arm->sysctl[i].value, sizeof arm->sysctl[i].value, "%s", value);
	return 0;
}

int factor_apply(const struct factor *factor, unsigned rung, struct arm *arm, struct sockctl_error *error)
{
	char text[128];

	if (factor->option == OPTION_NONE) {
		if (!sysctl_put(arm, factor->sysctl, factor->rung[rung]))
			return 0;
		return error_set(error, -E2BIG, "vary", factor->name, "an arm has at most %d sysctls", ARM_SYSCTLS);
	}
	snprintf(text, sizeof text, "%s=%s", catalogue[factor->option].name, factor->rung[rung]);
	for (int host = 0; host < HOSTS; host++) {
		int r = factor->hosts >> host & 1 ? sockctl_spec_add(&arm->spec[host], text, error) : 0;

		if (r)
			return r;
	}
	return 0;
}

int factor_format(const struct factor *factor, unsigned rung, char *text, size_t size)
{
	const struct option *option = &catalogue[factor->option];
	struct text out = {text, size, 0};
	char name[sizeof factor->sysctl];

	if (factor->option != OPTION_NONE) {
		bool bare = option->kind == KIND_SWITCH && !strcmp(factor->rung[rung], "on");

		text_add(&out, "%s%s%s", option->name, bare ? "" : "=", bare ? "" : factor->rung[rung]);
		return (int)out.length;
	}
	text_add(&out, "%s=%s", sysctl_name(factor->sysctl, name, sizeof name), factor->rung[rung]);
	return (int)out.length;
}

bool factor_freezes(const struct factor *factor)
{
	return factor->option != OPTION_NONE && catalogue[factor->option].may_auto;
}
