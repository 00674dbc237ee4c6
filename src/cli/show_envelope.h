/* What stands around the sockets in JSON: where, when, and which of them were asked for. A later `show --diff`
 * compares it. */
#ifndef CLI_SHOW_ENVELOPE_H
#define CLI_SHOW_ENVELOPE_H
#include "cli/origin.h"
#include "cli/show.h"

#define SHOW_SCHEMA "sockctl.show/1"

struct envelope {
	struct origin origin;        /* when it was asked: owners and programs are read before the first socket */
	int64_t first_us, last_us;   /* when the first socket was read, and the last, since the boot; 0: none was */
	char query[256];             /* the flags that choose sockets, in one order: "all tcp udp ipv4" */
	char filter[FILTER_BYTES];
};
void envelope_read(struct envelope *, const struct show *);
/* As members of the object that is open. */
void envelope_emit(struct sink *, const struct envelope *, const char *schema);
/* A member for behind the sockets. */
void envelope_read_emit(struct sink *, const struct envelope *);
#endif
