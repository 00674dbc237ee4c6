/* Cutting super-packets: each piece is a sound packet, and all of them together are what was there. */
#include <endian.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <arpa/inet.h>
#include <linux/virtio_net.h>
#include <netinet/tcp.h>
#include <cmocka.h>
#include "frames.h"
#include "lab/packet.h"

enum { MSS = 1448, CWR = 0x80 };
static uint8_t frame[PACKET_MAX], piece[PACKET_MAX];

static const struct { bool ipv6, extension; size_t payload; } kinds[] = {
	{false, false, 65000}, {false, false, 3 * MSS}, {false, false, MSS + 1},
	{true, false, 65000}, {true, true, 4 * MSS + 7},
};

static uint32_t sequence_of(const uint8_t *tcp)
{
	uint32_t sequence;

	memcpy(&sequence, tcp + 4, sizeof sequence);
	return ntohl(sequence);
}

/* One run [first, end) of the frame against what it has to be. */
static void piece_check(size_t length, const struct packet_shape *shape, uint32_t first, uint32_t end)
{
	size_t n = packet_slice(frame, length, shape, first, end, piece), header = shape->header_bytes;
	struct virtio_net_hdr offload;

	assert_true(n <= length);
	assert_int_equal(n - FRAME_IP_AT,
			 packet_wire_bytes(shape, length, first, end) - (end - first - 1) * (header - FRAME_IP_AT));
	assert_true(frame_is_sound(piece, n));
	assert_int_equal(sequence_of(piece + shape->tcp_at),
			 (uint32_t)(sequence_of(frame + shape->tcp_at) + first * MSS));
	assert_memory_equal(piece + header, frame + header + first * MSS, n - header);
	assert_int_equal(piece[shape->tcp_at + 13] & (TH_FIN | TH_PUSH), end == shape->segments ? TH_FIN | TH_PUSH : 0);
	assert_int_equal(piece[shape->tcp_at + 13] & CWR, first ? 0 : CWR);
	memcpy(&offload, piece, sizeof offload);
	assert_int_equal(le16toh(offload.gso_size), end - first > 1 ? MSS : 0);
	assert_int_equal(offload.gso_type == VIRTIO_NET_HDR_GSO_NONE, end - first == 1);
}

static void packet_slice_everywhere(void **state)
{
	struct packet_shape shape;

	(void)state;
	for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
		size_t length = frame_build(frame, kinds[k].ipv6, kinds[k].extension, kinds[k].payload, MSS,
					    TH_ACK | TH_PUSH | TH_FIN | CWR);

		assert_true(frame_is_sound(frame, length));
		packet_shape(frame, length, &shape);
		assert_int_equal(shape.segments, (kinds[k].payload + MSS - 1) / MSS);
		for (uint32_t first = 0; first < shape.segments; first++)
			for (uint32_t end = first + 1; end <= shape.segments; end++)
				piece_check(length, &shape, first, end);
	}
}

static void packet_ipv4_ids_ascend(void **state)
{
	size_t length = frame_build(frame, false, false, 3 * MSS, MSS, TH_ACK);
	struct packet_shape shape;

	(void)state;
	packet_shape(frame, length, &shape);
	for (uint32_t i = 0; i < 3; i++) {
		packet_slice(frame, length, &shape, i, i + 1, piece);
		assert_int_equal(piece[FRAME_IP_AT + 4] << 8 | piece[FRAME_IP_AT + 5], (0xfffe + i) & 0xffff);
	}
}

/* Whatever is odd about a frame, it is one segment that passes as it is. */
static void packet_foreign_is_whole(void **state)
{
	static const struct { size_t at; uint8_t value; } oddities[] = {
		{0, 0},                                     /* no checksum to fill in */
		{1, VIRTIO_NET_HDR_GSO_UDP}, {1, VIRTIO_NET_HDR_GSO_NONE}, {1, VIRTIO_NET_HDR_GSO_TCPV6},
		{4, 0},                                     /* segment size, with its other byte 0 */
		{6, 255}, {6, 10}, {7, 255},                /* where TCP begins */
		{8, 6},                                     /* a UDP checksum */
		{22, 0x81}, {FRAME_IP_AT, 0x4f}, {FRAME_IP_AT + 20 + 12, 0x40}, {FRAME_IP_AT + 20 + 12, 0xf0},
	};
	struct packet_shape shape;

	(void)state;
	for (size_t i = 0; i < sizeof oddities / sizeof *oddities; i++) {
		size_t length = frame_build(frame, false, false, 20, 10, TH_ACK);

		frame[oddities[i].at] = oddities[i].value;
		packet_shape(frame, length, &shape);
		if (shape.segments != 1)
			fail_msg("oddity %zu makes %u segments", i, shape.segments);
		assert_int_equal(packet_slice(frame, length, &shape, 0, 1, piece), length);
		assert_memory_equal(piece, frame, length);
		assert_int_equal(packet_wire_bytes(&shape, length, 0, 1), length - FRAME_IP_AT);
	}
	for (size_t length = 0; length < FRAME_IP_AT + 20 + FRAME_TCP_BYTES; length++) {
		packet_shape(frame, length, &shape);
		assert_int_equal(shape.segments, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packet_slice_everywhere),
		cmocka_unit_test(packet_ipv4_ids_ascend),
		cmocka_unit_test(packet_foreign_is_whole),
	};

	return cmocka_run_group_tests_name("packet", tests, NULL, NULL);
}
