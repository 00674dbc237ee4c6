/* The values of one factor, as given or as usual: its rungs. */
#include "lab/factor_parser.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include "base/sysctl.h"
#include "base/units.h"

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

bool factor_has_numbers(const struct factor *factor)
{
	return factor_measure(factor) != MEASURES;
}

bool factor_in_base(const struct parser *parser, const struct factor *factor, const struct value *value)
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
		return factor_bad(parser, -E2BIG, "more than %d rungs: take a shorter range", TUNE_RUNGS);
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
		return factor_bad(parser, r, "it takes %s", expects);
	}
	return factor_in_base(parser, factor, &value) ? 0 : rung_keep(parser, factor, text);
}

/* "4096 16384 4194304" with another maximum. */
static int triple_rung(const struct parser *parser, struct factor *factor, const char *text)
{
	int64_t low, middle, high;
	char value[64];

	if (units_parse(MEASURE_SIZE, text, strlen(text), &high))
		return factor_bad(parser, -EINVAL, "it takes %s: the maximum, the third of its values",
				  units_expects(MEASURE_SIZE));
	if (sysctl_read_number(factor->sysctl, 0, &low) || sysctl_read_number(factor->sysctl, 1, &middle))
		return factor_bad(parser, -ENOENT, "%s cannot be read here", factor->sysctl);
	if (high < middle || high > INT32_MAX)
		return factor_bad(parser, -ERANGE,
				  "the maximum must be at least the default, its second value, and under 2G");
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
		return factor_bad(parser, -EINVAL, "a sysctl's value is a number or a word");
	if (remedy && (units_parse(MEASURE_COUNT, text, strlen(text), &number) || number > INT32_MAX))
		return factor_bad(parser, -EINVAL, "it takes %s up to 2147483647", units_expects(MEASURE_COUNT));
	return rung_keep(parser, factor, text);
}

static int rung_add(const struct parser *parser, struct factor *factor, struct piece piece)
{
	char text[64];

	if (!piece.length || piece.length >= sizeof text)
		return factor_bad(parser, -EINVAL, "%s", piece.length ? "a value is too long" : "a value is missing");
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
		return factor_bad(parser, -EINVAL, "it has no range: write a|b|c");
	if (units_parse(measure, from.start, from.length, &low) || units_parse(measure, to.start, to.length, &high))
		return factor_bad(parser, -EINVAL, "a range is LOW..HIGH, each %s", units_expects(measure));
	if (low < 1 || low > high)
		return factor_bad(parser, -ERANGE, "a range starts at 1 or more and goes up");
	for (int64_t n = low; n < high && !r; n = n > high / 2 ? high : 2 * n)
		r = rung_number(parser, factor, measure, n);
	return r ? r : rung_number(parser, factor, measure, high);
}

int factor_values(const struct parser *parser, struct factor *factor, struct piece values)
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
		return factor_bad(parser, -ENOENT, "%s cannot be read here", factor->sysctl);
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

int factor_ladder(const struct parser *parser, struct factor *factor, const struct remedy *remedy)
{
	struct piece values = {remedy ? remedy->values : NULL, 0};

	if (!remedy && catalogue[factor->option].kind != KIND_SWITCH)
		return factor_bad(parser, -EINVAL, "say which values: name=LOW..HIGH or name=a|b|c");
	if (!values.start)
		return rung_add(parser, factor, (struct piece){"on", 2});
	values.length = strlen(values.start);
	if (factor->option != OPTION_NONE && catalogue[factor->option].kind == KIND_NAME)
		return ladder_allowed(parser, factor, values);
	if (remedy->from != FROM_VALUES && (remedy->from == FROM_HERE || path_bdp_bytes(parser->path)))
		return ladder_sizes(parser, factor, remedy);
	return factor_values(parser, factor, values);
}
