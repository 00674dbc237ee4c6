/* One way of a link, with time as an argument: rate, delay, queue limit, losses, lumps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "frames.h"
#include "lab/packet.h"
#include "lab/queue.h"

enum { MSS = 1448, WIRE = 1500, ACK = 0x10 };
static const uint64_t start_ns = 1000000000000;
static uint8_t frame[PACKET_MAX];
static struct queue_counters counters;

static void queue_make(struct queue *queue, const char *path_text)
{
	struct path path;

	counters = (struct queue_counters){0};
	assert_int_equal(path_parse(&path, path_text, NULL), 0);
	assert_int_equal(queue_init(queue, &path.up, 7, &counters), 0);
}

static size_t super_packet(unsigned segments)
{
	return frame_build(frame, false, false, (size_t)segments * MSS, MSS, ACK);
}

/* Takes the oldest frame; its segments, 0 if there is none. */
static uint32_t take(struct queue *queue, uint64_t *ret_due_ns)
{
	struct packet_shape shape;
	const uint8_t *found;
	size_t length;

	found = ring_peek(&queue->ring, &length, ret_due_ns);
	if (!found)
		return 0;
	assert_true(frame_is_sound(found, length));
	packet_shape(found, length, &shape);
	ring_pop(&queue->ring);
	return shape.segments;
}

static void queue_delays(void **state)
{
	struct queue queue;
	uint64_t due_ns;

	(void)state;
	queue_make(&queue, "delay=5ms");
	assert_false(queue_is_open(&queue));
	queue_push(&queue, frame, super_packet(40), start_ns);
	assert_int_equal(take(&queue, &due_ns), 40);
	assert_int_equal(due_ns, start_ns + 5000000);
	assert_int_equal(counters.segments, 40);
	assert_int_equal(counters.bytes, 40 * WIRE);
	queue_release(&queue);
	queue_make(&queue, "");
	assert_true(queue_is_open(&queue));
	queue_release(&queue);
}

/* 7 bit/s do not divide a second: after 100,000 packets the clock is still exact. */
static void queue_rate_does_not_drift(void **state)
{
	enum { PACKETS = 100000 };
	struct queue queue;
	uint64_t due_ns = 0, bits = 0;
	size_t length;

	(void)state;
	queue_make(&queue, "rate=1000000007bit,queue=4G");
	length = super_packet(1);
	for (int i = 0; i < PACKETS; i++) {
		queue_push(&queue, frame, length, start_ns);
		bits += WIRE * 8;
		assert_int_equal(take(&queue, &due_ns), 1);
	}
	assert_int_equal(due_ns - start_ns, (uint64_t)((__uint128_t)bits * 1000000000 / 1000000007));
	queue_release(&queue);
}

/* An idle wire starts at the arrival; a busy one when it is free. */
static void queue_wire_is_shared(void **state)
{
	static const uint64_t wire_ns = 120000;      /* 1500 bytes at 100 Mbit/s */
	struct queue queue;
	uint64_t due_ns;
	size_t length;

	(void)state;
	queue_make(&queue, "rate=100mbit,delay=1ms");
	length = super_packet(1);
	queue_push(&queue, frame, length, start_ns);
	queue_push(&queue, frame, length, start_ns + 1000);
	queue_push(&queue, frame, length, start_ns + 500);           /* time never goes back */
	queue_push(&queue, frame, length, start_ns + 10 * wire_ns);
	for (uint64_t i = 1; i <= 3; i++) {
		assert_int_equal(take(&queue, &due_ns), 1);
		assert_int_equal(due_ns, start_ns + i * wire_ns + 1000000);
	}
	assert_int_equal(take(&queue, &due_ns), 1);
	assert_int_equal(due_ns, start_ns + 11 * wire_ns + 1000000);
	queue_release(&queue);
}

/* What fits into the backlog passes, exactly that; the pieces of a super-packet are decided one by one. */
static void queue_limit_drops(void **state)
{
	struct queue queue;
	uint64_t due_ns;
	uint32_t passed = 0, n;

	(void)state;
	queue_make(&queue, "rate=10gbit,queue=60000");       /* 40 packets */
	queue_push(&queue, frame, super_packet(30), start_ns);
	queue_push(&queue, frame, super_packet(30), start_ns);
	while ((n = take(&queue, &due_ns)))
		passed += n;
	assert_int_equal(passed, 40);
	assert_int_equal(counters.drops, 20);
	assert_int_equal(counters.segments, 60);
	queue_push(&queue, frame, super_packet(1), due_ns);
	assert_int_equal(take(&queue, &due_ns), 1);
	queue_release(&queue);
}

static void queue_loses_a_share(void **state)
{
	enum { SEGMENTS = 40, FRAMES = 5000 };
	struct queue queue;
	uint64_t due_ns, passed = 0;
	uint32_t n;

	(void)state;
	queue_make(&queue, "loss=2%");
	for (int i = 0; i < FRAMES; i++) {
		queue_push(&queue, frame, super_packet(SEGMENTS), start_ns + (uint64_t)i);
		while ((n = take(&queue, &due_ns)))
			passed += n;
	}
	assert_int_equal(passed + counters.losses, SEGMENTS * FRAMES);
	assert_in_range(counters.losses, 3700, 4300);        /* 4000 expected; 300 are 4.8 deviations */
	queue_release(&queue);
	queue_make(&queue, "loss=100%");
	queue_push(&queue, frame, super_packet(SEGMENTS), start_ns);
	assert_int_equal(take(&queue, &due_ns), 0);
	assert_int_equal(counters.losses, SEGMENTS);
	queue_release(&queue);
}

/* No frame stands for more than 100 us of the wire, unless it is a single segment. */
static void queue_lumps_are_small(void **state)
{
	static const struct { const char *path; uint32_t most; } samples[] = {
		{"rate=10mbit,queue=1M", 1}, {"rate=200mbit,queue=1M", 2}, {"rate=1gbit,queue=1M", 9},
		{"rate=100gbit,queue=1M", 40},
	};
	struct queue queue;
	uint64_t due_ns;
	uint32_t n;

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		uint32_t total = 0, most = 0;

		queue_make(&queue, samples[i].path);
		queue_push(&queue, frame, super_packet(40), start_ns);
		while ((n = take(&queue, &due_ns))) {
			total += n;
			most = n > most ? n : most;
		}
		assert_int_equal(total, 40);
		assert_int_equal(most, samples[i].most);
		queue_release(&queue);
	}
}

/* A ring filled and emptied at random gives back what it got, in order, wherever it wraps. */
static void ring_keeps_order(void **state)
{
	enum { CAPACITY = 4096, ROUNDS = 200000 };
	uint64_t put = 0, got = 0, due_ns;
	const uint8_t *frame_out;
	struct ring ring;
	size_t length;
	uint8_t *room;

	(void)state;
	assert_int_equal(ring_init(&ring, CAPACITY), 0);
	srandom(1);
	for (int i = 0; i < ROUNDS; i++) {
		if (random() % 2 && (room = ring_reserve(&ring, length = (size_t)random() % 600))) {
			memset(room, (int)(put & 0xff), length);
			ring_commit(&ring, length, put++);
		} else if ((frame_out = ring_peek(&ring, &length, &due_ns))) {
			assert_int_equal(due_ns, got);
			for (size_t j = 0; j < length; j++)
				assert_int_equal(frame_out[j], got & 0xff);
			ring_pop(&ring);
			got++;
		}
	}
	assert_true(got > ROUNDS / 4 && put - got < CAPACITY / 16);
	ring_release(&ring);
}

static void ring_full_is_an_overrun(void **state)
{
	struct queue queue;
	uint64_t due_ns;
	uint32_t n, passed = 0;

	(void)state;
	queue_make(&queue, "rate=1mbit,queue=4G");
	ring_release(&queue.ring);
	assert_int_equal(ring_init(&queue.ring, 16384), 0);
	queue_push(&queue, frame, super_packet(40), start_ns);
	while ((n = take(&queue, &due_ns)))
		passed += n;
	assert_true(counters.overruns > 0);
	assert_int_equal(passed + counters.overruns, 40);
	queue_release(&queue);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queue_delays),
		cmocka_unit_test(queue_rate_does_not_drift),
		cmocka_unit_test(queue_wire_is_shared),
		cmocka_unit_test(queue_limit_drops),
		cmocka_unit_test(queue_loses_a_share),
		cmocka_unit_test(queue_lumps_are_small),
		cmocka_unit_test(ring_keeps_order),
		cmocka_unit_test(ring_full_is_an_overrun),
	};

	return cmocka_run_group_tests_name("queue", tests, NULL, NULL);
}
