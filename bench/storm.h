/* A storm of connects against a port that mostly has no listener, from a process of its own: whoever listens there gets
 * its first connections as early as the kernel allows. Knows nothing of listeners. */
#ifndef BENCH_STORM_H
#define BENCH_STORM_H
#include <stdbool.h>
#include <stdint.h>
#include "lab/worker.h"

enum { STORM_CONNECTIONS = 8 };              /* at most that many are made and kept in a round */

struct storm {
	struct worker worker;
	struct storm_shared *shared;         /* owned */
};

/* From the client's CPU to a port of loopback. */
bool storm_start(struct storm *, const struct world *, const struct placement *, uint16_t port);
void storm_end(struct storm *);
/* Closes what the last round kept, and returns once connects are refused again: nothing listens. false: they are
 * not. */
bool storm_round(struct storm *);
unsigned storm_made(const struct storm *);   /* connections so far in this round */
#endif
