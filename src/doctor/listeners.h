/* The listeners of the second look, and which connections came in by them. */
#ifndef DOCTOR_LISTENERS_H
#define DOCTOR_LISTENERS_H
#include "doctor/exam.h"

struct listeners {
	struct listener **listener; /* owned */
	unsigned count, room;
	unsigned by_port[1024];       /* index + 1 of the last listener on a port of this hash; 0: none */
	unsigned *next;               /* index + 1 of the one before it on such a port */
	struct listener_group *group; /* owned, after listeners_group() */
	const struct listener **member;
	unsigned groups;
};

/* Copies it. before: NULL if it was not there. 0 or -ENOMEM. */
int listeners_add(struct listeners *, const struct socket_fact *, const struct past *before);
/* By which one a connection came in: the most specific address; of several that share it, the first. NULL: outgoing. */
struct listener *listeners_find(const struct listeners *, const struct socket_fact *);
/* Puts those on one address together. 0 or -ENOMEM. */
int listeners_group(struct listeners *);
/* The one with the most handshakes under way, if it is near the limit of its SYN queue; NULL: none is. */
const struct listener *listeners_flooded(const struct listeners *, const struct sysctl_fact *syn_backlog);
void listeners_release(struct listeners *);
#endif
