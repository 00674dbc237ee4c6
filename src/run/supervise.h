/* The supervisor: starts the program, adopts what it inherits, and serves until nobody is left. */
#ifndef RUN_SUPERVISE_H
#define RUN_SUPERVISE_H
#include "run/spawn.h"
#include "run/watch.h"

/* What the front and the supervisor share, in memory that both see. */
struct shared {
	union call_in_flight in_flight;
	struct spawn_note note;
	struct sockctl_error failure;        /* why the program could not be started; code 0: it was */
};

/* The whole life of the supervisor, a child of the front. watch: as the front has it, without a program yet. */
void supervise(struct watch *, const struct spawn *, struct shared *, int channel) __attribute__((noreturn));
#endif
