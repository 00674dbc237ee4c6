/* Monotonic time, and how finely the kernel counts it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H
#include <stdint.h>

uint64_t clock_ns(void);            /* CLOCK_MONOTONIC */
uint64_t clock_us(void);
int64_t clock_tick_us(void);        /* 1 / CONFIG_HZ of the running kernel: 1000 to 10000 */
#endif
