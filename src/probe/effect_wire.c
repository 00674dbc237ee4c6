/* Effects on the headers of packets. */
#include <errno.h>
#include "probe/effect.h"
#include "probe/wire.h"

/* What setsockopt was given, as the int that it is for options of this kind. */
static int64_t sent_number(const struct effect_case *c)
{
	struct optval raw;

	value_encode(c->subject->option, c->value, &raw);
	return raw.number;
}

/* looks: does the packet show it? */
static struct probe_finding wire_show(const struct effect_case *c, bool with_mark,
				      bool (*looks)(const struct wire_packet *, int64_t number))
{
	struct wire_packet packet;
	struct scene scene;
	/* without a value: that of the row's example must not be seen either */
	struct value example;
	struct effect_case asked = *c;
	uint32_t mark;
	int r;

	subject_value(c->subject, &example);
	asked.value = c->value ? c->value : &example;
	mark = (uint32_t)sent_number(&asked);
	scene_build(&scene, c);
	r = scene.error ? -scene.error : wire_look(scene.fd, with_mark ? &mark : NULL, &packet);
	scene_strike(&scene);
	if (scene.error || (r && r != -ETIMEDOUT))
		return EFFECT_UNKNOWN(scene.error ? "no connection came about" : "packets cannot be captured here");
	if (r && !with_mark) /* only a filter for marks keeps packets back */
		return EFFECT_UNKNOWN("no packet was seen in time");
	return EFFECT_FINDING(!r && looks(&packet, sent_number(&asked)));
}

/* The lower two bits are ECN's. */
static bool looks_classed(const struct wire_packet *packet, int64_t number)
{
	return (packet->traffic_class & 0xfc) == (number & 0xfc);
}

static bool looks_hops(const struct wire_packet *packet, int64_t number)
{
	return packet->hops == number;
}

static bool looks_marked(const struct wire_packet *packet, int64_t number)
{
	(void)packet, (void)number; /* the filter let it through */
	return true;
}

static bool looks_fragmentable(const struct wire_packet *packet, int64_t number)
{
	(void)number;
	return !packet->dont_fragment;
}

static bool looks_unlabelled(const struct wire_packet *packet, int64_t number)
{
	(void)number;
	return !packet->flow_label;
}

static bool is_ipv4(const struct effect_case *c)
{
	return c->subject->family != PROBE_TCP6 && c->subject->family != PROBE_UDP6;
}

static struct probe_finding show_traffic_class(const struct effect_case *c)
{
	return wire_show(c, false, looks_classed);
}

static struct probe_finding show_hops(const struct effect_case *c)
{
	return wire_show(c, false, looks_hops);
}

static struct probe_finding show_mark(const struct effect_case *c)
{
	return wire_show(c, true, looks_marked);
}

static struct probe_finding show_fragments(const struct effect_case *c)
{
	return is_ipv4(c) ? wire_show(c, false, looks_fragmentable) :
			    EFFECT_UNKNOWN("IPv6 packets do not say whether they may be fragmented");
}

static struct probe_finding show_flow_label(const struct effect_case *c)
{
	return is_ipv4(c) ? EFFECT_UNKNOWN("IPv4 has no flow labels") : wire_show(c, false, looks_unlabelled);
}

const struct effect_probe effect_traffic_class = {.show = show_traffic_class, .udp = true};
const struct effect_probe effect_hops = {.show = show_hops, .udp = true};
const struct effect_probe effect_mark = {.show = show_mark, .udp = true};
const struct effect_probe effect_fragments = {.show = show_fragments, .has_number = true, .number = 0, .udp = true};
const struct effect_probe effect_flow_label = {.show = show_flow_label, .has_number = true, .number = 0, .udp = true};
