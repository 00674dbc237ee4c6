/* One attempt to connect: everything before connect(), connect(), and what came of it. Never blocks. */
#include "socket/attempt.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "socket/address.h"
#include "socket/report.h"

/* What lies behind the family's own structure is of no meaning, and would only make equal addresses differ. */
int endpoint_take(struct endpoint *ret, const struct sockaddr *address, socklen_t length)
{
	int r = outgoing_check(address, length, NULL, NULL);

	if (r)
		return r;
	memset(ret, 0, sizeof *ret);
	ret->length = address->sa_family == AF_INET ? sizeof ret->four : sizeof ret->six;
	memcpy(&ret->any, address, ret->length);
	if (address->sa_family == AF_INET)
		memset(ret->four.sin_zero, 0, sizeof ret->four.sin_zero);
	return 0;
}

struct attempt attempt_new(const struct endpoint *address)
{
	return (struct attempt){
		.address = *address,
		.fd = -1,
		.started_us = -1,
		.ended_us = -1,
		.state = SOCKCTL_ATTEMPT_WAITING,
		.blamed = -1,
	};
}

void attempt_close(struct attempt *attempt, enum sockctl_attempt_state state, int64_t now_us)
{
	if (attempt->fd >= 0)
		close(attempt->fd);
	attempt->fd = -1;
	attempt->state = (uint8_t)state;
	attempt->ended_us = now_us;
}

/* --- what a step needs to speak of one attempt ------------------------------------------------------------------- */

struct telling {
	struct outgoing out;
	struct sockctl_report report;
	char subject[sizeof((struct sockctl_error *)0)->subject];
};

static void telling_start(struct telling *t, const struct attempt *attempt, const struct dialing *dialing)
{
	const struct sockaddr *address = &attempt->address.any;

	t->out = (struct outgoing){
		.at = {.fd = attempt->fd, .spec = apply_spec(dialing->spec)},
		.target = {address->sa_family, outgoing_is_mapped(address), PROTOCOL_TCP},
		.control = dialing->control,
		.report = &t->report,
		.subject = t->subject,
	};
	address_format(address, attempt->address.length, t->subject, sizeof t->subject);
	report_start(&t->report, t->out.at.spec);
}

/* The words of an error do not outlive its report; what is static of them does. */
static const char *call_name(const char *op)
{
	static const char *const calls[] = {"socket", "listen", "bind", "connect", "getsockname", "control hook"};

	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		if (!strcmp(op, calls[i]))
			return calls[i];
	return "setsockopt";
}

/* A setting that could not be read has an error as well: the one to blame is the one that the report names. */
static void refusals_keep(struct attempt *attempt, const struct telling *t)
{
	const struct spec *spec = t->out.at.spec;

	for (unsigned i = 0; i < spec->count; i++) {
		const struct sockctl_verdict *verdict = &t->report.verdict[i];
		const char *second = catalogue[spec->setting[i].option].place[1].symbol;

		attempt->refusals.errno_of[i] = (uint8_t)verdict->error;
		if (second && verdict->limit && !strcmp(verdict->limit, second))
			attempt->refusals.second_place[i / 8] |= (uint8_t)(1 << i % 8);
		if (verdict->error && !strcmp(t->report.error.subject, verdict->option) && attempt->blamed < 0)
			attempt->blamed = (int8_t)i;
	}
}

static int attempt_fail(struct attempt *attempt, const struct telling *t, int r, int64_t now_us)
{
	attempt->call = call_name(t->report.error.op);
	attempt->error = -r;
	attempt_close(attempt, SOCKCTL_ATTEMPT_FAILED, now_us);
	return r;
}

/* --- the beginning ----------------------------------------------------------------------------------------------- */

static int connect_begin(struct attempt *attempt, const struct endpoint *local, struct outgoing *out)
{
	int r = outgoing_open(out, &attempt->address.any, SOCK_NONBLOCK);

	attempt->fd = out->at.fd;
	if (!r)
		r = outgoing_phase(out, SOCKCTL_CREATED, OUTGOING_SET);
	if (!r)
		r = outgoing_phase(out, SOCKCTL_PRE_CONNECT, OUTGOING_SET);
	if (!r && local->length)
		r = outgoing_bind(out, &local->any, local->length);
	if (!r && connect(attempt->fd, &attempt->address.any, attempt->address.length) && errno != EINPROGRESS &&
	    errno != EINTR)
		r = outgoing_failed(out, "connect", errno);
	return r;
}

int attempt_start(struct attempt *attempt, const struct dialing *dialing, unsigned number, int64_t now_us)
{
	struct telling t;
	int r;

	telling_start(&t, attempt, dialing);
	t.out.at.shard = number;
	attempt->started_us = now_us;
	attempt->state = SOCKCTL_ATTEMPT_UNDER_WAY;
	r = connect_begin(attempt, &dialing->local[attempt->address.any.sa_family == AF_INET6], &t.out);
	refusals_keep(attempt, &t);
	attempt->sent = !r;
	return r ? attempt_fail(attempt, &t, r, now_us) : 0;
}

/* --- the end ----------------------------------------------------------------------------------------------------- */

/* What was made before connect(): refused then, or read back now. */
static void early_compare(const struct attempt *attempt, struct outgoing *out)
{
	struct plan plan, made = {0};

	out->at.phase = SOCKCTL_PRE_CONNECT;
	apply_unsupported(&out->at, &out->target, out->report);
	plan_make(&plan, out->at.spec, &out->target, SOCKCTL_PRE_CONNECT);
	for (unsigned i = 0; i < plan.count; i++) {
		unsigned setting = plan.step[i].setting;
		unsigned second = attempt->refusals.second_place[setting / 8] >> setting % 8 & 1;
		const struct option *option = &catalogue[out->at.spec->setting[setting].option];

		if (attempt->refusals.errno_of[setting] && plan.step[i].place == second)
			apply_refused(&out->at, setting, option->place[second].symbol,
				      -attempt->refusals.errno_of[setting], out->report);
		else
			made.step[made.count++] = plan.step[i];
	}
	apply_compare(&out->at, &made, out->report);
}

static int connected_make(const struct attempt *attempt, struct outgoing *out, bool reads)
{
	int r = outgoing_check_peer(out);

	if (r)
		return r;
	if (reads)
		early_compare(attempt, out);
	return outgoing_phase(out, SOCKCTL_CONNECTED, reads ? OUTGOING_SET_AND_READ : OUTGOING_SET);
}

int attempt_finish(struct attempt *attempt, const struct dialing *dialing, unsigned number, int64_t now_us,
		   struct sockctl_report *report)
{
	int e = outgoing_result(attempt->fd), r;
	struct telling t;

	telling_start(&t, attempt, dialing);
	t.out.at.shard = number;
	r = e ? outgoing_failed(&t.out, "connect", e) : connected_make(attempt, &t.out, report != NULL);
	if (!r && report)
		*report = t.report;
	if (!r)
		return 0;
	refusals_keep(attempt, &t);
	return attempt_fail(attempt, &t, r, now_us);
}

void attempt_tell(const struct attempt *attempt, const struct dialing *dialing, struct sockctl_report *report)
{
	struct telling t;

	telling_start(&t, attempt, dialing);
	t.out.at.phase = SOCKCTL_PRE_CONNECT;
	if (attempt->blamed >= 0)
		apply_refused(&t.out.at, (unsigned)attempt->blamed, NULL, -attempt->error, &t.report);
	else
		outgoing_failed(&t.out, attempt->call, attempt->error);
	*report = t.report;
}
