/* For each rule a scene in which it must speak, and one in which it must examine something and be silent: a rule
 * without both does not link. */
#ifndef UNIT_DOCTOR_SAMPLES_H
#define UNIT_DOCTOR_SAMPLES_H
#include "scene.h"

#define RULE(id, ...) \
	void sick_##id(struct scene *); \
	void well_##id(struct scene *);
#include "doctor/rules.def"
#undef RULE
#endif
