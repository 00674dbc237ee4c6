/* Integers as decimal digits. Faster than printf by an order of magnitude: a dump of a million sockets has a hundred million. */
#ifndef RECORD_DIGITS_H
#define RECORD_DIGITS_H
#include <stdint.h>

enum { DIGITS_MAX = 20 };            /* "-9223372036854775808", "18446744073709551615" */

/* Writes at most DIGITS_MAX characters and no 0 behind them; returns the end. */
char *digits_put_long(char *at, uint64_t value);     /* of any value, but meant for two digits and more */

static inline char *digits_put(char *at, uint64_t value)
{
	if (value >= 10)
		return digits_put_long(at, value);
	*at = (char)('0' + value);
	return at + 1;
}

static inline char *digits_put_signed(char *at, int64_t value)
{
	if (value >= 0)
		return digits_put(at, (uint64_t)value);
	*at = '-';
	return digits_put(at + 1, 0 - (uint64_t)value);
}
#endif
