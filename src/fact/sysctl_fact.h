/* The sysctls that cap or gate sockets, and what is known of each. Plain data: reads nothing. */
#ifndef FACT_SYSCTL_FACT_H
#define FACT_SYSCTL_FACT_H
#include <stdbool.h>
#include <stdint.h>
#include "catalog/option.h"

enum sysctl_id {
#define SYSCTL(id, ...) SYSCTL_##id,
#include "fact/sysctl_fact.def"
#undef SYSCTL
	SYSCTL_COUNT
};

struct sysctl_row {
	const char *path;            /* "net/core/somaxconn" */
	const char *builtin, *effective, *meaning;
	enum option_id option;       /* whose value it is where a socket sets none; OPTION_NONE: of none */
};
extern const struct sysctl_row sysctl_rows[SYSCTL_COUNT];

/* The row of this path; SYSCTL_COUNT if there is no row. */
enum sysctl_id sysctl_find(const char *path);

enum { SYSCTL_NUMBERS = 3, SYSCTL_TEXT = 1024 };
struct sysctl_fact {
	bool known;
	int code;                    /* why it is not: -ENOENT: this kernel, or this namespace, lacks it; -EACCES... */
	unsigned count;              /* numbers that it has; 0 if it is not made of numbers */
	int64_t number[SYSCTL_NUMBERS];
	char text[SYSCTL_TEXT];      /* as it is, with spaces between numbers */
};
struct sysctl_facts {
	struct sysctl_fact fact[SYSCTL_COUNT];
};
#endif
