/* One way of a link. Decides segment by segment, but moves runs of segments as one frame as far as nobody could tell.
 * */
#include "lab/queue.h"
#include <stdbool.h>
#include "lab/packet.h"

enum { BITS_NS = 8 };
static const uint64_t ns_per_s = 1000000000;
/* A frame is delivered when its last segment is due. More wire time in one lump than this would overflow queues behind
 * it that the real link would not, and shift the first segments; less costs a system call for each. */
static const uint64_t lump_limit_ns = 100000;
/* Beyond this a ring is not worth its memory; what does not fit is counted as an overrun. */
static const uint64_t ring_limit_bytes = 512u << 20, ring_spare_bytes = 4u << 20, ring_open_bytes = 256u << 20;

static void count(uint64_t *counter, uint64_t more)
{
	__atomic_store_n(counter, *counter + more, __ATOMIC_RELAXED);
}

/* Twice what can be under way at once: small packets carry as much of our headers as of their own. */
static uint64_t ring_bytes(const struct path_way *way)
{
	double flight = (double)way->rate_bps / 8 * (double)way->delay_us / 1e6 + (double)path_queue_bytes(way);

	if (!way->rate_bps)
		return ring_open_bytes;
	return flight * 2 > (double)(ring_limit_bytes - ring_spare_bytes) ? ring_limit_bytes :
									    (uint64_t)(flight * 2) + ring_spare_bytes;
}

int queue_init(struct queue *queue, const struct path_way *way, uint64_t seed, struct queue_counters *counters)
{
	*queue = (struct queue){.way = *way, .counters = counters, .lump_ns = lump_limit_ns};
	stats_seed(&queue->random, seed);
	queue->delay_ns = (uint64_t)way->delay_us * 1000;
	if (way->rate_bps)
		queue->limit_ns = (uint64_t)((double)path_queue_bytes(way) * BITS_NS * 1e9 / (double)way->rate_bps);
	return ring_init(&queue->ring, ring_bytes(way));
}

void queue_release(struct queue *queue)
{
	ring_release(&queue->ring);
}

int queue_is_open(const struct queue *queue)
{
	return !queue->way.rate_bps && !queue->way.delay_us && queue->way.loss <= 0;
}

/* The wire's clock after `bytes` more. False: the backlog is at its limit. */
static bool wire_take(struct queue *queue, uint32_t bytes, uint64_t arrival_ns)
{
	uint64_t rate = (uint64_t)queue->way.rate_bps, work, end;
	bool idle = queue->free_ns <= arrival_ns;

	if (!rate)
		return true;
	work = (uint64_t)bytes * BITS_NS * ns_per_s + (idle ? 0 : queue->free_rest);
	end = (idle ? arrival_ns : queue->free_ns) + work / rate;
	if (end - arrival_ns > queue->limit_ns)
		return false;
	queue->free_ns = end;
	queue->free_rest = work % rate;
	return true;
}

/* What becomes of a segment: true, and when it is due; or it is gone. */
static bool segment_pass(struct queue *queue, uint32_t bytes, uint64_t arrival_ns, uint64_t *ret_due_ns)
{
	if (queue->way.loss > 0 && stats_uniform(&queue->random) < queue->way.loss) {
		count(&queue->counters->losses, 1);
		return false;
	}
	if (!wire_take(queue, bytes, arrival_ns)) {
		count(&queue->counters->drops, 1);
		return false;
	}
	*ret_due_ns = (queue->way.rate_bps ? queue->free_ns : arrival_ns) + queue->delay_ns;
	return true;
}

struct run { /* segments [first, end) that travel together */
	uint32_t first, end;
	uint64_t first_due_ns, due_ns;
};

static void run_send(struct queue *queue, const uint8_t *frame, size_t length, const struct packet_shape *shape,
		     struct run *run)
{
	uint8_t *room;

	if (run->first == run->end)
		return;
	room = ring_reserve(&queue->ring, length);
	if (room)
		ring_commit(&queue->ring, packet_slice(frame, length, shape, run->first, run->end, room), run->due_ns);
	else
		count(&queue->counters->overruns, run->end - run->first);
	run->first = run->end;
}

static void segments_push(struct queue *queue, const uint8_t *frame, size_t length, const struct packet_shape *shape,
			  uint64_t arrival_ns)
{
	struct run run = {0};
	uint64_t due_ns;

	for (uint32_t i = 0; i < shape->segments; i++) {
		bool passes = segment_pass(queue, packet_wire_bytes(shape, length, i, i + 1), arrival_ns, &due_ns);

		if (!passes || (run.end > run.first && due_ns - run.first_due_ns > queue->lump_ns))
			run_send(queue, frame, length, shape, &run);
		if (!passes)
			continue;
		if (run.first == run.end)
			run = (struct run){.first = i, .first_due_ns = due_ns};
		run.end = i + 1;
		run.due_ns = due_ns;
	}
	run_send(queue, frame, length, shape, &run);
}

/* Counts what enters; the number of its segments. */
static uint32_t frame_count(struct queue *queue, const uint8_t *frame, size_t length, struct packet_shape *shape)
{
	packet_shape(frame, length, shape);
	count(&queue->counters->segments, shape->segments);
	count(&queue->counters->bytes, packet_wire_bytes(shape, length, 0, shape->segments));
	return shape->segments;
}

void queue_push(struct queue *queue, const uint8_t *frame, size_t length, uint64_t arrival_ns)
{
	struct packet_shape shape;

	if (arrival_ns < queue->arrival_ns)
		arrival_ns = queue->arrival_ns;
	queue->arrival_ns = arrival_ns;
	frame_count(queue, frame, length, &shape);
	segments_push(queue, frame, length, &shape, arrival_ns);
}

void queue_pass(struct queue *queue, const uint8_t *frame, size_t length)
{
	struct packet_shape shape;

	frame_count(queue, frame, length, &shape);
}

void queue_lose(struct queue *queue, const uint8_t *frame, size_t length)
{
	struct packet_shape shape;

	count(&queue->counters->losses, frame_count(queue, frame, length, &shape));
}
