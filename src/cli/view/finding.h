/* How findings look: a page for people, records for programs. */
#ifndef CLI_VIEW_FINDING_H
#define CLI_VIEW_FINDING_H
#include <stdio.h>
#include "doctor/doctor.h"
#include "record/sink.h"

extern const char *const severity_names[SEVERITY_COUNT];

/* One finding: what, evidence, why, fix. */
void finding_print(FILE *, const struct finding *, unsigned width, bool colour);
void finding_record(struct sink *, const struct finding *);
/* A line below the findings, broken at spaces. */
void remark_print(FILE *, unsigned width, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* What was checked and found healthy, and what could not be checked and why. */
void tallies_print(FILE *, const struct doctor *, uint64_t only, unsigned width);
void tally_record(struct sink *, const struct rule *, const struct tally *);
/* Every rule with its meaning. */
void rules_print(FILE *, unsigned width);
void rule_record(struct sink *, const struct rule *);
#endif
