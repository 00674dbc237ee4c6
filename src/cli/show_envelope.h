/* What stands around the sockets in JSON: where, when, and which of them were asked for. A later `show --diff`
 * compares it. */
#ifndef CLI_SHOW_ENVELOPE_H
#define CLI_SHOW_ENVELOPE_H
#include "cli/origin.h"
#include "cli/show.h"

#define SHOW_SCHEMA "sockctl.show/1"

struct envelope {
	struct origin origin;
	char query[256];             /* the flags that choose sockets, in one order: "all tcp udp ipv4" */
	char filter[FILTER_BYTES];
};
void envelope_read(struct envelope *, const struct show *);
/* As members of the object that is open. */
void envelope_emit(struct sink *, const struct envelope *, const char *schema);
#endif
