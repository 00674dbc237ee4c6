/* See digits.h: two digits at a time, from the right. */
#include "record/digits.h"
#include <string.h>

static const char pairs[] =
	"00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
	"49505152535455565758596061626364656667686970717273747576777879808182838485868788899091929394959697"
	"9899";

/* The comparisons are few where numbers are small, as most are. */
static unsigned digits_count(uint64_t value)
{
	unsigned count = 1;

	for (;;) {
		if (value < 10)
			return count;
		if (value < 100)
			return count + 1;
		if (value < 1000)
			return count + 2;
		if (value < 10000)
			return count + 3;
		value /= 10000;
		count += 4;
	}
}

char *digits_put_long(char *at, uint64_t value)
{
	char *end = at + digits_count(value), *digit = end;

	for (; value >= 100; value /= 100) {
		digit -= 2;
		memcpy(digit, pairs + 2 * (value % 100), 2);
	}
	if (value >= 10)
		memcpy(digit - 2, pairs + 2 * value, 2);
	else
		digit[-1] = (char)('0' + value);
	return end;
}
