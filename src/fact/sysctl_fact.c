/* The rows of sysctl_fact.def. */
#include "fact/sysctl_fact.h"

const struct sysctl_row sysctl_rows[SYSCTL_COUNT] = {
#define SYSCTL(id, path, builtin, effective, meaning) [SYSCTL_##id] = {path, builtin, effective, meaning},
#include "fact/sysctl_fact.def"
#undef SYSCTL
};
