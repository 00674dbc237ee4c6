/* Integers as decimal digits. Faster than printf by an order of magnitude: a dump of a million sockets has a hundred million. */
#ifndef RECORD_DIGITS_H
#define RECORD_DIGITS_H
#include <stdint.h>

enum { DIGITS_MAX = 20 }; /* "-9223372036854775808", "18446744073709551615" */

/* Writes at most DIGITS_MAX characters and no 0 behind them; returns the end. */
char *digits_put(char *at, uint64_t value);
char *digits_put_signed(char *at, int64_t value);
#endif
