/* IPv4 in both of its forms. */
#include "doctor/address.h"
#include <netinet/in.h>
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
