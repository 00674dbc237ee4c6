/* Sizes, rates and times as people write them. One table of suffixes per measure. */
#include "base/units.h"
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct suffix {
	const char *name;
	int64_t factor;
};

/* Ascending; the first suffix of a measure that is "" may be left out when writing. */
/* clang-format off: one row, one line */
static const struct suffix suffixes[MEASURES][7] = {
	[MEASURE_COUNT] = {{"", 1}},
	[MEASURE_SIZE] = {{"", 1}, {"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}},
	[MEASURE_RATE] = {{"bit", 1}, {"kbit", 1000}, {"mbit", 1000000}, {"gbit", 1000000000}},
	[MEASURE_TIME] = {{"us", 1}, {"ms", 1000}, {"s", 1000000}, {"", 1000000}, {"m", 60000000}, {"h", 3600000000}},
};

static const char *const expects[MEASURES] = {
	[MEASURE_COUNT] = "a number",
	[MEASURE_SIZE] = "a size such as 64K or 4M",
	[MEASURE_RATE] = "a rate such as 100mbit or 1gbit",
	[MEASURE_TIME] = "a time such as 30s or 200ms",
};
/* clang-format on */

static int suffix_factor(enum measure measure, const char *text, size_t length, int64_t *ret)
{
	for (const struct suffix *s = suffixes[measure]; s->name; s++)
		if (strlen(s->name) == length && !strncasecmp(s->name, text, length)) {
			*ret = s->factor;
			return 0;
		}
	return -EINVAL;
}

static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

/* Whole part and fraction as number / 10^places. */
static size_t digits_read(const char *text, size_t length, int64_t *number, int64_t *scale, bool *overflow)
{
	int base = length > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 16 : 10;
	size_t start = base == 16 ? 2 : 0, i = start;
	bool point = false;

	for (*number = 0, *scale = 1, *overflow = false; i < length; i++) {
		if (text[i] == '.' && base == 10 && !point && i > start) {
			point = true;
			continue;
		}
		if (digit_of(text[i]) >= base)
			break;
		*overflow |= __builtin_mul_overflow(*number, base, number);
		*overflow |= __builtin_add_overflow(*number, digit_of(text[i]), number);
		if (point)
			*overflow |= __builtin_mul_overflow(*scale, 10, scale);
	}
	if (i > start && text[i - 1] == '.')
		return 0;
	return i == start ? 0 : i;
}

int units_parse(enum measure measure, const char *text, size_t length, int64_t *ret)
{
	int64_t number, scale, factor, value;
	bool overflow;
	size_t n = digits_read(text, length, &number, &scale, &overflow);

	if (!n || suffix_factor(measure, text + n, length - n, &factor))
		return -EINVAL;
	if (overflow || __builtin_mul_overflow(number, factor, &value))
		return -ERANGE;
	if (value % scale)
		return -EINVAL;
	*ret = value / scale;
	return 0;
}

int units_format(enum measure measure, int64_t value, char *text, size_t size)
{
	const struct suffix *best = &suffixes[measure][0];

	if (measure == MEASURE_TIME && value == 0)
		return snprintf(text, size, "0s");
	for (const struct suffix *s = suffixes[measure]; s->name; s++)
		if (*s->name && value && value % s->factor == 0)
			best = s;
	return snprintf(text, size, "%" PRId64 "%s", value / best->factor, best->name);
}

int units_round(enum measure measure, double value, char *text, size_t size)
{
	const struct suffix *best = &suffixes[measure][0];
	double magnitude = value < 0 ? -value : value, scaled;
	int decimals;

	for (const struct suffix *s = suffixes[measure]; s->name; s++)
		if (*s->name && magnitude >= (double)s->factor)
			best = s;
	scaled = value / (double)best->factor;
	magnitude /= (double)best->factor;
	decimals = magnitude >= 99.95 ? 0 : magnitude >= 9.995 ? 1 : 2;
	if (magnitude < 1e6 && scaled == (double)(int64_t)scaled)
		decimals = 0;
	return snprintf(text, size, "%.*f%s", decimals, scaled, best->name);
}

const char *units_expects(enum measure measure)
{
	return expects[measure];
}
