/* The frames that a packet socket received, in memory shared with the kernel. A socket's own receive buffer would not do: rmem_max
 * holds for whoever is not root, and at its usual 208 KB five super-packets fill it. */
#ifndef LAB_INBOX_H
#define LAB_INBOX_H
#include <stddef.h>
#include <stdint.h>

struct inbox {
	uint8_t *memory;                     /* owned */
	unsigned next;                       /* the frame that the kernel fills next, or has filled */
};

int inbox_prepare(int socket);                       /* before bind(), after PACKET_VNET_HDR; 0 or -errno */
int inbox_open(struct inbox *, int socket);          /* of a prepared socket; 0 or -errno */
/* The oldest frame (see packet.h) and when it came, in CLOCK_MONOTONIC; NULL: none. Valid until inbox_done, which gives its place
 * back. */
const uint8_t *inbox_next(struct inbox *, size_t *ret_length, uint64_t *ret_arrival_ns);
void inbox_done(struct inbox *);
#endif
