/* What reads a metric from a program's output. One file per reader and its line in table.c. */
#ifndef LAB_READER_H
#define LAB_READER_H
#include "lab/trial.h"

struct reader_input {
	const char *output;                  /* the client's standard output, terminated; hostile */
	size_t length;
	int status;                          /* waitpid's */
	uint64_t wall_us;                    /* from start to exit */
};

struct reader {
	const char *name, *summary;
	struct metric metric;
	/* 0, or -errno with the reason: -EPROTO if the metric is not in the output. */
	int (*read)(const struct reader_input *, double *ret, struct sockctl_error *);
};
extern const struct reader *const readers[];                  /* ends with NULL */
const struct reader *reader_find(const char *name);
#endif
