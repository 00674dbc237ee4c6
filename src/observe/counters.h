/* Reads host facts of the calling thread's network namespace. */
#ifndef OBSERVE_COUNTERS_H
#define OBSERVE_COUNTERS_H
#include "fact/host_fact.h"

int counters_read(struct host_fact *);       /* 0 or -errno; counters that this kernel lacks are absent */
#endif
