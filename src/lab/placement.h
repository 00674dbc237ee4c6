/* Which CPUs the link, the server and the client get, so that runs do not differ by where the scheduler put them. */
#ifndef LAB_PLACEMENT_H
#define LAB_PLACEMENT_H
#include <sched.h>
#include <stdbool.h>
#include "lab/world.h"

struct placement {
	cpu_set_t host[HOSTS];
	cpu_set_t link;                      /* empty: there is none */
};

enum placement_kind {
	PLACEMENT_PINNED,                    /* a CPU for each side */
	PLACEMENT_TURNS,                     /* the sides take turns: they share a CPU, or wake-ups across CPUs are what is measured */
	PLACEMENT_PROGRAMS,                  /* foreign programs may want several CPUs: all but the link's */
};

/* Out of the CPUs that the calling process may use. The link comes first: its lateness spoils every run. 0 or -errno. */
int placement_make(struct placement *, bool linked, enum placement_kind);
/* Moves the link's process there; 0 or -errno. */
int placement_pin_link(const struct placement *, const struct world *);
/* Moves the calling process to a host's CPUs. */
int placement_enter(const struct placement *, enum host);
/* "link on CPU 0; server and client on CPU 1"; as snprintf. */
int placement_text(const struct placement *, char *text, size_t size);
#endif
