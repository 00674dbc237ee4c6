/* Derives traps from a spec. Knows the catalogue and the plan, no kernel interface. */
#include "run/trap.h"
#include <netinet/in.h>
#include <string.h>
#include "socket/plan.h"

static bool made_for_listener(const struct option *option)
{
	return plan_listen_phase(option) <= SOCKCTL_LISTENING;
}

static bool made_before_connect(const struct option *option)
{
	return option->via == VIA_SOCKOPT && plan_connect_phase(option) == SOCKCTL_PRE_CONNECT;
}

/* Neither bind, listen nor connect is the moment for it: an option of other protocols, a number of sockets, or one
 * that each connection needs a call of its own for. */
static bool made_never(const struct option *option)
{
	return !(option_protocols(option) & PROTOCOL_TCP) || option_of_group(option) ||
	       (!made_for_listener(option) && !made_before_connect(option));
}

static struct sockctl_spec *listener_spec(struct trap_set *traps, const struct option *option)
{
	switch (plan_listen_phase(option)) {
	case SOCKCTL_CREATED:
	case SOCKCTL_PRE_BIND:
		return &traps->made_at[CALL_BIND];
	case SOCKCTL_PRE_LISTEN:
		return &traps->made_at[CALL_LISTEN];
	case SOCKCTL_LISTENING:
		return &traps->listening;
	default:
		return NULL;
	}
}

static void setting_add(struct sockctl_spec *to, const struct setting *setting)
{
	if (to)
		spec_put(spec_of(to), setting->option, setting->optional, &setting->value);
}

static void setting_assign(struct trap_set *traps, const struct setting *setting)
{
	const struct option *option = &catalogue[setting->option];

	if (made_never(option)) {
		setting_add(&traps->made_at[CALL_NONE], setting);
		return;
	}
	setting_add(listener_spec(traps, option), setting);
	if (made_before_connect(option))
		setting_add(&traps->made_at[CALL_CONNECT], setting);
}

static void pin_add(struct trap_set *traps, enum option_id id, int level, int number, bool in_filter)
{
	if (traps->pins < sizeof traps->pin / sizeof *traps->pin)
		traps->pin[traps->pins++] = (struct pin){level, number, id, in_filter};
}

/* The filter cannot tell a TCP socket from the rest, so it answers only for what means nothing to those: TCP's own
 * options, and SO_KEEPALIVE (9), which acts through sk_prot->keepalive (net/core/sock.c): TCP's, and nobody else's. */
static bool place_is_of_tcp(const struct place *place)
{
	return place->level == IPPROTO_TCP || (place->level == SOL_SOCKET && place->number == 9);
}

static void places_pin(struct trap_set *traps, enum option_id id, const struct option *of, bool everywhere)
{
	for (unsigned i = 0; i < 2 && of->place[i].symbol; i++)
		pin_add(traps, id, of->place[i].level, of->place[i].number,
			everywhere && place_is_of_tcp(&of->place[i]));
}

/* A program may set the same thing by another name (SO_RCVBUFFORCE): that is pinned too. In the filter only where each
 * TCP socket carries the value, whichever way it came to be: set before connect(), or inherited. */
static void setting_pin(struct trap_set *traps, const struct setting *setting)
{
	const struct option *option = &catalogue[setting->option];
	bool everywhere = option->inherited == PASSES_ON && made_for_listener(option) && made_before_connect(option);

	places_pin(traps, setting->option, option, everywhere);
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (o->twin == setting->option || o == &catalogue[option->twin])
			places_pin(traps, setting->option, o, false);
}

void trap_derive(struct trap_set *traps, const struct sockctl_spec *spec, bool pinned)
{
	const struct spec *from = spec_view(spec);

	memset(traps, 0, sizeof *traps);
	for (unsigned i = 0; i < from->count; i++)
		setting_assign(traps, &from->setting[i]);
	for (unsigned i = 0; pinned && i < from->count; i++)
		if (!spec_find(spec_view(&traps->made_at[CALL_NONE]), from->setting[i].option))
			setting_pin(traps, &from->setting[i]);
}

bool trap_needed(const struct trap_set *traps, enum call call)
{
	if (call == CALL_SETSOCKOPT)
		return traps->pins > 0;
	return spec_view(&traps->made_at[call])->count > 0 ||
	       (call == CALL_LISTEN && spec_view(&traps->listening)->count > 0);
}

bool trap_any(const struct trap_set *traps)
{
	for (enum call call = CALL_BIND; call < CALL_COUNT; call++)
		if (trap_needed(traps, call))
			return true;
	return false;
}

enum option_id trap_pinned(const struct trap_set *traps, int level, int number)
{
	for (unsigned i = 0; i < traps->pins; i++)
		if (traps->pin[i].level == level && traps->pin[i].number == number)
			return traps->pin[i].option;
	return OPTION_NONE;
}

void trap_unpin(struct trap_set *traps, enum option_id option)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < traps->pins; i++)
		if (traps->pin[i].option != option)
			traps->pin[kept++] = traps->pin[i];
	traps->pins = kept;
}

const char *call_name(enum call call)
{
	static const char *const names[CALL_COUNT] = {
		[CALL_NONE] = "none",
		[CALL_BIND] = "bind",
		[CALL_CONNECT] = "connect",
		[CALL_LISTEN] = "listen",
		[CALL_SETSOCKOPT] = "setsockopt",
	};

	return (unsigned)call < CALL_COUNT ? names[call] : "unknown";
}
