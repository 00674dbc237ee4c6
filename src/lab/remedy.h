/* What is known of things worth varying: what they can remove, how their ladder goes, what they cost. A table. */
#ifndef LAB_REMEDY_H
#define LAB_REMEDY_H
#include "lab/factor.h"

enum { FOR_BULK = 1, FOR_REQUESTS = 2, FOR_ALL = 3 };
enum climb_from { FROM_VALUES, FROM_BDP, FROM_HERE };     /* where a ladder without values starts: in the row; at BDP / 1.25; above what is set */

struct remedy {
	uint16_t option;                     /* OPTION_NONE: the sysctl */
	const char *sysctl;                  /* "net/ipv4/tcp_wmem" */
	bool triple;                         /* min, default and max: the maximum is varied */
	uint8_t loads;                       /* in whose default list it is: FOR_... */
	bool ordered;
	enum climb_from from;
	const char *values;                  /* of FROM_VALUES; of the others where BDP is unknown */
	enum tune_cause cause;
	const char *cost;
};
extern const struct remedy remedies[];               /* in the order of trial; ends with an empty row */
const struct remedy *remedy_of_option(enum option_id);                   /* NULL if there is none */
const struct remedy *remedy_of_sysctl(const char *path);
/* By "tcp_wmem", "net.ipv4.tcp_wmem" or "net/ipv4/tcp_wmem"; into path. 0; -ENOENT; -EPERM: host-wide, not a namespace's. */
int sysctl_resolve(const char *name, size_t length, char *path, size_t size);
const char *sysctl_nearest(const char *name, size_t length);         /* short name; NULL if none is near */
#endif
