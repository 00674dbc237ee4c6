/* Verdicts of a report: started from a spec, made worse by every shard and family, never better. */
#ifndef SOCKET_REPORT_H
#define SOCKET_REPORT_H
#include "catalog/spec.h"

void report_start(struct sockctl_report *, const struct spec *);
/* Keeps the worse of what is there and what came. */
void report_merge(struct sockctl_verdict *, const struct sockctl_verdict *);
#endif
