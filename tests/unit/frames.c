/* Frames for tests. The checksums are computed over the whole, unlike in the code under test. */
#include "frames.h"
#include <arpa/inet.h>
#include <endian.h>
#include <linux/virtio_net.h>
#include <string.h>

enum { EXTENSION_BYTES = 8, SEQUENCE = 0xfffffc00u };        /* wraps within the packet */

static void put16(uint8_t *at, size_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

static uint32_t sum16(const uint8_t *at, size_t bytes)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < bytes; i += 2)
		sum += (uint32_t)(at[i] << 8 | at[i + 1]);
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

size_t frame_tcp_at(bool ipv6, bool extension)
{
	return FRAME_IP_AT + (ipv6 ? 40 + (extension ? EXTENSION_BYTES : 0) : 20);
}

static bool is_ipv6(const uint8_t *frame)
{
	return frame[FRAME_IP_AT] >> 4 == 6;
}

/* Of addresses, protocol and TCP length. */
static uint16_t pseudo_sum(const uint8_t *frame, size_t tcp_length)
{
	const uint8_t *ip = frame + FRAME_IP_AT;
	uint32_t sum = is_ipv6(frame) ? sum16(ip + 8, 32) : sum16(ip + 12, 8);

	return fold(sum + IPPROTO_TCP + (uint32_t)(tcp_length >> 16) + (uint32_t)(tcp_length & 0xffff));
}

static void ip_build(uint8_t *ip, bool ipv6, bool extension, size_t ip_length)
{
	if (ipv6) {
		ip[0] = 0x60;
		put16(ip + 4, ip_length - 40);
		ip[6] = extension ? IPPROTO_DSTOPTS : IPPROTO_TCP;
		ip[7] = 64;
		inet_pton(AF_INET6, "fd77::1", ip + 8);
		inet_pton(AF_INET6, "fd77::2", ip + 24);
		if (extension)
			memcpy(ip + 40, (uint8_t[]){IPPROTO_TCP, 0, 1, 4, 0, 0, 0, 0}, EXTENSION_BYTES);
		return;
	}
	ip[0] = 0x45;
	put16(ip + 2, ip_length);
	put16(ip + 4, 0xfffe);
	ip[6] = 0x40;
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	inet_pton(AF_INET, "10.77.0.1", ip + 12);
	inet_pton(AF_INET, "10.77.0.2", ip + 16);
	put16(ip + 10, (uint16_t)~fold(sum16(ip, 20)));
}

size_t frame_build(uint8_t *frame, bool ipv6, bool extension, size_t payload, uint16_t segment, uint8_t flags)
{
	size_t tcp_at = frame_tcp_at(ipv6, extension), header = tcp_at + FRAME_TCP_BYTES;
	struct virtio_net_hdr offload = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.gso_type = ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4,
		.hdr_len = htole16(header - 10), .gso_size = htole16(segment),
		.csum_start = htole16(tcp_at - 10), .csum_offset = htole16(16),
	};
	uint32_t sequence = htonl(SEQUENCE);

	memset(frame, 0, header);
	memcpy(frame, &offload, sizeof offload);
	put16(frame + 22, ipv6 ? 0x86dd : 0x0800);
	ip_build(frame + FRAME_IP_AT, ipv6, extension, header - FRAME_IP_AT + payload);
	memcpy(frame + tcp_at + 4, &sequence, sizeof sequence);
	frame[tcp_at + 12] = (FRAME_TCP_BYTES / 4) << 4;
	frame[tcp_at + 13] = flags;
	put16(frame + tcp_at + 16, pseudo_sum(frame, FRAME_TCP_BYTES + payload));
	for (size_t i = 0; i < payload; i++)
		frame[header + i] = (uint8_t)(i % 251);
	return header + payload;
}

bool frame_is_sound(const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + FRAME_IP_AT;
	size_t ip_length = length - FRAME_IP_AT, tcp_at = frame_tcp_at(is_ipv6(frame), ip[6] == IPPROTO_DSTOPTS);

	if (is_ipv6(frame) ? (size_t)(ip[4] << 8 | ip[5]) != ip_length - 40 : (size_t)(ip[2] << 8 | ip[3]) != ip_length)
		return false;
	if (!is_ipv6(frame) && fold(sum16(ip, 20)) != 0xffff)
		return false;
	/* 0 and 0xffff are the same number in ones' complement */
	return (frame[tcp_at + 16] << 8 | frame[tcp_at + 17]) % 0xffff == pseudo_sum(frame, length - tcp_at) % 0xffff;
}
