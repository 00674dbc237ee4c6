/* Compares a socket with a spec. Changes nothing. */
#include "socket/adopt.h"

int sockctl_audit(int fd, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct adoption a;
	struct plan plan;
	int r = adoption_start(&a, fd, spec, report);

	if (r)
		return r;
	for (unsigned i = 0; i < a.at.spec->count; i++)
		if (!plan_has(&catalogue[a.at.spec->setting[i].option], &a.target))
			apply_mark(&a.at, i, SOCKCTL_UNSUPPORTED, NULL, a.report);
	plan_adopt(&plan, a.at.spec, &a.target, a.at.phase, PLAN_EVERY);
	apply_compare(&a.at, &plan, a.report);
	return 0;
}
