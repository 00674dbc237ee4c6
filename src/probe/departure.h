/* Where what was measured is not what a row says. Measures nothing, so the row may be any: a changed copy, to see that
 * the difference would be found. */
#ifndef PROBE_DEPARTURE_H
#define PROBE_DEPARTURE_H
#include "probe/probe.h"

/* Called for each departure: "bound: the row says refused, this kernel takes it". */
typedef void departure_tell(void *arg, const struct probe_result *, const char *text);
/* Returns how many there are. tell may be NULL. */
unsigned departures_find(const struct option *row, const struct probe_result *, departure_tell *, void *arg);
/* Why this result cannot be compared with the row: not measured, a kernel older than the option, privilege that
 * only the host's root has; NULL: it can. */
const char *departure_excuse(const struct option *row, const struct probe_result *);
#endif
