/* What can be made of a spec here, found out before the program starts. */
#ifndef RUN_CHECK_H
#define RUN_CHECK_H
#include "run/run.h"
#include "run/trap.h"

/* Tries the spec on a scratch socket: what the kernel refuses there is not pinned, or the program would be told of a
 * setting that no socket carries. Tells of it as a "check" event. */
void check_pins(const struct run_request *, struct trap_set *);
/* Warns about required settings that neither bind, listen nor connect is the moment for. */
void check_settings(const struct run_request *, const struct trap_set *);
#endif
