/* Sockets in a given phase of their life, in a network namespace of our own. Knows nothing of options. */
#ifndef CONTRACT_STAGE_H
#define CONTRACT_STAGE_H
#include <stdbool.h>
#include "sockctl.h"

enum family { FAMILY_V4, FAMILY_V6, FAMILY_DUAL, FAMILIES };     /* DUAL: a [::] listener with an IPv4 client */
extern const char *const family_names[FAMILIES];

struct stage {
	int listener, client, accepted;      /* -1: not there */
};

/* Called with the listener when it has reached this phase (created, pre-listen or listening). */
struct stage_hook {
	enum sockctl_phase phase;
	int (*call)(int fd, void *arg);      /* a negative result ends the building, and is its result */
	void *arg;
};

/* Builds sockets until one has reached the phase (created, pre-listen, listening, connected or accepted), and returns it;
 * -errno on failure. hook may be NULL. */
int stage_build(struct stage *, enum family, enum sockctl_phase, const struct stage_hook *);
/* Does a fresh socket, after hook, bind to an address that no host has? */
bool stage_bind_foreign(enum family, const struct stage_hook *);
/* A server with this hook has one connection, closes it and itself: does a fresh socket, after `again`, bind to its port? */
bool stage_bind_again(enum family, const struct stage_hook *server, const struct stage_hook *again);
void stage_strike(struct stage *);           /* closes all by reset: nothing is left in TIME_WAIT */

/* Moves the process into a network namespace with its loopback up, and into a user namespace if it must. 0 or -errno. */
int stage_enter_namespace(void);
/* Gives up, or takes back, all effective capabilities. 0 or -errno. */
int stage_drop_capabilities(void);
int stage_restore_capabilities(void);
#endif
