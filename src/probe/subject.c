/* Setting and reading through the catalogue's own codecs and accessors. */
#include "probe/subject.h"
#include <errno.h>
#include "socket/access.h"

int subject_set(const struct subject *s, int fd, const struct value *value)
{
	return -access_set(fd, s->option, s->place, value);
}

int subject_get(const struct subject *s, int fd, struct value *ret)
{
	return -access_get(fd, s->option, s->place, ret);
}

int request_make(int fd, void *arg)
{
	const struct request *request = arg;

	return -subject_set(request->subject, fd, request->value);
}

bool subject_expresses(const struct subject *s, int64_t number)
{
	struct value asked = {.form = FORM_NUMBER, .number = number}, back;
	struct optval raw;

	if (option_is_pseudo(s->option))
		return number >= INT32_MIN && number <= INT32_MAX;
	value_encode(s->option, &asked, &raw);
	value_decode(s->option, &raw, &back);
	return back.form == FORM_NUMBER && back.number == number && raw.length <= sizeof raw.raw;
}

enum probe_phase subject_phase(const struct subject *s)
{
	static const struct {
		enum probe_phase phase;
		enum sockctl_phase name;
	} order[] = {
		{PROBE_UNBOUND, SOCKCTL_CREATED},     {PROBE_BOUND, SOCKCTL_PRE_LISTEN},
		{PROBE_LISTENING, SOCKCTL_LISTENING}, {PROBE_ESTABLISHED, SOCKCTL_CONNECTED},
		{PROBE_ACCEPTED, SOCKCTL_ACCEPTED},
	};

	uint8_t protocol = stage_is_udp(s->family) ? PROTOCOL_UDP : PROTOCOL_TCP;

	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		if (option_works(s->option, protocol, order[i].name) &&
		    stage_point_of(s->family, order[i].phase) != STAGE_POINTS)
			return order[i].phase;
	return PROBE_UNBOUND;
}

int subject_try(const struct subject *s, enum probe_phase phase, const struct value *value, struct probe_reading *ret)
{
	struct stage stage;
	int fd = stage_build(&stage, s->family, stage_point_of(s->family, phase), NULL);
	int error = fd < 0 ? -fd : subject_set(s, fd, value);

	if (fd >= 0 && ret)
		ret->error = subject_get(s, fd, &ret->value);
	stage_strike(&stage);
	return error;
}

/* What a socket in that phase reads to which nobody did anything; false: nothing. */
static bool default_read(const struct subject *s, struct value *ret)
{
	enum stage_point point = stage_point_of(s->family, subject_phase(s));
	struct stage stage;
	int fd = stage_build(&stage, s->family, point, NULL);
	bool read = fd >= 0 && !subject_get(s, fd, ret);

	stage_strike(&stage);
	return read;
}

bool subject_is_ranged(const struct subject *s)
{
	return codecs[s->option->kind]->ranged || s->option->kind == KIND_SWITCH;
}

/* A host may have made the example its default: then another number of the range will do. */
static void value_other(const struct subject *s, struct value *value)
{
	int64_t high = s->option->kind == KIND_SWITCH ? 1 : s->option->max;

	if (subject_is_ranged(s))
		value->number = value->number == high ? s->option->min : value->number + 1;
}

/* A row that nobody can set has no example: any number will do to see it refused. */
void subject_value(const struct subject *s, struct value *ret)
{
	struct value own;

	if (value_parse(s->option, s->option->example ? s->option->example : "on", ret))
		*ret = (struct value){.form = FORM_NUMBER, .number = s->option->min};
	if (default_read(s, &own) && value_equal(&own, ret))
		value_other(s, ret);
}
