/* Sockets that somebody else opened: finds out how far they are, and makes what can still be made. */
#include "socket/adopt.h"
#include "socket/report.h"

/* The phase that the kernel's view amounts to: created, pre-listen (bound), listening or connected. */
static enum sockctl_phase adopt_phase(const struct access_facts *facts)
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
		enum sockctl_outcome outcome = report->verdict[setting].outcome;

		/* inert: as asked, and something else lacks; what cannot be read may have been set in time */
		if (outcome > SOCKCTL_ROUNDED && outcome != SOCKCTL_INERT && outcome != SOCKCTL_UNVERIFIABLE)
			apply_mark(at, setting, SOCKCTL_TOO_LATE,
				   plan_deadline(&catalogue[at->spec->setting[setting].option]), report);
	}
}

int adoption_start(struct adoption *adoption, int fd, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct access_facts facts;
	int r;

	adoption->at = (struct applying){.fd = fd, .spec = apply_spec(spec), .foreign = true};
	adoption->report = report;
	r = report_begin(&adoption->report, &adoption->spare, adoption->at.spec);
	if (r)
		return r;
	r = access_facts_read(fd, &facts);
	if (r)
		return apply_socket_error(fd, r, &adoption->report->error);
	adoption->at.phase = adopt_phase(&facts);
	adoption->target = apply_target(&facts);
	adoption->at.datagram = adoption->target.protocol == PROTOCOL_UDP;
	return 0;
}

int sockctl_adopt(int fd, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct adoption a;
	struct plan plan;
	int r = adoption_start(&a, fd, spec, report), unsupported;

	if (r)
		return r;
	unsupported = apply_unsupported(&a.at, &a.target, a.report);
	late_compare(&a.at, &a.target, a.report);
	plan_adopt(&plan, a.at.spec, &a.target, a.at.phase, PLAN_POSSIBLE);
	r = apply_plan(&a.at, &plan, a.report);
	return unsupported ? unsupported : r;
}
