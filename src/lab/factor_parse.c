/* The list of what to vary: NAME[=VALUES] with hosts and sysctls, and the default list. */
#include "lab/factor_parser.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"

static bool piece_is(struct piece piece, const char *text)
{
	return strlen(text) == piece.length && !strncmp(piece.start, text, piece.length);
}

bool piece_cut(struct piece whole, const char *separator, struct piece *left, struct piece *right)
{
	const char *at = memmem(whole.start, whole.length, separator, strlen(separator));

	*left = whole;
	*right = (struct piece){"", 0};
	if (!at)
		return false;
	left->length = (size_t)(at - whole.start);
	right->start = at + strlen(separator);
	right->length = whole.length - left->length - strlen(separator);
	return true;
}

int factor_bad(const struct parser *parser, int code, const char *format, ...)
{
	char hint[200];
	va_list args;

	va_start(args, format);
	vsnprintf(hint, sizeof hint, format, args);
	va_end(args);
	return error_set(parser->error, code, "vary", parser->token, "%s", hint);
}

static void factor_describe(struct factor *factor, const struct remedy *remedy)
{
	factor->remedy = remedy ? remedy->cause : CAUSE_UNKNOWN;
	factor->cost = remedy ? remedy->cost : NULL;
	factor->ordered = remedy ? remedy->ordered : factor_has_numbers(factor);
}

static int sysctl_begin(const struct parser *parser, struct factor *factor, struct piece name)
{
	const char *nearest = sysctl_nearest(name.start, name.length);
	int r = sysctl_resolve(name.start, name.length, factor->sysctl, sizeof factor->sysctl);

	if (r == -EPERM)
		return factor_bad(parser, -EINVAL,
				  "it belongs to the whole host, not to a namespace: it cannot be varied");
	if (r && nearest)
		return factor_bad(parser, -ENOENT, "no such sysctl under net; did you mean sysctl:%s?", nearest);
	return r ? factor_bad(parser, -ENOENT, "no such sysctl under net, or it cannot be read") : 0;
}

static int option_begin(const struct parser *parser, struct factor *factor, struct piece name)
{
	const struct option *option = option_find(name.start, name.length), *nearest;

	if (!option) {
		nearest = option_nearest(name.start, name.length);
		return nearest ? factor_bad(parser, -ENOENT, "no such option; did you mean %s?", nearest->name) :
				 factor_bad(parser, -ENOENT, "no such option; `sockctl options` lists them");
	}
	if (!(option_protocols(option) & PROTOCOL_TCP))
		return factor_bad(parser, -EINVAL, "it is not an option of TCP");
	factor->option = (uint16_t)option_id(option);
	if (option->via != VIA_SOCKOPT)
		factor->hosts &= 1 << HOST_SERVER;
	return factor->hosts ? 0 : factor_bad(parser, -EINVAL, "only a server has it");
}

static void hosts_begin(struct factor *factor, struct piece *name)
{
	struct piece host, rest;

	factor->hosts = 1 << HOST_CLIENT | 1 << HOST_SERVER;
	if (!piece_cut(*name, ":", &host, &rest))
		return;
	if (piece_is(host, "client"))
		factor->hosts = 1 << HOST_CLIENT;
	else if (piece_is(host, "server"))
		factor->hosts = 1 << HOST_SERVER;
	else
		return;
	*name = rest;
}

static int item_parse(struct parser *parser, struct factor *factor, struct piece item)
{
	struct piece name, values, kind, rest;
	const struct remedy *remedy;
	bool given;
	int r;

	memset(factor, 0, sizeof *factor);
	snprintf(parser->token, sizeof parser->token, "%.*s", (int)(item.length > 60 ? 60 : item.length), item.start);
	given = piece_cut(item, "=", &name, &values);
	snprintf(factor->name, sizeof factor->name, "%.*s", (int)(name.length > 47 ? 47 : name.length), name.start);
	hosts_begin(factor, &name);
	if (piece_cut(name, ":", &kind, &rest) && piece_is(kind, "sysctl"))
		r = sysctl_begin(parser, factor, rest);
	else
		r = option_begin(parser, factor, name);
	if (r)
		return r;
	remedy = factor->option ? remedy_of_option(factor->option) : remedy_of_sysctl(factor->sysctl);
	factor_describe(factor, remedy);
	r = given ? factor_values(parser, factor, values) : factor_ladder(parser, factor, remedy);
	if (!r && !factor->rungs)
		return factor_bad(parser, -EINVAL,
				  "nothing to vary: the base sets that value already, or this host has no other");
	return r;
}

static int factor_twice(const struct parser *parser, const struct factor *factors, unsigned count)
{
	const struct factor *last = &factors[count];

	for (unsigned i = 0; i < count; i++)
		if (factors[i].option == last->option && !strcmp(factors[i].sysctl, last->sysctl) &&
		    factors[i].hosts & last->hosts)
			return factor_bad(parser, -EINVAL, "it is in the list twice");
	return 0;
}

static int list_parse(struct parser *parser, struct factor *factors, unsigned *count, const char *list)
{
	static const char separators[] = ", \t\n";
	int r = 0;

	for (list += strspn(list, separators); *list && !r; list += strspn(list, separators)) {
		struct piece item = {list, strcspn(list, separators)};
		struct factor factor;

		r = item_parse(parser, &factor, item);
		if (!r && *count == TUNE_FACTORS)
			r = factor_bad(parser, -E2BIG, "more than %d things to vary", TUNE_FACTORS);
		if (r)
			return r;
		factors[*count] = factor;
		r = factor_twice(parser, factors, *count);
		++*count;
		list += item.length;
	}
	return r;
}

/* What is not on this host, or what the base decides, is left out without a word. */
static int list_default(struct parser *parser, struct factor *factors, unsigned *count, enum factor_load load)
{
	uint8_t wanted = load == LOAD_BULK ? FOR_BULK : load == LOAD_REQUESTS ? FOR_REQUESTS : FOR_ALL;

	parser->error = NULL;
	for (const struct remedy *r = remedies; r->option || r->sysctl; r++) {
		struct factor *factor = &factors[*count];
		char item[64];

		if (!(r->loads & wanted) || *count == TUNE_FACTORS)
			continue;
		snprintf(item, sizeof item, "%s%s", r->option ? "" : "sysctl:",
			 r->option ? catalogue[r->option].name : strrchr(r->sysctl, '/') + 1);
		if (item_parse(parser, factor, (struct piece){item, strlen(item)}))
			continue;
		if (factor->option && factor_in_base(parser, factor, NULL))
			continue;
		++*count;
	}
	return 0;
}

int factors_parse(struct factor factors[TUNE_FACTORS], unsigned *count, const char *list, enum factor_load load,
		  const struct path *path, const struct arm *base, struct sockctl_error *error)
{
	struct parser parser = {.path = path, .base = base, .error = error};
	struct factor parsed[TUNE_FACTORS];
	unsigned found = 0;
	int r = list && list[strspn(list, ", \t\n")] ? list_parse(&parser, parsed, &found, list) :
						       list_default(&parser, parsed, &found, load);

	if (r)
		return r;
	memcpy(factors, parsed, found * sizeof *parsed);
	*count = found;
	return 0;
}
