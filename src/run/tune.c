/* Makes a spec's settings at bind, listen, connect and setsockopt. */
#include "run/tune.h"
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include "socket/access.h"

/* The verdicts, 10 KiB of them, are left as they are: count says how many there are. */
void tuning_start(struct tuning *tuning)
{
	tuning->tcp = tuning->answered = false;
	tuning->answer = tuning->refused = 0;
	tuning->report.size = sizeof tuning->report;
	tuning->report.count = 0;
	tuning->report.error.code = 0;
}

static bool facts_are_tcp(const struct access_facts *facts)
{
	return facts->type == SOCK_STREAM && (facts->protocol == IPPROTO_TCP || facts->protocol == IPPROTO_MPTCP);
}

static void report_append(struct sockctl_report *to, const struct sockctl_report *from)
{
	for (unsigned i = 0; i < from->count && to->count < SOCKCTL_SETTINGS_MAX; i++)
		to->verdict[to->count++] = from->verdict[i];
	if (!to->error.code)
		to->error = from->error;
}

static void phase_apply(struct tuning *tuning, int fd, enum sockctl_phase phase, const struct sockctl_spec *spec)
{
	struct sockctl_report more;
	bool first = !tuning->report.count;
	int r;

	if (!spec_view(spec)->count)
		return;
	more.size = sizeof more;
	r = sockctl_apply(fd, phase, spec, first ? &tuning->report : &more);
	if (r < 0 && !tuning->refused)
		tuning->refused = r;
	if (!first)
		report_append(&tuning->report, &more);
}

static int backlog_of(const struct spec *spec, int otherwise)
{
	for (unsigned i = 0; i < spec->count; i++)
		if (catalogue[spec->setting[i].option].via == VIA_LISTEN)
			return (int)spec->setting[i].value.number;
	return otherwise;
}

/* listen() is performed here, so that it is made with the spec's backlog, and so that what only a listener takes
 * can follow. */
static void tune_listen(const struct trap_set *traps, const struct call_made *call, int fd,
			const struct access_facts *facts, struct tuning *tuning)
{
	const struct spec *listening = spec_view(&traps->listening);

	if (!facts->bound) /* listen() is about to bind it to a port of the kernel's choice */
		phase_apply(tuning, fd, SOCKCTL_PRE_BIND, &traps->made_at[CALL_BIND]);
	if (!facts->listening)
		phase_apply(tuning, fd, SOCKCTL_PRE_LISTEN, &traps->made_at[CALL_LISTEN]);
	if (!listening->count)
		return;
	tuning->answered = true;
	tuning->answer = listen(fd, backlog_of(listening, call->backlog)) ? -errno : 0;
	if (!tuning->answer)
		phase_apply(tuning, fd, SOCKCTL_LISTENING, &traps->listening);
}

/* The program sets what the spec sets: the socket gets the spec's value, and only where that is refused, the
 * program's. */
static void tune_pinned(const struct trap_set *traps, const struct call_made *call, int fd, struct tuning *tuning)
{
	const struct sockctl_spec *const made[] = {&traps->made_at[CALL_BIND], &traps->made_at[CALL_LISTEN],
						   &traps->made_at[CALL_CONNECT], &traps->listening};
	enum option_id option = trap_pinned(traps, call->level, call->number);
	const struct setting *setting = NULL;
	struct sockctl_spec only = {0};

	for (unsigned i = 0; i < sizeof made / sizeof *made && !setting; i++)
		setting = spec_find(spec_view(made[i]), option);
	if (!setting)
		return;
	spec_put(spec_of(&only), setting->option, setting->optional, &setting->value);
	tuning->refused = sockctl_adopt(fd, &only, &tuning->report);
	tuning->answered = tuning->refused >= 0 && sockctl_worst(&tuning->report) < SOCKCTL_UNSUPPORTED;
}

void tune_call(const struct trap_set *traps, const struct call_made *call, int fd, struct tuning *ret)
{
	struct access_facts facts;

	tuning_start(ret);
	if (access_facts_read(fd, &facts) || !facts_are_tcp(&facts))
		return;
	ret->tcp = true;
	switch (call->call) {
	case CALL_BIND:
		phase_apply(ret, fd, SOCKCTL_PRE_BIND, &traps->made_at[CALL_BIND]);
		break;
	case CALL_CONNECT: /* a second connect() only asks how the first is doing */
		if (!facts.connected)
			phase_apply(ret, fd, SOCKCTL_PRE_CONNECT, &traps->made_at[CALL_CONNECT]);
		break;
	case CALL_LISTEN:
		tune_listen(traps, call, fd, &facts, ret);
		break;
	case CALL_SETSOCKOPT:
		tune_pinned(traps, call, fd, ret);
		break;
	default:
		break;
	}
}

void tune_inherited(const struct sockctl_spec *spec, int fd, struct tuning *ret)
{
	struct access_facts facts;

	tuning_start(ret);
	if (access_facts_read(fd, &facts) || !facts_are_tcp(&facts))
		return;
	ret->tcp = true;
	ret->refused = sockctl_adopt(fd, spec, &ret->report);
}
