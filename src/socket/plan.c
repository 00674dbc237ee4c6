/* The order of a socket's settings, from the catalogue's rows alone. Knows no option by name, and touches no
 * socket. */
#include "socket/plan.h"

bool plan_works(const struct option *option, enum sockctl_phase phase)
{
	return option_works(option, PROTOCOL_TCP, phase);
}

enum sockctl_phase plan_listen_phase(const struct option *option)
{
	static const enum sockctl_phase order[] = {SOCKCTL_PRE_LISTEN, SOCKCTL_PRE_BIND, SOCKCTL_LISTENING};

	if (option->via == VIA_LISTEN)
		return SOCKCTL_LISTENING;
	if (option->for_bind)
		return SOCKCTL_PRE_BIND;
	for (unsigned i = 0; i < sizeof order / sizeof *order; i++)
		if (plan_works(option, order[i]))
			return order[i];
	return SOCKCTL_ACCEPTED;
}

/* What stays with a listener and is of no use to a connection has no business on an outgoing socket. */
static bool only_for_listeners(const struct option *option)
{
	return option->via != VIA_SOCKOPT || (option->inherited == STAYS && !plan_works(option, SOCKCTL_CONNECTED) &&
					      !plan_works(option, SOCKCTL_ACCEPTED));
}

enum sockctl_phase plan_connect_phase(const struct option *option)
{
	if (only_for_listeners(option))
		return plan_listen_phase(option);
	return plan_works(option, SOCKCTL_PRE_CONNECT) ? SOCKCTL_PRE_CONNECT : SOCKCTL_CONNECTED;
}

bool plan_per_connection(const struct option *option)
{
	return option->via == VIA_SOCKOPT && plan_works(option, SOCKCTL_ACCEPTED) &&
	       (option->inherited == STAYS || option->fades || plan_listen_phase(option) == SOCKCTL_ACCEPTED);
}

/* The phases that a socket may still come to; which of them it will is not known before listen() or connect(). */
static unsigned phases_ahead(uint8_t protocol, enum sockctl_phase now)
{
	unsigned later = protocol == PROTOCOL_UDP ? AT(SOCKCTL_CONNECTED) : AT_LISTENING | AT(SOCKCTL_CONNECTED);

	switch (now) {
	case SOCKCTL_CREATED:
	case SOCKCTL_PRE_BIND:
	case SOCKCTL_PRE_CONNECT:
		return AT_BOUND | later;
	case SOCKCTL_PRE_LISTEN:
		return later;
	default:
		return 0;
	}
}

static bool works_ahead(const struct option *option, uint8_t protocol, enum sockctl_phase now)
{
	unsigned ahead = phases_ahead(protocol, now);

	for (enum sockctl_phase phase = SOCKCTL_CREATED; phase < SOCKCTL_PHASES; phase++)
		if (ahead & AT(phase) && option_works(option, protocol, phase))
			return true;
	return false;
}

/* How far a buffer set late still works is read from the socket afterwards: apply.c, window_judge. */
bool plan_too_late(const struct option *option, uint8_t protocol, enum sockctl_phase now)
{
	if (option->effect == EFFECT_WINDOW_SCALE && !(option->never & AT(now)))
		return false;
	return !option_is_dead(option) && !option_works(option, protocol, now) && !works_ahead(option, protocol, now);
}

/* Neither too late nor too early: what listen() or connect() would reset has to wait for them. */
static bool plan_possible(const struct option *option, uint8_t protocol, enum sockctl_phase now)
{
	return !plan_too_late(option, protocol, now) &&
	       (option_works(option, protocol, now) || option->effect == EFFECT_WINDOW_SCALE);
}

const char *plan_deadline(const struct option *option)
{
	static const struct {
		enum sockctl_phase before, after;
		const char *call;
	} calls[] = {
		{SOCKCTL_PRE_BIND, SOCKCTL_PRE_LISTEN, "bind()"},
		{SOCKCTL_PRE_LISTEN, SOCKCTL_LISTENING, "listen()"},
		{SOCKCTL_PRE_CONNECT, SOCKCTL_CONNECTED, "connect()"},
	};

	for (unsigned i = 0; i < sizeof calls / sizeof *calls; i++)
		if (plan_works(option, calls[i].before) && !plan_works(option, calls[i].after))
			return calls[i].call;
	return NULL;
}

static bool place_governs(const struct place *place, const struct plan_target *target)
{
	uint8_t traffic = target->family == AF_INET ? TRAFFIC_V4 :
			  target->dual_stack        ? TRAFFIC_V6 | TRAFFIC_MAPPED :
						      TRAFFIC_V6;

	return place->symbol && (!place->traffic || place->traffic & traffic);
}

bool plan_has(const struct option *option, const struct plan_target *target)
{
	if (!(option_protocols(option) & target->protocol) || option->never == AT_ALL)
		return false;
	return option_is_pseudo(option) || place_governs(&option->place[0], target) ||
	       place_governs(&option->place[1], target);
}

bool plan_depends_on_traffic(const struct spec *spec)
{
	for (unsigned i = 0; i < spec->count; i++)
		if (catalogue[spec->setting[i].option].place[0].traffic & TRAFFIC_MAPPED ||
		    catalogue[spec->setting[i].option].place[1].traffic & TRAFFIC_MAPPED)
			return true;
	return false;
}

/* Insertion by row keeps catalogue order; stable, so that the places of one setting stay in theirs. */
static void plan_insert(struct plan *plan, const struct spec *spec, unsigned setting, unsigned place)
{
	unsigned at = plan->count++;

	while (at && spec->setting[plan->step[at - 1].setting].option > spec->setting[setting].option) {
		plan->step[at] = plan->step[at - 1];
		at--;
	}
	plan->step[at] = (struct plan_step){(uint8_t)setting, (uint8_t)place};
}

static void plan_add(struct plan *plan, const struct spec *spec, const struct plan_target *target, unsigned setting)
{
	const struct option *option = &catalogue[spec->setting[setting].option];

	if (!plan_has(option, target))
		return;
	if (option_is_pseudo(option))
		plan_insert(plan, spec, setting, 0);
	for (unsigned place = 0; place < 2 && !option_is_pseudo(option); place++)
		if (place_governs(&option->place[place], target))
			plan_insert(plan, spec, setting, place);
}

static bool option_belongs(const struct option *option, enum sockctl_phase phase)
{
	if (option_of_group(option))
		return false; /* made by opening sockets, not on one */
	switch (phase) {
	case SOCKCTL_CREATED:
		return option->via == VIA_SOCKOPT && plan_works(option, SOCKCTL_CREATED);
	case SOCKCTL_PRE_CONNECT:
	case SOCKCTL_CONNECTED:
		return plan_connect_phase(option) == phase;
	case SOCKCTL_ACCEPTED:
		return plan_per_connection(option);
	default:
		return plan_listen_phase(option) == phase;
	}
}

void plan_make(struct plan *plan, const struct spec *spec, const struct plan_target *target, enum sockctl_phase phase)
{
	plan->count = 0;
	for (unsigned i = 0; i < spec->count; i++)
		if (option_belongs(&catalogue[spec->setting[i].option], phase))
			plan_add(plan, spec, target, i);
}

void plan_adopt(struct plan *plan, const struct spec *spec, const struct plan_target *target, enum sockctl_phase found,
		enum plan_which which)
{
	bool connected = AT(found) & AT_CONNECTED;

	plan->count = 0;
	for (unsigned i = 0; i < spec->count; i++) {
		const struct option *option = &catalogue[spec->setting[i].option];

		if (option_of_group(option) || (option->via == VIA_LISTEN && found != SOCKCTL_LISTENING) ||
		    (connected && only_for_listeners(option)))
			continue;
		if (which == PLAN_EVERY ||
		    (which == PLAN_LATE ? plan_too_late : plan_possible)(option, target->protocol, found))
			plan_add(plan, spec, target, i);
	}
}
