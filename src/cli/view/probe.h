/* How measurements of a kernel look: as a table, one option in full, as records, and where they depart from the
 * catalogue. */
#ifndef CLI_VIEW_PROBE_H
#define CLI_VIEW_PROBE_H
#include <stdio.h>
#include "probe/departure.h"
#include "record/sink.h"

/* One line for each option and family. width 0: no terminal. */
void probe_table(FILE *, const struct probe *, const struct option *const options[], unsigned width);
void probe_page(FILE *, const struct probe *, const struct option *, unsigned width);
void probe_records(struct sink *, const struct probe *, const struct option *);     /* one object for each family */
/* One line for each departure, or one that says that there is none (not on stderr); how many there are. */
unsigned probe_departures(FILE *, const struct probe *, const struct option *const options[]);
/* "CAP_NET_ADMIN or CAP_NET_RAW"; empty if nothing is needed. Returns text. */
const char *probe_needs(const struct probe_result *, char *text, size_t size);
#endif
