/* Compares what was asked with what was read back, by the row's relation, and finds the sysctl that decided. */
#ifndef SOCKET_RELATION_H
#define SOCKET_RELATION_H
#include "catalog/value.h"

/* Fills outcome, granted, usable, limit and limit_value of the verdict. Reads a sysctl only where the values
 * differ or the row has a gate. */
void relation_judge(const struct option *, const struct value *asked, const struct value *got,
		    struct sockctl_verdict *);
/* The same from the verdict on another socket of the same setting, which the same sysctl explained: the same answer has the
 * same reason, and costs no calls. False if that verdict does not tell. */
bool relation_repeats(const struct option *, const struct value *got, const struct sockctl_verdict *known,
		      struct sockctl_verdict *);
/* What setsockopt is given, as a number in the option's unit: bdp: resolved, a value of several fields folded; 0
 * for auto and texts. */
int64_t relation_asked(const struct option *, const struct value *);
#endif
