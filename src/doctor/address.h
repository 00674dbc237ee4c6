/* Addresses of sockets as the doctor compares them. */
#ifndef DOCTOR_ADDRESS_H
#define DOCTOR_ADDRESS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct address {
	uint8_t family;
	uint8_t bytes[16];
};

/* ::ffff:192.0.2.1 of a dual-stack socket is 192.0.2.1: the same ports, the same routes. */
struct address address_of(uint8_t family, const uint8_t *bytes);
bool address_equal(const struct address *, const struct address *);
bool address_is_loopback(const struct address *);

struct addresses {            /* a set */
	struct address *slot; /* owned; a hash table; family 0: empty */
	size_t count, room;
};

int addresses_add(struct addresses *, const struct address *); /* 0 or -ENOMEM */
bool addresses_have(const struct addresses *, const struct address *);
void addresses_release(struct addresses *);
#endif
