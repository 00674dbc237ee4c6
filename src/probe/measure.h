/* Everything that one row, in one place and for one family, lets itself be asked. */
#ifndef PROBE_MEASURE_H
#define PROBE_MEASURE_H
#include "probe/subject.h"

/* Fills the result but for its effects and its limit. Afterwards the process has the capabilities that it had. */
void measure(const struct subject *, struct probe_result *);
/* The last numbers that are taken at both ends. */
void range_measure(const struct subject *, struct probe_result *);
/* What is needed to set the value, and up to which number nothing is. */
void privilege_measure(const struct subject *, struct probe_result *);
#endif
