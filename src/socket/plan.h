/* Which settings of a spec are made at which phase of a socket's life, in which order. Touches no socket. */
#ifndef SOCKET_PLAN_H
#define SOCKET_PLAN_H
#include "catalog/spec.h"

/* What is known of the socket that the plan is for. */
struct plan_target {
	int family;                  /* AF_INET or AF_INET6 */
	bool dual_stack;             /* [::] that takes IPv4 too */
	uint8_t protocol;            /* PROTOCOL_TCP or PROTOCOL_UDP */
};

struct plan_step {
	uint8_t setting;             /* index into spec->setting */
	uint8_t place;               /* index into option->place */
};

struct plan {
	unsigned count;
	struct plan_step step[2 * SOCKCTL_SETTINGS_MAX];
};

/* The steps of one phase, in catalogue order (tos before priority). A listener's plan puts everything before
 * listen(). */
void plan_make(struct plan *, const struct spec *, const struct plan_target *, enum sockctl_phase);
/* The steps for a socket of somebody else's that was found in this phase: those that can still be made, those for
 * which it is too late, or (to compare) all that such a socket has a value for. */
enum plan_which { PLAN_POSSIBLE, PLAN_LATE, PLAN_EVERY };
void plan_adopt(struct plan *, const struct spec *, const struct plan_target *, enum sockctl_phase found,
		enum plan_which);
/* The phase in which a setting of this option is made for a listener, and for an outgoing connection. */
enum sockctl_phase plan_listen_phase(const struct option *);
enum sockctl_phase plan_connect_phase(const struct option *);
/* Does a setting work when it is made on a TCP socket in this phase: neither in vain nor refused? (A UDP socket takes
 * all that, and more: option_works.) */
bool plan_works(const struct option *, enum sockctl_phase);
/* Is a setting impossible or in vain now, and in every phase that can still come to a socket of this protocol? */
bool plan_too_late(const struct option *, uint8_t protocol, enum sockctl_phase now);
/* The call that a setting has to precede: "bind()", "listen()", "connect()"; NULL if there is none. */
const char *plan_deadline(const struct option *);
/* Does the socket have this option, for somebody to set: its protocol, and one of the places its traffic is governed
 * by? */
bool plan_has(const struct option *, const struct plan_target *);
/* Has the spec an option with a place for the IPv4 traffic of an IPv6 socket, so that dual_stack makes a difference? */
bool plan_depends_on_traffic(const struct spec *);
/* Does each accepted connection need a call of its own, as the listener's value does not reach it, or fades there? */
bool plan_per_connection(const struct option *);
#endif
