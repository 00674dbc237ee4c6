/* Connections of a listener that the peer has closed and the program has not: how many more they have become between the
 * looks. */
#ifndef DOCTOR_CLOSE_WAITS_H
#define DOCTOR_CLOSE_WAITS_H
#include "fact/socket_fact.h"

struct past;

struct close_waits {
	uint64_t before, now;       /* at the first look, on this port; at the second */
	uint64_t kept;              /* at both: as many as `before` if the program has closed none */
	uint64_t forgotten;         /* of these: the program has read the end, owes no answer, and has sent nothing */
	uint64_t unread;            /* the same, but the end is not read yet */
	uint64_t long_silent;       /* of both, for as long as counts as long idle */
	uint64_t oldest_ms;         /* since the peer of one of both was last heard */
	bool serving;               /* another child has been sent something between the looks */
	struct process_files files; /* of a program that has one of them open; soft 0: not known */
};

/* Of the first look: how many on which port. */
struct close_wait_ports {
	uint32_t count[65536];
	uint64_t all;
};
void close_wait_ports_add(struct close_wait_ports *, const struct socket_fact *);

/* A connection of the second look that came in by the listener. before: NULL if it is new. */
void close_waits_add(struct close_waits *, const struct socket_fact *, const struct past *before, uint64_t long_ms);
/* Is a process near its limit of open files, from 80 % on? False as well if they are not known. */
bool files_are_scarce(const struct process_files *);
#endif
