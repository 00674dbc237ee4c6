/* What may come of a system call that fails. Makes no call itself. */
#ifndef FAULT_LAW_H
#define FAULT_LAW_H
#include "inject.h"
#include "scenario.h"

/* The walk of one spec through one scenario. */
struct walk {
	const struct scenario *scenario;
	struct sockctl_spec spec;
	char text[96];    /* of the spec */
	struct act clean; /* how it goes when nothing fails */
	int clean_result;
	unsigned calls, faults, wrong;
};

/* What may come of a fault. */
enum law {
	LAW_FATAL = 1,  /* the call ends with the error */
	LAW_TOLD = 2,   /* it goes on, and a verdict says so */
	LAW_SILENT = 4, /* as if nothing had happened */
};

/* Of this call, failing once with this error: some of the above. */
unsigned law_of(const struct walk *, const struct made *, int error);
/* What the library makes of the call's error. */
int law_error(const struct made *, int error);
/* Is the report's error about what the call was about? */
bool law_subject_fits(const struct act *, const struct made *);
#endif
