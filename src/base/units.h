/* Sizes, rates and times as people write them, to and from integers. */
#ifndef BASE_UNITS_H
#define BASE_UNITS_H
#include <stddef.h>
#include <stdint.h>

enum measure {
	MEASURE_COUNT,      /* plain number, decimal or 0x */
	MEASURE_SIZE,       /* bytes: 64K 4M 1G, powers of 1024 */
	MEASURE_RATE,       /* bits per second: 100mbit, powers of 1000 */
	MEASURE_TIME,       /* microseconds: 50us 200ms 30s 5m 2h; a bare number is seconds */
	MEASURES
};

/* Parses text[0..length). Fractions are taken where the result is whole: 1.5gbit, 0.2ms. ret is untouched on failure.
 * -EINVAL: not of this form; -ERANGE: does not fit int64_t. Negative numbers are -EINVAL. */
int units_parse(enum measure, const char *text, size_t length, int64_t *ret);
/* Shortest text that parses back to exactly this value ("64K", "100mbit", "30s"); returns as snprintf. */
int units_format(enum measure, int64_t value, char *text, size_t size);
/* For people: about three digits, rounded ("19.1 MB/s" is not it: "4.7M", "965mbit", "43.4ms"). */
int units_round(enum measure, double value, char *text, size_t size);
const char *units_expects(enum measure);           /* "a size such as 64K or 4M" */
#endif
