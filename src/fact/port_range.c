/* The range without what is reserved in it. The kernel lists reserved ports in order and once (lib/bitmap.c). */
#include "fact/port_range.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static uint32_t overlap(unsigned long low, unsigned long high, unsigned long first, unsigned long last)
{
	unsigned long begin = first > low ? first : low, end = last < high ? last : high;

	return begin <= end ? (uint32_t)(end - begin + 1) : 0;
}

void port_range_count(struct port_range *range, uint16_t low, uint16_t high, const char *reserved)
{
	unsigned long next = 0; /* below it all is counted */
	uint32_t size = overlap(low, high, 0, UINT16_MAX);

	*range = (struct port_range){.low = low, .high = high};
	for (const char *at = reserved; *at; at += strcspn(at, ","), at += *at == ',') {
		unsigned long first, last;
		char *end;

		if (!isdigit((unsigned char)*at))
			continue;
		first = last = strtoul(at, &end, 10);
		if (*end == '-' && isdigit((unsigned char)end[1]))
			last = strtoul(end + 1, NULL, 10);
		first = first < next ? next : first;
		range->reserved += overlap(low, high, first, last);
		next = last >= next && last < UINT16_MAX ? last + 1 : last >= UINT16_MAX ? UINT16_MAX + 1ul : next;
	}
	range->usable = size - range->reserved;
}
