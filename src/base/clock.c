/* Monotonic time, and how finely the kernel counts it. */
#include "base/clock.h"
#include <time.h>

uint64_t clock_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t clock_us(void)
{
	return clock_ns() / 1000;
}

/* The coarse clocks are as coarse as the tick (kernel/time/posix-timers.c, posix_get_coarse_res()). */
int64_t clock_tick_us(void)
{
	struct timespec tick;

	return clock_getres(CLOCK_REALTIME_COARSE, &tick) ? 10000 : tick.tv_sec * 1000000 + tick.tv_nsec / 1000;
}
