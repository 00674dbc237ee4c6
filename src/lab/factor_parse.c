/* The list of what to vary: NAME[=VALUES] with hosts and sysctls, and the default list. */
#include "lab/factor.h"
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "base/sysctl.h"
#include "base/units.h"
#include "catalog/spec.h"
#include "lab/remedy.h"

struct parser {
	const struct path *path;
	const struct arm *base;
	struct sockctl_error *error;
	char token[64]; /* the item, for errors */
};

struct piece {
	const char *start;
	size_t length;
};

static bool piece_is(struct piece piece, const char *text)
{
	return strlen(text) == piece.length && !strncmp(piece.start, text, piece.length);
}

/* Cuts at the separator: *left is what stands before it, the rest follows it. False if it is not there. */
static bool piece_cut(struct piece whole, const char *separator, struct piece *left, struct piece *right)
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

static __attribute__((format(printf, 3, 4))) int bad(const struct parser *parser, int code, const char *format, ...)
{
	char hint[200];
	va_list args;

	va_start(args, format);
	vsnprintf(hint, sizeof hint, format, args);
	va_end(args);
	return error_set(parser->error, code, "vary", parser->token, "%s", hint);
}

/* How this factor's values are written as numbers; MEASURES if they are not. */
static enum measure factor_measure(const struct factor *factor)
{
	const struct remedy *remedy = remedy_of_sysctl(factor->sysctl);

	if (factor->option == OPTION_NONE)
		return remedy && remedy->triple ? MEASURE_SIZE : MEASURE_COUNT;
	switch (catalogue[factor->option].kind) {
	case KIND_NUMBER:
		return MEASURE_COUNT;
	case KIND_BYTES:
		return MEASURE_SIZE;
	case KIND_TIME:
		return MEASURE_TIME;
	case KIND_RATE:
		return MEASURE_RATE;
	default:
		return MEASURES;
	}
}

static bool base_has(const struct parser *parser, const struct factor *factor, const struct value *value)
{
	for (int host = 0; host < HOSTS; host++) {
		const struct setting *set = spec_find(spec_view(&parser->base->spec[host]), factor->option);

		if (factor->hosts >> host & 1 && !(set && (!value || value_equal(&set->value, value))))
			return false;
	}
	return true;
}

static int rung_keep(const struct parser *parser, struct factor *factor, const char *value)
{
	if (factor->rungs == TUNE_RUNGS)
		return bad(parser, -E2BIG, "more than %d rungs: take a shorter range", TUNE_RUNGS);
	snprintf(factor->rung[factor->rungs++], sizeof factor->rung[0], "%s", value);
	return 0;
}

static int option_rung(const struct parser *parser, struct factor *factor, const char *text)
{
	const struct option *option = &catalogue[factor->option];
	char expects[120];
	struct value value;
	int r = value_parse(option, text, &value);

	if (r) {
		value_expects(option, expects, sizeof expects);
		return bad(parser, r, "it takes %s", expects);
	}
	return base_has(parser, factor, &value) ? 0 : rung_keep(parser, factor, text);
}

/* "4096 16384 4194304" with another maximum. */
static int triple_rung(const struct parser *parser, struct factor *factor, const char *text)
{
	int64_t low, middle, high;
	char value[64];

	if (units_parse(MEASURE_SIZE, text, strlen(text), &high))
		return bad(parser, -EINVAL, "it takes %s: the maximum, the third of its values",
			   units_expects(MEASURE_SIZE));
	if (sysctl_read_number(factor->sysctl, 0, &low) || sysctl_read_number(factor->sysctl, 1, &middle))
		return bad(parser, -ENOENT, "%s cannot be read here", factor->sysctl);
	if (high < middle || high > INT32_MAX)
		return bad(parser, -ERANGE, "the maximum must be at least the default, its second value, and under 2G");
	snprintf(value, sizeof value, "%lld %lld %lld", (long long)low, (long long)middle, (long long)high);
	return rung_keep(parser, factor, value);
}

static int sysctl_rung(const struct parser *parser, struct factor *factor, const char *text)
{
	const struct remedy *remedy = remedy_of_sysctl(factor->sysctl);
	int64_t number;

	if (remedy && remedy->triple)
		return triple_rung(parser, factor, text);
	if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != strlen(text))
		return bad(parser, -EINVAL, "a sysctl's value is a number or a word");
	if (remedy && (units_parse(MEASURE_COUNT, text, strlen(text), &number) || number > INT32_MAX))
		return bad(parser, -EINVAL, "it takes %s up to 2147483647", units_expects(MEASURE_COUNT));
	return rung_keep(parser, factor, text);
}

static int rung_add(const struct parser *parser, struct factor *factor, struct piece piece)
{
	char text[64];

	if (!piece.length || piece.length >= sizeof text)
		return bad(parser, -EINVAL, "%s", piece.length ? "a value is too long" : "a value is missing");
	snprintf(text, sizeof text, "%.*s", (int)piece.length, piece.start);
	return factor->option == OPTION_NONE ? sysctl_rung(parser, factor, text) : option_rung(parser, factor, text);
}

static int rung_number(const struct parser *parser, struct factor *factor, enum measure measure, int64_t number)
{
	char text[32];
	int n = units_format(measure, number, text, sizeof text);

	return rung_add(parser, factor, (struct piece){text, (size_t)n});
}

/* From low, doubling; high is always the last. */
static int range_add(const struct parser *parser, struct factor *factor, struct piece from, struct piece to)
{
	enum measure measure = factor_measure(factor);
	int64_t low, high;
	int r = 0;

	if (measure == MEASURES)
		return bad(parser, -EINVAL, "it has no range: write a|b|c");
	if (units_parse(measure, from.start, from.length, &low) || units_parse(measure, to.start, to.length, &high))
		return bad(parser, -EINVAL, "a range is LOW..HIGH, each %s", units_expects(measure));
	if (low < 1 || low > high)
		return bad(parser, -ERANGE, "a range starts at 1 or more and goes up");
	for (int64_t n = low; n < high && !r; n = n > high / 2 ? high : 2 * n)
		r = rung_number(parser, factor, measure, n);
	return r ? r : rung_number(parser, factor, measure, high);
}

static int values_parse(const struct parser *parser, struct factor *factor, struct piece values)
{
	struct piece left, right;
	int r = 0;

	if (piece_cut(values, "..", &left, &right))
		return range_add(parser, factor, left, right);
	for (bool more = true; more && !r; values = right) {
		more = piece_cut(values, "|", &left, &right);
		r = rung_add(parser, factor, left);
	}
	return r;
}

static int64_t power_near(int64_t bytes)
{
	int64_t power = 4096;

	while (power < bytes && power < 1 << 30)
		power *= 2;
	return power - bytes > bytes - power / 2 && power > 4096 ? power / 2 : power;
}

/* Four rungs from BDP / 1.25 on; of a sysctl only those above what is set already. */
static int ladder_sizes(const struct parser *parser, struct factor *factor, const struct remedy *remedy)
{
	int64_t first = power_near(path_bdp_bytes(parser->path) * 4 / 5), here = 0;
	int r = 0;

	if (remedy->from == FROM_HERE && sysctl_read_number(factor->sysctl, 2, &here))
		return bad(parser, -ENOENT, "%s cannot be read here", factor->sysctl);
	while (first <= here)
		first *= 2;
	for (int i = 0; i < 4 && first <= 1 << 30 && !r; i++, first *= 2)
		r = rung_number(parser, factor, MEASURE_SIZE, first);
	return r;
}

/* Congestion controls that this host does not have, or does not allow, are not worth a run. */
static int ladder_allowed(const struct parser *parser, struct factor *factor, struct piece values)
{
	char allowed[256];
	struct piece left, right;
	int r = 0;

	if (sysctl_read("net/ipv4/tcp_allowed_congestion_control", allowed, sizeof allowed))
		return 0;
	for (bool more = true; more && !r; values = right) {
		char word[32];

		more = piece_cut(values, "|", &left, &right);
		snprintf(word, sizeof word, "%.*s", (int)left.length, left.start);
		if (strstr(allowed, word))
			r = rung_add(parser, factor, left);
	}
	return r;
}

static int ladder_default(const struct parser *parser, struct factor *factor, const struct remedy *remedy)
{
	struct piece values = {remedy ? remedy->values : NULL, 0};

	if (!remedy && catalogue[factor->option].kind != KIND_SWITCH)
		return bad(parser, -EINVAL, "say which values: name=LOW..HIGH or name=a|b|c");
	if (!values.start)
		return rung_add(parser, factor, (struct piece){"on", 2});
	values.length = strlen(values.start);
	if (factor->option != OPTION_NONE && catalogue[factor->option].kind == KIND_NAME)
		return ladder_allowed(parser, factor, values);
	if (remedy->from != FROM_VALUES && (remedy->from == FROM_HERE || path_bdp_bytes(parser->path)))
		return ladder_sizes(parser, factor, remedy);
	return values_parse(parser, factor, values);
}

static void factor_describe(struct factor *factor, const struct remedy *remedy)
{
	factor->remedy = remedy ? remedy->cause : CAUSE_UNKNOWN;
	factor->cost = remedy ? remedy->cost : NULL;
	factor->ordered = remedy ? remedy->ordered : factor_measure(factor) != MEASURES;
}

static int sysctl_begin(const struct parser *parser, struct factor *factor, struct piece name)
{
	const char *nearest = sysctl_nearest(name.start, name.length);
	int r = sysctl_resolve(name.start, name.length, factor->sysctl, sizeof factor->sysctl);

	if (r == -EPERM)
		return bad(parser, -EINVAL, "it belongs to the whole host, not to a namespace: it cannot be varied");
	if (r && nearest)
		return bad(parser, -ENOENT, "no such sysctl under net; did you mean sysctl:%s?", nearest);
	return r ? bad(parser, -ENOENT, "no such sysctl under net, or it cannot be read") : 0;
}

static int option_begin(const struct parser *parser, struct factor *factor, struct piece name)
{
	const struct option *option = option_find(name.start, name.length), *nearest;

	if (!option) {
		nearest = option_nearest(name.start, name.length);
		return nearest ? bad(parser, -ENOENT, "no such option; did you mean %s?", nearest->name) :
				 bad(parser, -ENOENT, "no such option; `sockctl options` lists them");
	}
	if (!(option_protocols(option) & PROTOCOL_TCP))
		return bad(parser, -EINVAL, "it is not an option of TCP");
	factor->option = (uint16_t)option_id(option);
	if (option->via != VIA_SOCKOPT)
		factor->hosts &= 1 << HOST_SERVER;
	return factor->hosts ? 0 : bad(parser, -EINVAL, "only a server has it");
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
	r = given ? values_parse(parser, factor, values) : ladder_default(parser, factor, remedy);
	if (!r && !factor->rungs)
		return bad(parser, -EINVAL,
			   "nothing to vary: the base sets that value already, or this host has no other");
	return r;
}

static int factor_twice(const struct parser *parser, const struct factor *factors, unsigned count)
{
	const struct factor *last = &factors[count];

	for (unsigned i = 0; i < count; i++)
		if (factors[i].option == last->option && !strcmp(factors[i].sysctl, last->sysctl) &&
		    factors[i].hosts & last->hosts)
			return bad(parser, -EINVAL, "it is in the list twice");
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
			r = bad(parser, -E2BIG, "more than %d things to vary", TUNE_FACTORS);
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
		if (factor->option && base_has(parser, factor, NULL))
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
