/* Request and response, one at a time: the common part of the workloads that take turns. */
#ifndef LAB_TURNS_H
#define LAB_TURNS_H
#include "lab/workload/session.h"

int turns_serve(const struct workload_io *);
int turns_drive(const struct workload_io *);
uint64_t turns_samples(const struct workload_result *);
#endif
