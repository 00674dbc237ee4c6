/* Verdicts of a report: started from a spec, made worse by every shard and family, never better. */
#ifndef SOCKET_REPORT_H
#define SOCKET_REPORT_H
#include "catalog/spec.h"

/* The verdicts of a report: SOCKCTL_DEFERRED until something is known. */
void report_start(struct sockctl_report *, const struct spec *);
/* The same on the caller's report, or on `spare` if the caller wants none. 0, or -EINVAL if SOCKCTL_REPORT never
 * initialised the caller's. */
int report_begin(struct sockctl_report **report, struct sockctl_report *spare, const struct spec *);
/* One setting of which nothing is known yet. */
struct sockctl_verdict verdict_start(const struct setting *);
/* Keeps the worse of what is there and what came. */
void report_merge(struct sockctl_verdict *, const struct sockctl_verdict *);
#endif
