/* Connections of a listener that the peer has closed and the program has not: how many more they have become between the
 * looks. */
#ifndef DOCTOR_CLOSE_WAITS_H
#define DOCTOR_CLOSE_WAITS_H
#include "fact/socket_fact.h"

struct past;

struct close_waits {
	uint64_t now;            /* at the second look */
	uint64_t kept;           /* at both */
	uint64_t closed_on_port; /* of the first look, by this listener and any other on its port: gone at the second */
	uint64_t forgotten;      /* of those kept: the program has read the end, owes no answer, and has sent nothing */
	uint64_t unread;         /* the same, but the end is not read yet */
	uint64_t long_silent;    /* of both, for as long as counts as long idle */
	uint64_t oldest_ms;      /* since the peer of one of both was last heard */
	bool serving;            /* another child has been sent something between the looks */
	struct process_files files; /* of the process nearest its limit that has some open; soft 0: not known */
	int pid;                    /* of one that has some open; 0: not known */
	bool several;               /* processes have them open */
};

/* Those of the first look, by port: how many have not been seen again. */
struct close_wait_ports {
	uint32_t unseen[65536];
	uint64_t all;
};
void close_wait_ports_add(struct close_wait_ports *, const struct socket_fact *);
/* A socket of the second look. */
void close_wait_ports_see(struct close_wait_ports *, const struct socket_fact *, const struct past *before);

/* A connection of the second look that came in by the listener. before: NULL if it is new. */
void close_waits_add(struct close_waits *, const struct socket_fact *, const struct past *before, uint64_t long_ms);
/* Is a process near its limit of open files, from 80 % on? False as well if they are not known. */
bool files_are_scarce(const struct process_files *);
#endif
