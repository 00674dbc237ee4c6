/* What is advised of a backlog, and the sysctl that caps it. */
#ifndef DOCTOR_BACKLOG_H
#define DOCTOR_BACKLOG_H
#include "doctor/exam.h"
#include "doctor/finding.h"

enum { BACKLOG_MOST = 65535 };

/* For a queue of that limit which has lost so many a second: a guess that a second look confirms or refutes. */
uint64_t backlog_wanted(uint64_t limit, uint64_t lost_per_s);
/* As a spec, with net.core.somaxconn where that is lower. */
void backlog_fix(const struct exam *, struct fix *, uint64_t wanted);
#endif
