/* What cases ask: one rule, about one scene. */
#ifndef UNIT_DOCTOR_ASKING_H
#define UNIT_DOCTOR_ASKING_H
#include "scene.h"

/* The one finding of the rule, or NULL; examined or not. */
const struct finding *ask(const struct scene *, enum rule_id);
/* Fails unless there is a finding whose evidence has the words. */
void assert_says(const struct finding *, const char *words);
#endif
