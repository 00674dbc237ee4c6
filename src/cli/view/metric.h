/* How values of metrics look to people; their unit is in the metric's name. */
#ifndef CLI_VIEW_METRIC_H
#define CLI_VIEW_METRIC_H
#include "lab/trial.h"

/* "965mbit", "43.4ms", "19100/s"; NaN is "?". As snprintf. */
int metric_value_text(const struct metric *, double value, char *text, size_t size);
const char *metric_title(const struct metric *);      /* "goodput", "latency p50", "requests per second", "wall time" */
/* How much better `value` is than `base`, above 1 if it is better: latencies are divided the other way round. */
double metric_gain(const struct metric *, double value, double base);
#endif
