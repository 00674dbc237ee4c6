/* Cutting TCP super-packets as a network card with segmentation offload does (kernel: tcp_gso_segment,
 * inet_gso_segment), except that a run of several segments stays one super-packet. Checksums stay partial: only their
 * pseudo header's length changes. */
#include "lab/packet.h"
#include <endian.h>
#include <linux/virtio_net.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

enum {
	FRAME_AT = 10, /* struct virtio_net_hdr without the mergeable-buffer field */
	IP_AT = FRAME_AT + ETH_HLEN,
	IPV4_BYTES = 20,
	IPV6_BYTES = 40,
	TCP_BYTES = 20,
	TCP_SEQUENCE = 4,
	TCP_OFFSET = 12,
	TCP_FLAGS = 13,
	TCP_CHECKSUM = 16,
};
_Static_assert(sizeof(struct virtio_net_hdr) == FRAME_AT, "layout of PACKET_VNET_HDR");

static uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint16_t ones_fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

static uint32_t ip_bytes(const uint8_t *frame)
{
	uint16_t type = get16(frame + FRAME_AT + 2 * ETH_ALEN);

	return type == ETHERTYPE_IP ? IPV4_BYTES : type == ETHERTYPE_IPV6 ? IPV6_BYTES : 0;
}

static int is_ipv4(const uint8_t *frame)
{
	return get16(frame + FRAME_AT + 2 * ETH_ALEN) == ETHERTYPE_IP;
}

/* Where TCP begins: the checksum's start, which also is right behind IPv6 extension headers. 0: not a TCP super-packet.
 * */
static uint32_t tcp_find(const uint8_t *frame, size_t length, const struct virtio_net_hdr *header)
{
	int type = header->gso_type & ~VIRTIO_NET_HDR_GSO_ECN;
	int expected = is_ipv4(frame) ? VIRTIO_NET_HDR_GSO_TCPV4 : VIRTIO_NET_HDR_GSO_TCPV6;
	size_t at = FRAME_AT + (size_t)le16toh(header->csum_start);

	if (!ip_bytes(frame) || type != expected || !(header->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM))
		return 0;
	if (le16toh(header->csum_offset) != TCP_CHECKSUM || at < IP_AT + ip_bytes(frame) || at + TCP_BYTES > length)
		return 0;
	return (uint32_t)at;
}

static int ipv4_header_fits(const uint8_t *frame, uint32_t tcp_at)
{
	return !is_ipv4(frame) || IP_AT + (frame[IP_AT] & 15u) * 4 == tcp_at;
}

void packet_shape(const uint8_t *frame, size_t length, struct packet_shape *ret)
{
	struct virtio_net_hdr header;
	uint32_t tcp_at = 0, size;

	*ret = (struct packet_shape){.segments = 1};
	if (length < IP_AT + IPV4_BYTES + TCP_BYTES || length > PACKET_MAX)
		return;
	memcpy(&header, frame, sizeof header);
	size = le16toh(header.gso_size);
	tcp_at = tcp_find(frame, length, &header);
	if (!tcp_at || !size || !ipv4_header_fits(frame, tcp_at))
		return;
	ret->header_bytes = tcp_at + (frame[tcp_at + TCP_OFFSET] >> 4) * 4u;
	if (ret->header_bytes < tcp_at + TCP_BYTES || ret->header_bytes >= length)
		return;
	ret->tcp_at = tcp_at;
	ret->segment_bytes = size;
	ret->payload_bytes = (uint32_t)length - ret->header_bytes;
	ret->segments = (ret->payload_bytes + size - 1) / size;
}

static uint32_t payload_end(const struct packet_shape *shape, uint32_t end)
{
	return end >= shape->segments ? shape->payload_bytes : end * shape->segment_bytes;
}

uint32_t packet_wire_bytes(const struct packet_shape *shape, size_t length, uint32_t first, uint32_t end)
{
	if (!shape->segment_bytes)
		return length > IP_AT ? (uint32_t)length - IP_AT : 0;
	return (end - first) * (shape->header_bytes - IP_AT) + payload_end(shape, end) - first * shape->segment_bytes;
}

static void ipv4_rewrite(uint8_t *ip, uint32_t ip_length, uint32_t first)
{
	uint32_t sum = 0, header = (ip[0] & 15u) * 4;

	put16(ip + 2, ip_length);
	put16(ip + 4, get16(ip + 4) + first);
	put16(ip + 10, 0);
	for (uint32_t i = 0; i < header; i += 2)
		sum += get16(ip + i);
	put16(ip + 10, (uint16_t)~ones_fold(sum));
}

/* FIN and PSH belong to the last segment, CWR to the first. */
static void tcp_rewrite(uint8_t *tcp, const struct packet_shape *shape, uint32_t first, uint32_t end,
			uint32_t length_removed)
{
	uint32_t sequence;

	memcpy(&sequence, tcp + TCP_SEQUENCE, sizeof sequence);
	sequence = htonl(ntohl(sequence) + first * shape->segment_bytes);
	memcpy(tcp + TCP_SEQUENCE, &sequence, sizeof sequence);
	if (end < shape->segments)
		tcp[TCP_FLAGS] &= (uint8_t) ~(TH_FIN | TH_PUSH);
	if (first)
		tcp[TCP_FLAGS] &= 0x7f;
	put16(tcp + TCP_CHECKSUM, ones_fold(get16(tcp + TCP_CHECKSUM) + (0xffff - length_removed)));
}

static void offload_rewrite(uint8_t *frame, uint32_t first, uint32_t segments)
{
	struct virtio_net_hdr header;

	memcpy(&header, frame, sizeof header);
	if (segments == 1) {
		header.gso_type = VIRTIO_NET_HDR_GSO_NONE;
		header.gso_size = 0;
	} else if (first) {
		header.gso_type &= (uint8_t)~VIRTIO_NET_HDR_GSO_ECN;
	}
	memcpy(frame, &header, sizeof header);
}

size_t packet_slice(const uint8_t *frame, size_t length, const struct packet_shape *shape, uint32_t first, uint32_t end,
		    uint8_t *out)
{
	uint32_t from, payload, cut;

	if (end - first >= shape->segments) {
		memcpy(out, frame, length);
		return length;
	}
	from = first * shape->segment_bytes;
	payload = payload_end(shape, end) - from;
	cut = shape->payload_bytes - payload;
	memcpy(out, frame, shape->header_bytes);
	memcpy(out + shape->header_bytes, frame + shape->header_bytes + from, payload);
	if (is_ipv4(frame))
		ipv4_rewrite(out + IP_AT, shape->header_bytes - IP_AT + payload, first);
	else
		put16(out + IP_AT + 4, shape->header_bytes - IP_AT - IPV6_BYTES + payload);
	tcp_rewrite(out + shape->tcp_at, shape, first, end, cut);
	offload_rewrite(out, first, end - first);
	return shape->header_bytes + payload;
}
