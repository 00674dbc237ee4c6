/* Rules about the ports of outgoing connections. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "doctor/rule.h"

enum { SICK_PERCENT = 80, FAULT_PERCENT = 98 };

/* May connect() take a port out of TIME_WAIT for this destination (net/ipv4/tcp_ipv4.c tcp_twsk_unique())? */
static bool time_wait_is_reused(const struct exam *exam, const struct destination *to_whom)
{
	int64_t reuse, timestamps;

	if (to_whom->protocol != IPPROTO_TCP || !exam_sysctl(exam, SYSCTL_tw_reuse, 0, &reuse) ||
	    !exam_sysctl(exam, SYSCTL_timestamps, 0, &timestamps))
		return false;
	return timestamps && (reuse == 1 || (reuse == 2 && (address_is_loopback(&to_whom->peer) ||
							    address_is_loopback(&to_whom->source))));
}

static void ports_write(const struct exam *exam, struct finding *finding, uint64_t taken)
{
	const struct port_range *ports = &exam->host->ports;
	struct text evidence = TEXT(finding->evidence);

	text_add(&evidence, "%" PRIu64 " of %u ports taken (%" PRIu64 " %%; from %u %% on this speaks): %u to %u",
		 taken, ports->usable, 100 * taken / ports->usable, (unsigned)SICK_PERCENT, ports->low, ports->high);
	if (ports->reserved)
		text_add(&evidence, " without %u that net.ipv4.ip_local_reserved_ports keeps back", ports->reserved);
	finding_number(finding, "ports_taken", taken);
	finding_number(finding, "ports_usable", ports->usable);
	finding->weight = (double)taken / ports->usable;
	if (100 * taken >= (uint64_t)FAULT_PERCENT * ports->usable)
		finding->severity = SEVERITY_FAULT;
}

/* Wider, if there is anything to gain; else more addresses. */
static void range_fix(const struct exam *exam, struct fix *fix)
{
	const struct port_range *ports = &exam->host->ports;

	if (ports->low > 1024 || ports->high < 65535) {
		snprintf(fix->sysctl, sizeof fix->sysctl, "net.ipv4.ip_local_port_range=%u 65535",
			 ports->low > 1024 ? 1024 : ports->low);
		snprintf(
			fix->advice, sizeof fix->advice,
			"or fewer connections (a pool), more source or destination addresses; keep your services' own ports out by "
			"ip_local_reserved_ports");
	} else {
		snprintf(
			fix->advice, sizeof fix->advice,
			"the range is as wide as it can be: fewer connections (a pool), more source addresses, or more addresses or "
			"ports at the destination");
	}
}

static void time_wait_fix(struct fix *fix)
{
	fix_by_sysctl(
		fix, "net.ipv4.tcp_tw_reuse=1",
		"better still, keep connections open and use them again (a pool, HTTP keep-alive): whoever closes first has the "
		"TIME_WAIT. The sysctl needs TCP timestamps at both ends");
}

enum opinion rule_ports(const struct exam *exam, struct finding *finding)
{
	const struct destination *to_whom = exam->destination;
	bool reused = time_wait_is_reused(exam, to_whom);
	uint64_t taken = reused ? to_whom->used - to_whom->time_wait : to_whom->used;
	struct text evidence = TEXT(finding->evidence);

	if (!exam->host->ports.usable)
		return rule_unknown(finding, "net.ipv4.ip_local_port_range could not be read");
	if (100 * taken < (uint64_t)SICK_PERCENT * exam->host->ports.usable)
		return OPINION_HEALTHY;
	ports_write(exam, finding, taken);
	finding_number(finding, "time_wait", to_whom->time_wait);
	evidence.length = strlen(finding->evidence);
	if (reused)
		text_add(&evidence, "; those in TIME_WAIT (%" PRIu64 ") are not counted, as they are used again",
			 to_whom->time_wait);
	else
		text_add(&evidence, "; %" PRIu64 " in TIME_WAIT", to_whom->time_wait);
	if (!reused && 2 * to_whom->time_wait > to_whom->used)
		time_wait_fix(&finding->fix);
	else
		range_fix(exam, &finding->fix);
	return OPINION_SICK;
}

/* connect() gives the same port to several destinations, bind() before it gives it to one. With as many connections to
 * several destinations as there are ports, many would have a port in common, if connect() had chosen them; a few of another
 * program may have one all the same. */
enum opinion rule_bound_ports(const struct exam *exam, struct finding *finding)
{
	const struct source *source = exam->source;
	struct text evidence = TEXT(finding->evidence);
	uint32_t usable = exam->host->ports.usable;

	if (!usable)
		return rule_unknown(finding, "net.ipv4.ip_local_port_range could not be read");
	if (source->destinations < 2)
		return OPINION_NOT_ITS_CASE;
	if (100 * source->ports < (uint64_t)SICK_PERCENT * usable || 100 * source->ports < 98 * source->used ||
	    2 * source->most > source->used + source->used / 2)
		return OPINION_HEALTHY;
	ports_write(exam, finding, source->ports);
	evidence.length = strlen(finding->evidence);
	text_add(&evidence,
		 "; to %" PRIu64 " destinations, %" PRIu64 " to the busiest, and %" PRIu64
		 " share a port with another (2 %% may): bind() chose them; %" PRIu64 " in TIME_WAIT",
		 source->destinations, source->most, source->used - source->ports, source->time_wait);
	finding_number(finding, "destinations", source->destinations);
	finding_number(finding, "most_to_one", source->most);
	fix_by_spec(&finding->fix, "bind-address-no-port",
		    "of the connecting sockets, before bind(): each destination then has the whole range to itself");
	return OPINION_SICK;
}
