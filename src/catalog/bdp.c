/* Bandwidth x RTT: how much is under way on a full path. */
#include "sockctl.h"

enum { BITS_US_PER_BYTE_S = 8 * 1000000 };

/* rate x rtt / 8,000,000 without a product that overflows: both factors are split at the divisor first. */
int64_t sockctl_bdp_bytes(int64_t rate_bps, int64_t rtt_us)
{
	const int64_t d = BITS_US_PER_BYTE_S;
	int64_t whole, part;

	if (rate_bps <= 0 || rtt_us <= 0)
		return 0;
	part = rate_bps % d * (rtt_us / d) + rate_bps % d * (rtt_us % d) / d;
	if (__builtin_mul_overflow(rate_bps / d, rtt_us, &whole) || __builtin_add_overflow(whole, part, &whole))
		return INT64_MAX;
	return whole;
}
