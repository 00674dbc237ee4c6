/* What is done to one TCP socket at one call of the program: settings made, the call perhaps performed. Knows
 * nothing of seccomp. Repeating it changes nothing, so that whoever takes over may do it again. */
#ifndef RUN_TUNE_H
#define RUN_TUNE_H
#include "run/decode.h"

struct tuning {
	bool tcp;                    /* false: no TCP socket, nothing was touched */
	bool answered;               /* the call is not the kernel's to perform any more: `answer` is its result */
	int answer;                  /* 0 or -errno */
	int refused;                 /* -errno of the first required setting that was refused; else 0 */
	struct sockctl_report report;
};

/* Nothing done yet. */
void tuning_start(struct tuning *);
void tune_call(const struct trap_set *, const struct call_made *, int fd, struct tuning *ret);
/* A socket that the program inherits. */
void tune_inherited(const struct sockctl_spec *, int fd, struct tuning *ret);
#endif
