/* sockctl options --probe: what this kernel makes of the options, and where it departs from the catalogue. */
#ifndef CLI_OPTIONS_PROBE_H
#define CLI_OPTIONS_PROBE_H
#include <stdbool.h>
#include "catalog/option.h"

enum probe_output { PROBE_AS_TABLE, PROBE_AS_PAGES, PROBE_AS_JSON };

/* options: ended by NULL. An exit code. */
int options_probe(const struct option *const options[], enum probe_output, bool pretty);

#define OPTIONS_PROBE_DESCRIPTION \
	"--probe measures, in private namespaces and within seconds, what this kernel makes of each option: " \
	"for IPv4 and IPv6, TCP and UDP, in each of the phases unbound, bound, listening, connecting (its SYN " \
	"is unanswered, and will be repeated), established (by connect), accepted, and close_wait (the peer " \
	"has sent its FIN). Where it departs from the catalogue it says so, and exits with 1. It needs user " \
	"namespaces, or root; what only the host's root may set is not measured without.\n\n" \
	"In the table PHASES has a mark for each phase in this order: + it is accepted and seen to work, o it " \
	"is accepted and nothing shows more, - it is accepted in vain, x it is refused. INHERITS has a mark " \
	"for each moment at which the listener gets it: before listen(), after it, and between a connection's " \
	"handshake and its accept(): + the accepted socket has it, - it has not, ? it cannot be told. With " \
	"names, all of it in words.\n\n" \
	"With -j: an array, with one object per option and family: name; symbol, null for what is no socket " \
	"option; family: tcp4, tcp6, udp4 or udp6; accepted: for each phase of that family \"ok\" or the " \
	"errno (\"EINVAL\"); effective: for each, whether it was seen to work when set there, null where " \
	"nothing shows it; false without a look in phases in which what it bears on (a bind, a handshake, an " \
	"accept queue) is over; inherited: before_listen, after_listen, after_handshake, null where it cannot be " \
	"told; readback: pairs of what was asked and what was read; min, max: the smallest and the largest " \
	"number that the kernel takes without an error, in the option's unit, null where values are no " \
	"numbers; needs: the capabilities of which each suffices, null if none is needed. Departures are on " \
	"stderr then."
#endif
