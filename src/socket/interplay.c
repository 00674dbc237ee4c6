/* What other options make of a setting. From the rows alone: knows no option by name. */
#include "socket/interplay.h"
#include <errno.h>

/* 1: on; 0: off, or the socket does not have it; -1: it cannot be read. */
static int state_read(int fd, const struct option *option)
{
	struct value got;
	int r = -ENOPROTOOPT;

	for (unsigned place = 0; place < sizeof option->place / sizeof *option->place; place++) {
		if (option->place[place].symbol)
			r = access_get(fd, option, place, &got);
		if (!r)
			return value_is_on(&got);
	}
	return r == -ENOPROTOOPT || r == -EOPNOTSUPP ? 0 : -1;
}

/* What the spec makes of an option: -1 if it does not speak of it, or was refused. */
static int state_asked(const struct applying *at, enum option_id id, const struct sockctl_report *report)
{
	const struct setting *setting = spec_find(at->spec, id);

	if (!setting || report->verdict[setting - at->spec->setting].outcome >= SOCKCTL_UNSUPPORTED)
		return -1;
	return value_is_on(&setting->value);
}

/* On one's own socket the spec has the word, and is about to keep it; somebody else's is looked at. */
static int state_needed(const struct applying *at, enum option_id id, const struct sockctl_report *report)
{
	int asked = at->foreign ? -1 : state_asked(at, id, report);

	return asked >= 0 ? asked : state_read(at->fd, &catalogue[id]);
}

static void outcome_set(struct sockctl_verdict *verdict, enum sockctl_outcome outcome, enum option_id because)
{
	verdict->outcome = outcome;
	verdict->limit = catalogue[because].name;
	verdict->limit_value = -1;
}

/* What hangs on an option that cannot be read is not known to work. */
static void doubt_set(struct sockctl_verdict *verdict, enum option_id because)
{
	if (verdict->outcome < SOCKCTL_UNVERIFIABLE)
		outcome_set(verdict, SOCKCTL_UNVERIFIABLE, because);
}

/* On one's own socket only the spec can have switched a rival on: to read each would cost calls for nothing. And of a
 * twin only the spec can tell, as both read the same. */
static void rival_judge(const struct applying *at, enum option_id rival, const struct sockctl_report *report,
			struct sockctl_verdict *verdict)
{
	bool asked = state_asked(at, rival, report) > 0;
	int state = at->foreign && !catalogue[rival].twin ? state_read(at->fd, &catalogue[rival]) : asked;

	if (state < 0)
		doubt_set(verdict, rival);
	else if (state)
		outcome_set(verdict, asked ? SOCKCTL_OVERRULED : SOCKCTL_INERT, rival);
}

void interplay_judge(const struct applying *at, unsigned setting, const struct sockctl_report *report,
		     struct sockctl_verdict *verdict)
{
	const struct option *option = &catalogue[at->spec->setting[setting].option];
	int needed;
	bool explicable = verdict->outcome <= SOCKCTL_CLAMPED || verdict->outcome == SOCKCTL_DIFFERS;

	if (!explicable || !value_is_on(&at->spec->setting[setting].value))
		return;
	for (unsigned i = 0; i < sizeof option->overruled_by / sizeof *option->overruled_by; i++)
		if (option->overruled_by[i])
			rival_judge(at, option->overruled_by[i], report, verdict);
	if (!option->needs || verdict->outcome == SOCKCTL_DIFFERS)
		return;
	needed = state_needed(at, option->needs, report);
	if (needed < 0)
		doubt_set(verdict, option->needs);
	else if (!needed)
		outcome_set(verdict, SOCKCTL_INERT, option->needs);
}
