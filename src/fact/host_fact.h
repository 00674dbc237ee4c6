/* What a network namespace counts: the lines of /proc/net/netstat, snmp and snmp6 that sockctl's findings rest on. Plain data. */
#ifndef FACT_HOST_FACT_H
#define FACT_HOST_FACT_H
#include "record/field.h"

struct host_fact {
	uint64_t have;
#define COUNTER(name, group, kernel_name, help) uint64_t name;
#include "fact/host_fact.def"
#undef COUNTER
};

enum host_fact_id {
#define COUNTER(name, group, kernel_name, help) HOST_FACT_##name,
#include "fact/host_fact.def"
#undef COUNTER
	HOST_FACT_COUNT
};
_Static_assert(HOST_FACT_COUNT <= 64, "host_fact.have has 64 bits");

extern const struct field host_fact_fields[HOST_FACT_COUNT];

/* later - earlier, for every counter that both have. */
void host_fact_subtract(struct host_fact *later, const struct host_fact *earlier);
#endif
