/* What is in use: its table. */
#include "fact/host_use.h"

const struct field host_use_fields[HOST_USE_COUNT] = {
#define USE(name, group, kernel_name, help) FIELD(struct host_use, name, help),
#include "fact/host_use.def"
#undef USE
};
