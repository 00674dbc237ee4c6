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

/* The steps of one phase, in catalogue order (tos before priority). A listener's plan puts everything before listen(). */
void plan_make(struct plan *, const struct spec *, const struct plan_target *, enum sockctl_phase);
/* The phase in which a setting of this option is made for a listener, and for an outgoing connection. */
enum sockctl_phase plan_listen_phase(const struct option *);
enum sockctl_phase plan_connect_phase(const struct option *);
#endif
