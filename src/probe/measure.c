/* Phases, inheritance, reading back. */
#include "probe/measure.h"
#include <errno.h>

static void result_clear(const struct subject *s, struct probe_result *r)
{
	*r = (struct probe_result){.option = (uint16_t)option_id(s->option),
				   .place = (uint8_t)s->place,
				   .family = (uint8_t)s->family,
				   .limit = -1};
	for (unsigned i = 0; i < PROBE_PHASES; i++) {
		r->accepted[i] = r->read[i].error = PROBE_UNTRIED;
	}
	for (unsigned i = 0; i < PROBE_MOMENTS; i++) {
		r->child[i].error = PROBE_UNTRIED;
		r->inherited[i].answer = PROBE_UNKNOWN;
	}
}

/* --- phases ---------------------------------------------------------------------------------------------------- */

static void phases_measure(const struct subject *s, struct probe_result *r)
{
	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		if (stage_point_of(s->family, phase) != STAGE_POINTS)
			r->accepted[phase] = subject_try(s, phase, &r->asked, &r->read[phase]);
}

/* --- inheritance ----------------------------------------------------------------------------------------------- */

/* Reads the accepted socket of a listener that got the value (NULL: none) at this point. */
static void child_read(const struct subject *s, enum stage_point point, const struct value *value,
		       struct probe_reading *ret)
{
	struct request request = {s, value};
	struct stage_hook hook = {point, request_make, &request};
	struct stage stage;
	int fd = stage_build(&stage, s->family, CHILD_ACCEPTED, value ? &hook : NULL);

	ret->error = fd < 0 ? -fd : subject_get(s, fd, &ret->value);
	stage_strike(&stage);
}

static struct probe_finding passing(const struct probe_result *r, enum probe_moment moment)
{
	const struct probe_reading *child = &r->child[moment];

	if (r->plain.error || child->error)
		return (struct probe_finding){PROBE_UNKNOWN, "an accepted socket cannot be read"};
	if (!value_equal(&r->plain.value, &child->value))
		return (struct probe_finding){PROBE_YES, NULL};
	if (value_equal(&r->plain.value, &r->asked))
		return (struct probe_finding){PROBE_UNKNOWN, "accepted sockets read so anyhow"};
	return (struct probe_finding){PROBE_NO, NULL};
}

static void inheritance_measure(const struct subject *s, struct probe_result *r)
{
	static const struct {
		enum stage_point point;
		enum probe_phase phase;
	} moments[PROBE_MOMENTS] = {
		[PROBE_BEFORE_BIND] = {LISTENER_UNBOUND, PROBE_UNBOUND},
		[PROBE_BEFORE_LISTEN] = {LISTENER_BOUND, PROBE_BOUND},
		[PROBE_AFTER_LISTEN] = {LISTENER_LISTENING, PROBE_LISTENING},
		[PROBE_AFTER_HANDSHAKE] = {LISTENER_QUEUED, PROBE_LISTENING},
	};

	child_read(s, STAGE_POINTS, NULL, &r->plain);
	for (enum probe_moment moment = 0; moment < PROBE_MOMENTS; moment++) {
		if (r->accepted[moments[moment].phase]) {
			r->inherited[moment] = (struct probe_finding){PROBE_UNKNOWN, "listeners do not take it then"};
			continue;
		}
		child_read(s, moments[moment].point, &r->asked, &r->child[moment]);
		r->inherited[moment] = passing(r, moment);
	}
}

/* --- reading back ---------------------------------------------------------------------------------------------- */

static void pair_add(const struct subject *s, struct probe_result *r, const struct value *asked)
{
	struct probe_reading back;

	for (unsigned i = 0; i < r->pairs; i++)
		if (value_equal(&r->pair[i].asked, asked))
			return;
	if (subject_try(s, subject_phase(s), asked, &back) || back.error)
		return;
	r->pair[r->pairs].asked = *asked;
	r->pair[r->pairs++].got = back.value;
}

/* The example, both ends of the row's range, and one that is no multiple of anything. */
static void readback_measure(const struct subject *s, struct probe_result *r)
{
	const struct option *o = s->option;
	int64_t ends[] = {option_min(o), o->kind == KIND_SWITCH ? 1 : o->max, o->max - 1};

	pair_add(s, r, &r->asked);
	for (unsigned i = 0; i < (o->kind == KIND_SWITCH ? 2 : 3) && subject_is_ranged(s); i++) {
		struct value end = {.form = FORM_NUMBER, .number = ends[i]};

		if (subject_expresses(s, end.number))
			pair_add(s, r, &end);
	}
}

static bool refused_everywhere(const struct probe_result *r, int error)
{
	for (unsigned i = 0; i < PROBE_PHASES; i++)
		if (r->accepted[i] != PROBE_UNTRIED && r->accepted[i] != error)
			return false;
	return true;
}

void measure(const struct subject *s, struct probe_result *r)
{
	result_clear(s, r);
	subject_value(s, &r->asked);
	phases_measure(s, r);
	r->there = true;
	r->refused_here = refused_everywhere(r, option_denied(s->option));
	if (stage_is_udp(s->family))
		for (unsigned i = 0; i < PROBE_MOMENTS; i++)
			r->inherited[i].why = "nothing is accepted from a datagram socket";
	else if (!option_is_pseudo(s->option))
		inheritance_measure(s, r);
	readback_measure(s, r);
	range_measure(s, r);
	privilege_measure(s, r);
}
