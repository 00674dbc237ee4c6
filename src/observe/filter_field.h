/* The numbers of a socket that a filter can compare, by name. */
#ifndef OBSERVE_FILTER_FIELD_H
#define OBSERVE_FILTER_FIELD_H
#include "base/units.h"
#include "fact/socket_fact.h"

/* By its name (rtt_us) or its stem (rtt); -1 if there is none. */
int filter_field_find(const char *name, size_t length);
const char *filter_field_name(unsigned field);
/* How its value is written. MEASURE_RATE: kept in bytes a second, written in bits. */
enum measure filter_field_measure(unsigned field);
/* False if the socket does not have it, or nobody told. */
bool filter_field_read(unsigned field, const struct socket_fact *, uint64_t *ret);
#endif
