/* What is left of a message that does not fill a segment, and that the kernel holds back for that reason. */
#ifndef DOCTOR_REST_H
#define DOCTOR_REST_H
#include <stdint.h>

enum rest {
	REST_NONE,
	REST_IN_FLIGHT, /* it waits for an acknowledgement: Nagle's algorithm */
	REST_ALONE,     /* nothing is in flight for which it could wait: a cork */
	REST_COUNT,
};
enum rest rest_of(uint64_t notsent_bytes, uint64_t unacked_segs, uint64_t mss_bytes);

/* How often a socket was looked at, and what it showed. */
struct rests {
	unsigned looks;
	unsigned seen[REST_COUNT];
};
void rests_add(struct rests *, enum rest);
#endif
