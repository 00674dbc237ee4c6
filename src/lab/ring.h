/* Frames that wait for their time, first in first out, each contiguous in one block of memory. Knows nothing of what
 * they are. */
#ifndef LAB_RING_H
#define LAB_RING_H
#include <stddef.h>
#include <stdint.h>

struct ring {
	uint8_t *memory;                     /* owned */
	size_t capacity;
	size_t head, tail;                   /* equal: empty */
	size_t wrap;                         /* where the records end while tail is before head */
};

int ring_init(struct ring *, size_t capacity);           /* 0 or -ENOMEM; memory is touched only as it fills */
void ring_release(struct ring *);
uint8_t *ring_reserve(struct ring *, size_t length);     /* room for a frame; NULL: full */
void ring_commit(struct ring *, size_t length, uint64_t due_ns);         /* what was reserved, or less of it */
const uint8_t *ring_peek(struct ring *, size_t *ret_length, uint64_t *ret_due_ns);       /* the oldest; NULL: empty */
int ring_is_single(const struct ring *);                 /* exactly one frame is in it, that ring_peek showed */
void ring_pop(struct ring *);                            /* the one that ring_peek showed */
#endif
