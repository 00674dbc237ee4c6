/* The sysctls that cap or gate sockets, and what is known of each. Plain data: reads nothing. */
#ifndef FACT_SYSCTL_FACT_H
#define FACT_SYSCTL_FACT_H
#include <stdbool.h>
#include <stdint.h>

enum sysctl_id {
#define SYSCTL(id, ...) SYSCTL_##id,
#include "fact/sysctl_fact.def"
#undef SYSCTL
	SYSCTL_COUNT
};

struct sysctl_row {
	const char *path;            /* "net/core/somaxconn" */
	const char *builtin, *effective, *meaning;
};
extern const struct sysctl_row sysctl_rows[SYSCTL_COUNT];

enum { SYSCTL_NUMBERS = 3 };
struct sysctl_fact {
	bool known;
	unsigned count;              /* numbers that it has */
	int64_t number[SYSCTL_NUMBERS];
};
struct sysctl_facts {
	struct sysctl_fact fact[SYSCTL_COUNT];
};
#endif
