/* See ip.h: dotted quads, and RFC 5952 for IPv6. */
#include "record/ip.h"
#include <stdbool.h>
#include "record/digits.h"

enum { WORDS = 8 };

char *ip4_put(char *at, const uint8_t address[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (i)
			*at++ = '.';
		at = digits_put(at, address[i]);
	}
	return at;
}

static char *hex_put(char *at, uint16_t word)
{
	static const char digits[] = "0123456789abcdef";
	int shift = word >> 12 ? 12 : word >> 8 ? 8 : word >> 4 ? 4 : 0;

	for (; shift >= 0; shift -= 4)
		*at++ = digits[word >> shift & 15];
	return at;
}

struct run {
	unsigned first, count;
};

/* The longest run of zeros, the first of equals; one alone is none (RFC 5952, 4.2). */
static struct run zeros_find(const uint16_t words[WORDS])
{
	struct run best = {WORDS, 0};

	for (unsigned i = 0; i < WORDS; i++) {
		struct run run = {i, 0};

		while (i < WORDS && !words[i])
			run.count++, i++;
		if (run.count > best.count && run.count > 1)
			best = run;
	}
	return best;
}

/* ::ffff:1.2.3.4, and ::1.2.3.4 unless that is a word alone. */
static unsigned hex_words(const uint16_t words[WORDS], struct run zeros)
{
	bool mapped = !zeros.first && zeros.count == 5 && words[5] == 0xffff;

	return mapped || (!zeros.first && zeros.count == 6) ? 6 : WORDS;
}

char *ip6_put(char *at, const uint8_t address[16])
{
	uint16_t words[WORDS];
	struct run zeros;
	unsigned hex, i;

	for (i = 0; i < WORDS; i++)
		words[i] = (uint16_t)(address[2 * i] << 8 | address[2 * i + 1]);
	zeros = zeros_find(words);
	hex = hex_words(words, zeros);
	for (i = 0; i < hex; i++) {
		if (i == zeros.first) {
			*at++ = ':';
			i += zeros.count - 1;
			continue;
		}
		if (i)
			*at++ = ':';
		at = hex_put(at, words[i]);
	}
	if (zeros.count && zeros.first + zeros.count == WORDS)
		*at++ = ':';
	if (hex == WORDS)
		return at;
	*at++ = ':';
	return ip4_put(at, address + 12);
}
