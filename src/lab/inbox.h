/* The frames that arrive at a device, in memory shared with the kernel. A socket's receive buffer would not do: rmem_max holds for
 * whoever is not root, and at its usual 208 KB five super-packets fill it. */
#ifndef LAB_INBOX_H
#define LAB_INBOX_H
#include <stddef.h>
#include <stdint.h>

/* A packet socket each for small frames and for super-packets, since the places of a ring are all of one size. */
enum { INBOX_SOCKETS = 2 };

struct inbox {
	int socket[INBOX_SOCKETS];      /* owned; any of them can send. -1: none */
	uint8_t *memory[INBOX_SOCKETS]; /* owned */
	unsigned next[INBOX_SOCKETS];   /* the place that the kernel fills next, or has filled */
	unsigned shown;                 /* which of them the last frame is of */
};

#define INBOX_NONE \
	{ \
		.socket = { -1, -1 } \
	}

/* Of a device of the calling thread's namespace; 0 or -errno. Frames are collected from now on. */
int inbox_open(struct inbox *, const char *device);
void inbox_close(struct inbox *);
/* The oldest frame (see packet.h) and when it came, in CLOCK_MONOTONIC; NULL: none. Valid until inbox_done, which gives its
 * place back. */
const uint8_t *inbox_next(struct inbox *, size_t *ret_length, uint64_t *ret_arrival_ns);
void inbox_done(struct inbox *);
uint64_t inbox_drops(const struct inbox *); /* frames for which there was no place, since the last call */
#endif
