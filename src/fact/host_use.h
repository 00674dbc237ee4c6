/* What a network namespace, or the host, has in use right now. Levels, not counters: there is no difference of two
 * that says what happened between. Plain data. */
#ifndef FACT_HOST_USE_H
#define FACT_HOST_USE_H
#include "record/field.h"

struct host_use {
	uint64_t have;               /* bit i: the i-th line of host_use.def was there */
#define USE(name, group, kernel_name, help) uint64_t name;
#include "fact/host_use.def"
#undef USE
};

enum host_use_id {
#define USE(name, group, kernel_name, help) HOST_USE_##name,
#include "fact/host_use.def"
#undef USE
	HOST_USE_COUNT
};
_Static_assert(HOST_USE_COUNT <= 64, "host_use.have has 64 bits");

extern const struct field host_use_fields[HOST_USE_COUNT];
#endif
