/* How a format writes into a sink's buffer: it asks for room, writes, and says where it ended. For formats only. */
#ifndef RECORD_PUT_H
#define RECORD_PUT_H
#include <assert.h>
#include "record/sink.h"

void sink_flush(struct sink *);

/* Where the next `size` bytes may be written: at most SINK_BUFFER. */
static inline char *put_room(struct sink *sink, size_t size)
{
	assert(size <= SINK_BUFFER);
	if (SINK_BUFFER - sink->used < size)
		sink_flush(sink);
	return sink->buffer + sink->used;
}

/* `end` is behind the last byte that was written. */
static inline void put_end(struct sink *sink, const char *end)
{
	sink->used = (size_t)(end - sink->buffer);
}
#endif
