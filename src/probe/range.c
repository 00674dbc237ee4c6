/* Which numbers the kernel takes: the row's own ends are tried first, and bisected from only where the kernel
 * departs. */
#include "probe/measure.h"
#include <errno.h>

struct search {
	const struct subject *subject;
	enum probe_phase phase;
};

static int number_try(const struct search *search, int64_t number)
{
	struct value asked = {.form = FORM_NUMBER, .number = number};

	return subject_try(search->subject, search->phase, &asked, NULL);
}

/* The farthest number in that direction (-1, 1) that the kernel's type holds. */
static int64_t farthest(const struct search *search, int direction)
{
	static const int64_t low[] = {INT64_MIN / 8, INT32_MIN, 0},
			     high[] = {INT64_MAX / 8, UINT32_MAX, INT32_MAX, UINT8_MAX, 1};
	const int64_t *list = direction < 0 ? low : high;
	size_t count = direction < 0 ? sizeof low / sizeof *low : sizeof high / sizeof *high;
	int64_t limit = direction < 0 ? search->subject->option->min : search->subject->option->max;

	for (size_t i = 0; i < count; i++)
		if (subject_expresses(search->subject, list[i]))
			return (list[i] - limit) * direction > 0 ? list[i] : limit;
	return limit;
}

/* Between a number that is taken and one that is not: the last one that is. Bounded by the 64 bits of a number. */
static int64_t bisect(const struct search *search, int64_t taken, int64_t refused)
{
	while (taken - refused > 1 || refused - taken > 1) {
		int64_t middle = taken + (refused - taken) / 2;

		/* a scaled type does not hold every number: then look on the taken side */
		if (!subject_expresses(search->subject, middle) || number_try(search, middle))
			refused = middle;
		else
			taken = middle;
	}
	return taken;
}

static struct probe_edge edge_at(const struct search *search, int64_t last, int direction)
{
	struct probe_edge edge = {.known = true, .value = last};

	if (subject_expresses(search->subject, last + direction))
		edge.error = number_try(search, last + direction);
	return edge;
}

/* `end`: what the row says; `inside`: a number that is taken. */
static struct probe_edge edge_find(const struct search *search, int64_t end, int64_t inside, int direction)
{
	int64_t far = farthest(search, direction);

	if (number_try(search, end))
		return edge_at(search, bisect(search, inside, end), direction);
	if (!subject_expresses(search->subject, end + direction) || number_try(search, end + direction))
		return edge_at(search, end, direction);
	if (!number_try(search, far))
		return edge_at(search, far, direction);
	return edge_at(search, bisect(search, end + direction, far), direction);
}

/* "off" may be written as a number next to the range: not a number beyond it. */
static bool is_notation(const struct option *option, int64_t number)
{
	struct value off;

	return !value_parse(option, "off", &off) && off.form == FORM_NUMBER && off.number == number;
}

void range_measure(const struct subject *s, struct probe_result *r)
{
	struct search search = {s, subject_phase(s)};
	const struct option *o = s->option;
	int64_t least = option_min(o);

	if (!subject_is_ranged(s) || r->accepted[search.phase])
		return;
	if (o->kind == KIND_SWITCH) {
		r->min = (struct probe_edge){.known = !number_try(&search, 0)};
		r->max = (struct probe_edge){.known = !number_try(&search, 1), .value = 1};
		return;
	}
	if (is_notation(o, least - 1))
		r->min = (struct probe_edge){.known = !number_try(&search, least), .value = least};
	else
		r->min = edge_find(&search, least, r->asked.number, -1);
	r->max = edge_find(&search, o->max, r->asked.number, 1);
}
