/* One look at what is not sent. */
#include "doctor/rest.h"

enum rest rest_of(uint64_t notsent_bytes, uint64_t unacked_segs, uint64_t mss_bytes)
{
	if (!notsent_bytes || notsent_bytes >= mss_bytes)
		return REST_NONE;
	return unacked_segs ? REST_IN_FLIGHT : REST_ALONE;
}

void rests_add(struct rests *rests, enum rest rest)
{
	rests->looks++;
	rests->seen[rest]++;
}
