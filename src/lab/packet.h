/* Frames as a packet socket with PACKET_VNET_HDR gives them: a virtio_net_hdr, Ethernet, IP... A TCP frame of up to 64
 * KB is one "super-packet" that stands for many wire segments; it can be cut into runs of them. Pure functions over
 * bytes. */
#ifndef LAB_PACKET_H
#define LAB_PACKET_H
#include <stddef.h>
#include <stdint.h>

enum { PACKET_MAX = 10 + 14 + 65535 + 64 };  /* of a frame with its header */

struct packet_shape {
	uint32_t segments;                   /* on the wire; 1 for whatever is no super-packet */
	/* of super-packets only */
	uint32_t header_bytes;               /* what each segment repeats: all before the TCP payload */
	uint32_t segment_bytes;              /* TCP payload of each segment but the last */
	uint32_t payload_bytes;
	uint32_t tcp_at;                     /* offset of the TCP header */
};

/* A malformed or foreign frame is a single segment, never an error: it is passed on as it came. */
void packet_shape(const uint8_t *frame, size_t length, struct packet_shape *ret);
/* IP bytes of segments [first, end). */
uint32_t packet_wire_bytes(const struct packet_shape *, size_t length, uint32_t first, uint32_t end);
/* Writes segments [first, end) as a frame of its own; returns its length, at most `length`. out must have room for
 * that. */
size_t packet_slice(const uint8_t *frame, size_t length, const struct packet_shape *, uint32_t first, uint32_t end,
		    uint8_t *out);
#endif
