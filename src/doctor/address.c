/* IPv4 in both of its forms; sets by open addressing, twice as large whenever half full. */
#include "doctor/address.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct address address_of(uint8_t family, const uint8_t *bytes)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	struct address address = {.family = family};

	if (family == AF_INET6 && !memcmp(bytes, mapped, sizeof mapped))
		return address_of(AF_INET, bytes + sizeof mapped);
	memcpy(address.bytes, bytes, family == AF_INET6 ? 16 : 4);
	return address;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, sizeof a->bytes);
}

bool address_is_loopback(const struct address *address)
{
	return address->family == AF_INET ? address->bytes[0] == 127 :
					    !memcmp(address->bytes, &in6addr_loopback, sizeof in6addr_loopback);
}

static struct address *slot_find(const struct addresses *set, const struct address *address)
{
	uint64_t word[2], hash;
	size_t at;

	memcpy(word, address->bytes, sizeof word);
	hash = (word[0] ^ word[1] * 31) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
	at = (hash ^ hash >> 29) & (set->room - 1);
	while (set->slot[at].family && !address_equal(&set->slot[at], address))
		at = (at + 1) & (set->room - 1);
	return &set->slot[at];
}

static int grow(struct addresses *set)
{
	struct addresses larger = {.count = set->count, .room = set->room ? 2 * set->room : 16};

	larger.slot = calloc(larger.room, sizeof *larger.slot);
	if (!larger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < set->room; i++)
		if (set->slot[i].family)
			*slot_find(&larger, &set->slot[i]) = set->slot[i];
	free(set->slot);
	*set = larger;
	return 0;
}

int addresses_add(struct addresses *set, const struct address *address)
{
	struct address *slot;

	if (2 * set->count >= set->room && grow(set))
		return -ENOMEM;
	slot = slot_find(set, address);
	set->count += !slot->family;
	*slot = *address;
	return 0;
}

bool addresses_have(const struct addresses *set, const struct address *address)
{
	return set->room && slot_find(set, address)->family;
}

void addresses_release(struct addresses *set)
{
	free(set->slot);
	*set = (struct addresses){0};
}
