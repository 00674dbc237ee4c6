/* A short list, with a bit for each port. */
#include "doctor/sources.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>

enum { SOURCES_MOST = 256 };

static int source_find(const struct sources *sources, const struct address *address)
{
	for (unsigned i = 0; i < sources->count; i++)
		if (address_equal(&sources->source[i].address, address))
			return (int)i;
	return -1;
}

static int room_make(struct sources *sources)
{
	unsigned room = sources->room ? 2 * sources->room : 4;
	void *source, *taken;

	if (sources->count < sources->room)
		return 0;
	source = reallocarray(sources->source, room, sizeof *sources->source);
	if (!source)
		return -ENOMEM;
	sources->source = source;
	taken = reallocarray(sources->taken, room, sizeof *sources->taken);
	if (!taken)
		return -ENOMEM;
	sources->taken = taken;
	sources->room = room;
	return 0;
}

/* Its index; -E2BIG: there are too many; -ENOMEM. */
static int source_of(struct sources *sources, const struct socket_fact *socket)
{
	struct address address = address_of(socket->family, socket->source);
	int index = source_find(sources, &address), r;

	if (index >= 0)
		return index;
	if (sources->count == SOURCES_MOST)
		return -E2BIG;
	r = room_make(sources);
	if (r)
		return r;
	index = (int)sources->count++;
	sources->source[index] = (struct source){.address = address};
	memset(sources->taken[index], 0, sizeof sources->taken[index]);
	return index;
}

int sources_add(struct sources *sources, const struct socket_fact *socket)
{
	int index = source_of(sources, socket);
	uint8_t *byte, bit = (uint8_t)(1u << socket->source_port % 8);
	struct source *source;

	if (index < 0)
		return index == -ENOMEM ? index : 0;
	source = &sources->source[index];
	byte = &sources->taken[index][socket->source_port / 8];
	source->used++;
	source->ports += !(*byte & bit);
	*byte |= bit;
	source->time_wait += socket->state == TCP_TIME_WAIT;
	if (!source->owner.pid && socket->owners_count)
		source->owner = socket->owners[0];
	return 0;
}

void sources_lead_to(struct sources *sources, const struct destination *destination)
{
	int index = source_find(sources, &destination->source);

	if (index < 0 || destination->protocol != IPPROTO_TCP)
		return;
	sources->source[index].destinations++;
	if (sources->source[index].most < destination->used)
		sources->source[index].most = destination->used;
}

void sources_release(struct sources *sources)
{
	free(sources->source);
	free(sources->taken);
	*sources = (struct sources){0};
}
