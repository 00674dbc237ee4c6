/* A network namespace, as others can name it. Plain data. */
#ifndef FACT_NETNS_FACT_H
#define FACT_NETNS_FACT_H
#include <stdint.h>
#include <sys/types.h>

enum { NETNS_NAME = 256 };           /* NAME_MAX and a 0 */
struct netns_fact {
	uint64_t inode;              /* "net:[4026531840]": tells it from all others of this host */
	pid_t pid;                   /* a process in it; 0: none was seen */
	char name[NETNS_NAME];       /* of /run/netns; "pid:4711", "pid:self" if it has no name there; any bytes but 0 */
};
#endif
