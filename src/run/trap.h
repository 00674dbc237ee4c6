/* What must be intercepted for a spec, and which settings are made at which call. Pure: touches neither sockets nor
 * seccomp. What the spec does not need is not trapped. */
#ifndef RUN_TRAP_H
#define RUN_TRAP_H
#include "catalog/spec.h"

enum call { CALL_NONE, CALL_BIND, CALL_CONNECT, CALL_LISTEN, CALL_SETSOCKOPT, CALL_COUNT };

/* One (level, number) on which the program's own setsockopt does not get through. */
struct pin {
	int level, number;
	enum option_id option;
	bool in_filter;              /* every TCP socket carries the value: answered without waking the supervisor */
};

struct trap_set {
	struct sockctl_spec made_at[CALL_SETSOCKOPT];    /* by call: set before it; CALL_NONE: what never can be */
	struct sockctl_spec listening;                   /* listen() itself, and what only a listener takes */
	unsigned pins;
	struct pin pin[2 * SOCKCTL_SETTINGS_MAX];
};

/* pinned: also trap setsockopt calls for what the spec sets. */
void trap_derive(struct trap_set *, const struct sockctl_spec *, bool pinned);
bool trap_needed(const struct trap_set *, enum call);
bool trap_any(const struct trap_set *);
/* The option that is pinned at (level, number), OPTION_NONE if none is. */
enum option_id trap_pinned(const struct trap_set *, int level, int number);
/* Lets the program's calls for this option through again. */
void trap_unpin(struct trap_set *, enum option_id);
const char *call_name(enum call);                    /* "bind"... static */
#endif
