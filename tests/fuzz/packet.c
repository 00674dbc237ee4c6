/* Cutting of any frame, alone and by a queue: nothing is read or written beyond it, and no byte is lost or doubled. The
 * first two bytes of the input choose the path. */
#include <stdlib.h>
#include <string.h>
#include "lab/packet.h"
#include "lab/queue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CUTS = 24 };

static void slice_all(const uint8_t *frame, size_t length, const struct packet_shape *shape)
{
	uint32_t step = shape->segments > CUTS ? shape->segments / CUTS : 1, wire = 0;

	for (uint32_t first = 0; first < shape->segments; first += step) {
		uint32_t end = first + step < shape->segments ? first + step : shape->segments;
		uint8_t *out = malloc(length ? length : 1);

		if (out && packet_slice(frame, length, shape, first, end, out) > length)
			abort();
		free(out);
		wire += packet_wire_bytes(shape, length, first, end);
	}
	if (wire != packet_wire_bytes(shape, length, 0, shape->segments))
		abort();
}

/* All that entered is counted once: arrived, lost, dropped or overrun. */
static void queue_all(const uint8_t *frame, size_t length, const struct packet_shape *shape, const char *path_text)
{
	struct queue_counters counters = {0};
	struct packet_shape piece;
	uint64_t due_ns, arrived = 0;
	struct queue queue;
	struct path path;
	const uint8_t *out;
	size_t out_length;

	if (path_parse(&path, path_text, NULL) || queue_init(&queue, &path.up, 1, &counters))
		abort();
	queue_push(&queue, frame, length, 1000);
	while ((out = ring_peek(&queue.ring, &out_length, &due_ns))) {
		packet_shape(out, out_length, &piece);
		arrived += piece.segments;
		ring_pop(&queue.ring);
	}
	if (arrived + counters.losses + counters.drops + counters.overruns != shape->segments)
		abort();
	queue_release(&queue);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {
		"", "delay=1ms", "loss=30%", "rate=1mbit,queue=8K", "rate=1gbit,loss=10%,queue=20K", "rate=100gbit",
	};
	struct packet_shape shape;
	size_t length;
	uint8_t *frame;

	if (size < 2)
		return 0;
	length = size - 2;
	frame = malloc(length ? length : 1);
	if (!frame)
		return 0;
	memcpy(frame, data + 2, length);
	packet_shape(frame, length, &shape);
	if (!shape.segments)
		abort();
	slice_all(frame, length, &shape);
	queue_all(frame, length, &shape, paths[data[0] % (sizeof paths / sizeof *paths)]);
	free(frame);
	return 0;
}
