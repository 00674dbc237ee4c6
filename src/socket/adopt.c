/* Sockets that somebody else opened: finds out how far they are, and makes what can still be made. */
#include "socket/adopt.h"
#include "base/error.h"
#include "socket/apply.h"
#include "socket/report.h"

enum sockctl_phase adopt_phase(const struct access_facts *facts)
{
	if (facts->listening)
		return SOCKCTL_LISTENING;
	if (facts->connected)
		return SOCKCTL_CONNECTED;
	return facts->bound ? SOCKCTL_PRE_LISTEN : SOCKCTL_CREATED;
}

/* What is refused or in vain by now is not even tried: either its owner has set it, or it is too late. */
static void late_compare(const struct applying *at, const struct plan_target *target, struct sockctl_report *report)
{
	struct plan plan;

	plan_adopt(&plan, at->spec, target, at->phase, PLAN_LATE);
	apply_compare(at, &plan, report);
	for (unsigned i = 0; i < plan.count; i++) {
		unsigned setting = plan.step[i].setting;

		if (report->verdict[setting].outcome > SOCKCTL_ROUNDED)
			apply_mark(at, setting, SOCKCTL_TOO_LATE,
				   plan_deadline(&catalogue[at->spec->setting[setting].option]), report);
	}
}

int sockctl_adopt(int fd, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct applying at = {.fd = fd, .spec = apply_spec(spec)};
	struct sockctl_report spare;
	struct access_facts facts;
	struct plan_target target;
	struct plan plan;
	int r = report_begin(&report, &spare, at.spec), unsupported;

	if (r)
		return r;
	r = access_facts_read(fd, &facts);
	if (r)
		return apply_socket_error(fd, r, &report->error);
	at.phase = adopt_phase(&facts);
	target = apply_target(&facts);
	unsupported = apply_unsupported(&at, &target, report);
	late_compare(&at, &target, report);
	plan_adopt(&plan, at.spec, &target, at.phase, PLAN_POSSIBLE);
	r = apply_plan(&at, &plan, report);
	return unsupported ? unsupported : r;
}
