/* What stands around the sockets in JSON: where, when, and which of them were asked for. A later `show --diff`
 * compares it. */
#ifndef CLI_SHOW_ENVELOPE_H
#define CLI_SHOW_ENVELOPE_H
#include "cli/show.h"

#define SHOW_SCHEMA "sockctl.show/1"

struct envelope {
	char name[65], kernel[65];
	char boot_id[40];            /* "" if it cannot be read */
	uint64_t netns;              /* inode of our own; 0 if it cannot be read */
	int64_t unix_us, boot_us;    /* since 1970, and since the boot: that one is not set */
	char query[256];             /* the flags that choose sockets, in one order: "all tcp udp ipv4" */
	char filter[FILTER_BYTES];
};
void envelope_read(struct envelope *, const struct show *);
/* As members of the object that is open. */
void envelope_emit(struct sink *, const struct envelope *, const char *schema);
#endif
