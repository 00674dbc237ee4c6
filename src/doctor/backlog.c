/* The next power of two, and whether the host lets a program have it. */
#include "doctor/backlog.h"
#include <inttypes.h>
#include <stdio.h>

/* From twice what is there, and what was lost. A longer interval has lost more, and needs no longer queue. */
uint64_t backlog_wanted(uint64_t limit, uint64_t lost_per_s)
{
	uint64_t wanted = 2 * limit > limit + lost_per_s ? 2 * limit : limit + lost_per_s, power = 128;

	while (power < wanted && power < BACKLOG_MOST)
		power *= 2;
	return power < BACKLOG_MOST ? power : BACKLOG_MOST;
}

void backlog_fix(const struct exam *exam, struct fix *fix, uint64_t wanted)
{
	int64_t cap;

	snprintf(fix->spec, sizeof fix->spec, "backlog=%" PRIu64, wanted);
	if (!exam_sysctl(exam, SYSCTL_somaxconn, 0, &cap))
		snprintf(fix->advice, sizeof fix->advice, "net.core.somaxconn caps it, and could not be read");
	else if ((uint64_t)cap < wanted)
		snprintf(fix->sysctl, sizeof fix->sysctl, "net.core.somaxconn=%" PRIu64, wanted);
	else
		snprintf(fix->advice, sizeof fix->advice, "net.core.somaxconn is %" PRId64 ", and allows it", cap);
}
