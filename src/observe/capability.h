/* The calling thread's effective capabilities, as bits by their numbers (linux/capability.h). */
#ifndef OBSERVE_CAPABILITY_H
#define OBSERVE_CAPABILITY_H
#include <stdint.h>

uint64_t capabilities_effective(void); /* 0 if that cannot be told */
/* Of those that are permitted; gives nothing up for good. 0 or -errno. */
int capabilities_make_effective(uint64_t);
#endif
