/* An arm's sysctls, written to both hosts for one trial and put back after it. */
#ifndef LAB_SETTLE_H
#define LAB_SETTLE_H
#include "lab/trial.h"

struct settled {
	unsigned count;                      /* of what was written: entry i / HOSTS of the arm, host i % HOSTS */
	char was[ARM_SYSCTLS * HOSTS][64];
};

/* 0 or -errno; on failure everything is as it was. */
int arm_settle(const struct arm *, const struct world *, struct settled *, struct sockctl_error *);
void arm_restore(const struct arm *, const struct world *, struct settled *);
#endif
