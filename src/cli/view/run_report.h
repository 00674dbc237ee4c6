/* How `sockctl run --report` looks: as lines for people, or one JSON object per event. */
#ifndef CLI_VIEW_RUN_REPORT_H
#define CLI_VIEW_RUN_REPORT_H
#include <stdio.h>
#include "run/run.h"

void run_report_text(FILE *, const struct run_event *);
void run_report_json(FILE *, const struct run_event *);
#endif
