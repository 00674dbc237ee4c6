/* Frames for tests, as a packet socket with PACKET_VNET_HDR gives them, and a check of their checksums from first
 * principles. */
#ifndef TEST_FRAMES_H
#define TEST_FRAMES_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_IP_AT = 24, FRAME_TCP_BYTES = 32 };
/* A TCP super-packet with timestamps option: payload byte i is (seed + i) % 251. extension: an IPv6 destination option
 * before TCP. Returns its length. flags: of TCP. */
size_t frame_build(uint8_t *frame, bool ipv6, bool extension, size_t payload, uint16_t segment, uint8_t flags);
size_t frame_tcp_at(bool ipv6, bool extension);
/* Is the header checksum right (IPv4), do the lengths fit, is TCP's partial checksum that of its pseudo header? */
bool frame_is_sound(const uint8_t *frame, size_t length);
#endif
