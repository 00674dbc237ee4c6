/* Frames that wait for their time. Due times of one way only grow, so no heap is needed. */
#include "lab/ring.h"
#include <errno.h>
#include <stdbool.h>
#include <sys/mman.h>

struct record {
	uint64_t due_ns;
	size_t length;
};

static size_t record_bytes(size_t length)
{
	return sizeof(struct record) + ((length + 15) & ~(size_t)15);
}

int ring_init(struct ring *ring, size_t capacity)
{
	*ring = (struct ring){.capacity = capacity, .wrap = capacity};
	ring->memory = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ring->memory == MAP_FAILED) {
		ring->memory = NULL;
		return -ENOMEM;
	}
	return 0;
}

void ring_release(struct ring *ring)
{
	if (ring->memory)
		munmap(ring->memory, ring->capacity);
	*ring = (struct ring){0};
}

/* Moves tail to where `bytes` fit in one piece. A full ring keeps one byte free, or it would look empty. */
static bool tail_place(struct ring *ring, size_t bytes)
{
	if (ring->head == ring->tail)
		ring->head = ring->tail = 0;
	if (ring->tail < ring->head)
		return ring->head - ring->tail > bytes;
	if (ring->capacity - ring->tail >= bytes)
		return true;
	if (ring->head <= bytes)
		return false;
	ring->wrap = ring->tail;
	ring->tail = 0;
	return true;
}

uint8_t *ring_reserve(struct ring *ring, size_t length)
{
	if (!tail_place(ring, record_bytes(length)))
		return NULL;
	return ring->memory + ring->tail + sizeof(struct record);
}

void ring_commit(struct ring *ring, size_t length, uint64_t due_ns)
{
	struct record *record = (struct record *)(ring->memory + ring->tail);

	record->due_ns = due_ns;
	record->length = length;
	ring->tail += record_bytes(length);
}

const uint8_t *ring_peek(struct ring *ring, size_t *ret_length, uint64_t *ret_due_ns)
{
	const struct record *record;

	if (ring->head == ring->tail)
		return NULL;
	if (ring->tail < ring->head && ring->head == ring->wrap)
		ring->head = 0;
	if (ring->head == ring->tail)
		return NULL;
	record = (const struct record *)(ring->memory + ring->head);
	*ret_length = record->length;
	*ret_due_ns = record->due_ns;
	return (const uint8_t *)(record + 1);
}

int ring_is_single(const struct ring *ring)
{
	const struct record *record = (const struct record *)(ring->memory + ring->head);

	return ring->head + record_bytes(record->length) == ring->tail;
}

void ring_pop(struct ring *ring)
{
	const struct record *record = (const struct record *)(ring->memory + ring->head);

	ring->head += record_bytes(record->length);
}
