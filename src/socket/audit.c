/* Compares a socket with a spec. Changes nothing. */
#include "socket/adopt.h"
#include "socket/apply.h"
#include "socket/report.h"

int sockctl_audit(int fd, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct applying at = {.fd = fd, .spec = apply_spec(spec)};
	struct sockctl_report spare;
	struct access_facts facts;
	struct plan_target target;
	struct plan plan;
	int r = report_begin(&report, &spare, at.spec);

	if (r)
		return r;
	r = access_facts_read(fd, &facts);
	if (r)
		return apply_socket_error(fd, r, &report->error);
	at.phase = adopt_phase(&facts);
	target = apply_target(&facts);
	for (unsigned i = 0; i < at.spec->count; i++)
		if (!plan_has(&catalogue[at.spec->setting[i].option], &target))
			apply_mark(&at, i, SOCKCTL_UNSUPPORTED, NULL, report);
	plan_adopt(&plan, at.spec, &target, at.phase, PLAN_EVERY);
	apply_compare(&at, &plan, report);
	return 0;
}
