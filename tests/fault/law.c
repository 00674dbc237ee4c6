/* What may come of a system call that fails, by the header's word and the rows. */
#include "law.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include "catalog/spec.h"

/* What steering consists of: SO_INCOMING_CPU, SO_ATTACH_REUSEPORT_CBPF, SO_DETACH_REUSEPORT_BPF. */
enum { INCOMING_CPU = 49, ATTACH_PROGRAM = 51, DETACH_PROGRAM = 68 };

/* Is this row what the call was about? */
static bool row_is_of(const struct option *option, const struct made *made)
{
	if (made->call == CALL_listen)
		return option->via == VIA_LISTEN;
	if (option->via == VIA_STEER)
		return made->level == SOL_SOCKET && (made->number == INCOMING_CPU || made->number == ATTACH_PROGRAM ||
						     made->number == DETACH_PROGRAM);
	for (unsigned i = 0; i < sizeof option->place / sizeof *option->place; i++)
		if (option->place[i].symbol && option->place[i].level == made->level &&
		    option->place[i].number == made->number)
			return true;
	return false;
}

static const struct setting *setting_of(const struct walk *walk, const struct made *made)
{
	const struct spec *spec = spec_view(&walk->spec);

	for (unsigned i = 0; i < spec->count; i++)
		if (row_is_of(&catalogue[spec->setting[i].option], made))
			return &spec->setting[i];
	return NULL;
}

/* Does the row's verdict hang on another option, and was the call about that? */
static bool row_hangs_on(const struct option *option, const struct made *made)
{
	bool hangs = option->needs && row_is_of(&catalogue[option->needs], made);

	for (unsigned i = 0; i < sizeof option->overruled_by / sizeof *option->overruled_by; i++)
		hangs |= option->overruled_by[i] && row_is_of(&catalogue[option->overruled_by[i]], made);
	return hangs;
}

/* A verdict is the worst of all shards, families and reasons: what only could not be read is outdone by a clamp. And of an
 * option that others hang on, to lack it is to have it off. */
static bool read_may_be_silent(const struct walk *walk, const struct made *made, int error)
{
	const struct spec *spec = spec_view(&walk->spec);
	bool lacks = error == ENOPROTOOPT || error == EOPNOTSUPP;

	for (unsigned i = 0; i < spec->count; i++) {
		const struct option *option = &catalogue[spec->setting[i].option];
		bool outdone = walk->clean.report.verdict[i].outcome > SOCKCTL_UNVERIFIABLE;

		if ((row_is_of(option, made) && outdone) || (row_hangs_on(option, made) && (outdone || lacks)))
			return true;
	}
	return false;
}

/* This system refuses it with the same error, so that the fault makes no difference. */
static bool refused_anyhow(const struct walk *walk, const struct setting *setting, int error)
{
	return walk->clean.report.verdict[setting - spec_view(&walk->spec)->setting].error == error;
}

/* In a namespace some of the host's sysctls are not there. */
static bool limit_is_out_of_sight(const struct sockctl_report *report)
{
	for (unsigned i = 0; i < report->count; i++)
		if (report->verdict[i].outcome == SOCKCTL_CLAMPED && report->verdict[i].limit_value == -1)
			return true;
	return false;
}

unsigned law_of(const struct walk *walk, const struct made *made, int error)
{
	const struct setting *setting = setting_of(walk, made);

	if (walk->scenario->races)
		return LAW_FATAL | LAW_TOLD | LAW_SILENT;
	switch (made->call) {
	case CALL_close:
		return LAW_SILENT;
	case CALL_socket: /* ":80" is IPv4 alone where there is no IPv6 */
		return error == EAFNOSUPPORT && *walk->scenario->address == ':' ? LAW_SILENT : LAW_FATAL;
	case CALL_connect: /* it goes on, or is what a nonblocking caller expects */
		return call_performs(made->call, error) ? LAW_SILENT | LAW_FATAL : LAW_FATAL;
	case CALL_poll: /* a state machine looks again at the next step */
		return error == EINTR ? LAW_SILENT : LAW_SILENT | LAW_FATAL;
	case CALL_uname: /* an unknown version is none that is new enough */
		return LAW_TOLD;
	case CALL_sendmsg:
	case CALL_send:
	case CALL_recvmsg:
	case CALL_recv:
		return error == EINTR ? LAW_SILENT : LAW_FATAL;
	case CALL_fcntl:
	case CALL_fcntl64:
		return LAW_SILENT | LAW_FATAL;
	case CALL_getpeername:
		return error == ENOTCONN ? LAW_SILENT : LAW_FATAL;
	case CALL_setsockopt:
		if (made->level == SOL_SOCKET && made->number == DETACH_PROGRAM && error == ENOENT)
			return LAW_SILENT; /* there was none */
		if (!setting || !setting->optional)
			return LAW_FATAL;
		return LAW_TOLD | (refused_anyhow(walk, setting, error) ? LAW_SILENT : 0);
	case CALL_listen:
		return setting && setting->optional ? LAW_FATAL | LAW_TOLD : LAW_FATAL;
	case CALL_getsockopt:
		return LAW_FATAL | LAW_TOLD | (read_may_be_silent(walk, made, error) ? LAW_SILENT : 0);
	case CALL_open:
	case CALL_open64:
	case CALL_read: /* of a sysctl: a limit is unknown, which another shard may know, or which is so anyhow */
		return LAW_TOLD | (walk->clean_result > 1 || !walk->clean.report.count ||
						   limit_is_out_of_sight(&walk->clean.report) ?
					   LAW_SILENT :
					   0);
	default:
		return LAW_FATAL;
	}
}

bool law_subject_fits(const struct act *act, const struct made *made)
{
	const char *subject = act->report.error.subject;

	if (made->call != CALL_setsockopt ||
	    !spec_view(&act->spec)->count) /* without settings it is about the socket */
		return *subject;
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		const struct option *row = &catalogue[id];
		bool is_of = row_is_of(row, made);

		if (!strcmp(subject, row->name) && (option_is_pseudo(row) || is_of))
			return true;
		if (is_of && row->place[0].symbol && strstr(subject, row->place[0].symbol))
			return true;
	}
	return act->scenario->address && strstr(act->scenario->address, subject);
}

/* As the header says: on a socket that waits EINPROGRESS is the end of its patience. */
int law_error(const struct made *made, int error)
{
	return made->call == CALL_connect && error == EINPROGRESS ? ETIMEDOUT : error;
}
