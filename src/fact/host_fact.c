/* Counters of a namespace: their table and their difference. */
#include "fact/host_fact.h"

const struct field host_fact_fields[HOST_FACT_COUNT] = {
#define COUNTER(name, group, kernel_name, help) FIELD(struct host_fact, name, help),
#include "fact/host_fact.def"
#undef COUNTER
};

void host_fact_subtract(struct host_fact *later, const struct host_fact *earlier)
{
	later->have &= earlier->have;
#define COUNTER(name, group, kernel_name, help) later->name -= earlier->name;
#include "fact/host_fact.def"
#undef COUNTER
}
