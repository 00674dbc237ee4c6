/* A judgement over facts. The doctor opens and changes nothing: a finding carries its fix as a spec, and others hand it on. */
#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H
#include "sockctl.h"

enum severity { SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_FAULT };

struct finding {
	const char *rule;                    /* stable id */
	enum severity severity;
	char evidence[256];                  /* the numbers, with units and interval */
	char fix[160];                       /* a SPEC, or "sysctl name=value" */
};
#endif
