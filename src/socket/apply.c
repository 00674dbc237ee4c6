/* The settings of one phase, made on one socket. Everything is set first and read afterwards, so that of two
 * options that share a place (tos and dscp) or overwrite each other (tos and priority) the one that lost says so. */
#include "socket/apply.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "base/error.h"
#include "socket/accept.h"
#include "socket/autotune.h"
#include "socket/interplay.h"
#include "socket/refusal.h"
#include "socket/relation.h"
#include "socket/report.h"

static const struct spec nothing;

const struct spec *apply_spec(const struct sockctl_spec *spec)
{
	return spec ? spec_view(spec) : &nothing;
}

static const struct option *step_option(const struct applying *at, const struct plan_step *step)
{
	return &catalogue[at->spec->setting[step->setting].option];
}

static struct sockctl_verdict step_verdict(const struct applying *at, unsigned setting)
{
	const struct setting *asked = &at->spec->setting[setting];
	struct sockctl_verdict verdict = verdict_start(asked);
	bool listener = !at->datagram &&
			AT(at->phase) & (AT(SOCKCTL_CREATED) | AT(SOCKCTL_PRE_BIND) | AT_BOUND | AT_LISTENING);

	verdict.shard = (int)at->shard;
	verdict.per_connection = listener && plan_per_connection(&catalogue[asked->option]);
	return verdict;
}

int apply_refused(const struct applying *at, unsigned setting, const char *symbol, int r, struct sockctl_report *report)
{
	const struct setting *asked = &at->spec->setting[setting];
	const struct option *option = &catalogue[asked->option];
	struct sockctl_verdict verdict = step_verdict(at, setting);
	char why[sizeof report->error.hint];

	verdict.outcome = refusal_outcome(-r);
	verdict.error = -r;
	verdict.limit = option->place[1].symbol ? symbol : NULL; /* which of the two */
	report_merge(&report->verdict[setting], &verdict);
	if (asked->optional)
		return 0;
	refusal_text(option, -r, why, sizeof why);
	if (!report->error.code)
		error_set(&report->error, r, access_call(option), option->name, "%s%s%s (try:%s goes on without it)",
			  verdict.limit ? verdict.limit : "", verdict.limit ? ": " : "", why, option->name);
	return r;
}

/* A buffer of a connected socket may be as large as it likes: the scale agreed in the handshake caps the window
 * (tcp_select_window shifts a 16-bit field). Below the cap the window follows the buffer as data flows. */
static void window_judge(const struct applying *at, struct sockctl_verdict *verdict)
{
	int64_t cap;
	int r = access_window_cap(at->fd, &cap);

	if (r && verdict->outcome < SOCKCTL_UNVERIFIABLE) {
		verdict->outcome = SOCKCTL_UNVERIFIABLE;
		verdict->error = -r;
	}
	if (r || verdict->usable <= cap)
		return;
	verdict->usable = cap;
	verdict->limit = "window scale";
	verdict->limit_value = cap;
	verdict->outcome = SOCKCTL_TOO_LATE;
}

/* As a spec would ask for it: half of what the kernel reads back for a buffer. */
static void granted_write(const struct option *option, const struct value *got, struct sockctl_verdict *verdict)
{
	struct value asked_for = *got;

	if (option->reads == READS_DOUBLED && got->form == FORM_NUMBER)
		asked_for.number /= 2;
	value_format(option, &asked_for, verdict->granted_text, sizeof verdict->granted_text);
}

static void step_judge(const struct applying *at, const struct plan_step *step, const struct value *got,
		       const struct sockctl_report *report, struct sockctl_verdict *verdict)
{
	const struct option *option = step_option(at, step);

	if (!relation_repeats(option, got, &report->verdict[step->setting], verdict))
		relation_judge(option, &at->spec->setting[step->setting].value, got, verdict);
	granted_write(option, got, verdict);
	if (option->effect == EFFECT_WINDOW_SCALE && AT(at->phase) & AT_CONNECTED)
		window_judge(at, verdict);
	if (verdict->outcome == SOCKCTL_DIFFERS && option->place[1].symbol && !verdict->limit)
		verdict->limit = option->place[step->place].symbol;
	if (verdict->outcome == SOCKCTL_GRANTED && at->only_read && at->phase == SOCKCTL_ACCEPTED)
		verdict->outcome = SOCKCTL_INHERITED;
}

/* To autotuning: as the spec says, or where a size that is a path's bandwidth x RTT does not need to be set. */
static bool may_be_left(const struct applying *at, const struct option *option, const struct value *value)
{
	return value->form == FORM_AUTO || (value->form == FORM_BDP && option->autotune && !at->datagram);
}

static void step_compare(const struct applying *at, const struct plan_step *step, struct sockctl_report *report)
{
	const struct option *option = step_option(at, step);
	const struct setting *asked = &at->spec->setting[step->setting];
	struct sockctl_verdict verdict = step_verdict(at, step->setting);
	struct value got = {0};
	int r = -EOPNOTSUPP;

	autotune_recall(option, &report->verdict[step->setting], &verdict);
	if (option_is_readable(option))
		r = may_be_left(at, option, &asked->value) ? access_get_auto(at->fd, option, step->place, &got) :
							     access_get(at->fd, option, step->place, &got);
	if (!r) {
		step_judge(at, step, &got, report, &verdict);
	} else {
		verdict.outcome = r == -ENOPROTOOPT ? SOCKCTL_UNSUPPORTED : SOCKCTL_UNVERIFIABLE;
		verdict.error = option_is_readable(option) ? -r : 0;
	}
	if (!verdict.error)
		interplay_judge(at, step->setting, report, &verdict);
	if (!r && verdict.outcome == SOCKCTL_DIFFERS && option_is_dead(option))
		verdict.outcome = SOCKCTL_INERT;
	report_merge(&report->verdict[step->setting], &verdict);
}

static int step_set(const struct applying *at, const struct plan_step *step, struct sockctl_verdict *verdict)
{
	const struct option *option = step_option(at, step);
	const struct value *value = &at->spec->setting[step->setting].value, autotuned = {.form = FORM_AUTO};

	if (value->form == FORM_BDP && may_be_left(at, option, value) && autotune_prefers(option, value, verdict))
		value = &autotuned;
	return access_set(at->fd, option, step->place, value);
}

/* made[i]: step i was not refused. */
static int steps_set(const struct applying *at, const struct plan *plan, bool made[], struct sockctl_report *report)
{
	int first = 0;

	for (unsigned i = 0; i < plan->count; i++) {
		const struct plan_step *step = &plan->step[i];
		const struct option *option = step_option(at, step);
		int r = step_set(at, step, &report->verdict[step->setting]);

		made[i] = !r;
		if (r)
			r = apply_refused(at, step->setting, option->place[step->place].symbol, r, report);
		first = first ? first : r;
	}
	return first;
}

int apply_plan(const struct applying *at, const struct plan *plan, struct sockctl_report *report)
{
	bool made[2 * SOCKCTL_SETTINGS_MAX];
	int first = steps_set(at, plan, made, report);

	for (unsigned i = 0; i < plan->count; i++)
		if (made[i])
			step_compare(at, &plan->step[i], report);
	return first;
}

int apply_set(const struct applying *at, const struct plan *plan, struct sockctl_report *report)
{
	bool made[2 * SOCKCTL_SETTINGS_MAX];

	return steps_set(at, plan, made, report);
}

void apply_compare(const struct applying *at, const struct plan *plan, struct sockctl_report *report)
{
	struct applying reading = *at;

	reading.only_read = true;
	for (unsigned i = 0; i < plan->count; i++)
		step_compare(&reading, &plan->step[i], report);
}

void apply_mark(const struct applying *at, unsigned setting, enum sockctl_outcome outcome, const char *limit,
		struct sockctl_report *report)
{
	struct sockctl_verdict verdict = step_verdict(at, setting);

	verdict.outcome = outcome;
	verdict.error = outcome == SOCKCTL_UNSUPPORTED ? ENOPROTOOPT : 0;
	verdict.limit = limit;
	report_merge(&report->verdict[setting], &verdict);
}

void apply_dead(const struct applying *at, struct sockctl_report *report)
{
	for (unsigned i = 0; i < at->spec->count; i++)
		if (option_is_dead(&catalogue[at->spec->setting[i].option]))
			apply_mark(at, i, SOCKCTL_INERT, NULL, report);
}

int apply_unsupported(const struct applying *at, const struct plan_target *target, struct sockctl_report *report)
{
	int first = 0;

	apply_dead(at, report);
	for (unsigned i = 0; i < at->spec->count; i++)
		if (!plan_has(&catalogue[at->spec->setting[i].option], target)) {
			int r = apply_refused(at, i, NULL, -ENOPROTOOPT, report);

			first = first ? first : r;
		}
	return first;
}

int apply_socket_error(int fd, int r, struct sockctl_error *error)
{
	char subject[24];

	snprintf(subject, sizeof subject, "fd %d", fd);
	return error_set(error, r, "getsockopt", subject, "%s; an IPv4 or IPv6 socket is needed", strerror(-r));
}

struct plan_target apply_target(const struct access_facts *facts)
{
	return (struct plan_target){
		.family = facts->family,
		.dual_stack = facts->dual_stack,
		.protocol = facts->type == SOCK_STREAM ? PROTOCOL_TCP : PROTOCOL_UDP,
	};
}

int apply_control(const struct sockctl_control *control, const struct applying *at, struct sockctl_error *error)
{
	int r = control && control->call ? control->call(control->arg, at->fd, at->phase, at->shard) : 0;

	return r < 0 ? error_set(error, r, "control hook", sockctl_phase_name(at->phase), NULL) : 0;
}

int sockctl_apply(int fd, enum sockctl_phase phase, const struct sockctl_spec *spec, struct sockctl_report *report)
{
	struct applying at = {.fd = fd, .phase = phase, .spec = apply_spec(spec)};
	struct sockctl_report spare;
	struct access_facts facts;
	struct plan_target target;
	struct plan plan;
	int r, unsupported;

	if (!report && phase == SOCKCTL_ACCEPTED)
		return accept_set(&at);
	r = report_begin(&report, &spare, at.spec);
	if (r)
		return r;
	if ((unsigned)phase >= SOCKCTL_PHASES)
		return error_set(&report->error, -EINVAL, "apply", NULL, "no such phase");
	r = access_kind_read(fd, &facts);
	if (r)
		return apply_socket_error(fd, r, &report->error);
	target = apply_target(&facts);
	at.datagram = target.protocol == PROTOCOL_UDP;
	plan_make(&plan, at.spec, &target, phase);
	unsupported = apply_unsupported(&at, &target, report);
	r = apply_plan(&at, &plan, report);
	if (phase == SOCKCTL_ACCEPTED)
		accept_compare(&at, &target, report);
	return unsupported ? unsupported : r;
}
