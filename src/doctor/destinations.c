/* Open addressing; twice as large whenever half full. */
#include "doctor/destinations.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

static uint64_t hash(const struct destination *key)
{
	uint64_t value = key->peer_port, word[4];

	memcpy(word, key->source.bytes, 16);
	memcpy(word + 2, key->peer.bytes, 16);
	for (unsigned i = 0; i < 4; i++) {
		value = (value ^ word[i]) * 0x9e3779b97f4a7c15u; /* Fibonacci hashing */
		value ^= value >> 29;
	}
	return value;
}

static bool is_same(const struct destination *a, const struct destination *b)
{
	return a->protocol == b->protocol && a->peer_port == b->peer_port && address_equal(&a->source, &b->source) &&
	       address_equal(&a->peer, &b->peer);
}

static struct destination *slot_find(const struct destinations *table, const struct destination *key)
{
	size_t at = hash(key) & (table->room - 1);

	while (table->slot[at].used && !is_same(&table->slot[at], key))
		at = (at + 1) & (table->room - 1);
	return &table->slot[at];
}

static int grow(struct destinations *table)
{
	struct destinations larger = {.count = table->count, .room = table->room ? 2 * table->room : 256};

	larger.slot = calloc(larger.room, sizeof *larger.slot);
	if (!larger.slot)
		return -ENOMEM;
	for (size_t i = 0; i < table->room; i++)
		if (table->slot[i].used)
			*slot_find(&larger, &table->slot[i]) = table->slot[i];
	free(table->slot);
	*table = larger;
	return 0;
}

int destinations_add(struct destinations *table, const struct socket_fact *socket)
{
	struct destination *slot, key = {
					  .protocol = socket->protocol,
					  .source = address_of(socket->family, socket->source),
					  .peer = address_of(socket->family, socket->destination),
					  .peer_port = socket->destination_port,
				  };
	int r = 2 * table->count >= table->room ? grow(table) : 0;

	if (r)
		return r;
	slot = slot_find(table, &key);
	if (!slot->used) {
		*slot = key;
		table->count++;
	}
	slot->used++;
	slot->time_wait += socket->state == TCP_TIME_WAIT;
	if (!slot->owner.pid && socket->owners_count)
		slot->owner = socket->owners[0];
	return 0;
}

void destinations_release(struct destinations *table)
{
	free(table->slot);
	*table = (struct destinations){0};
}
