/* How many source ports outgoing connections use, for each pair of addresses. */
#ifndef DOCTOR_DESTINATIONS_H
#define DOCTOR_DESTINATIONS_H
#include "doctor/exam.h"

struct destinations {
	struct destination *slot; /* owned; a hash table; used 0: empty */
	size_t count, room;
};

/* Counts an outgoing socket whose source port is of the ephemeral range. 0 or -ENOMEM. */
int destinations_add(struct destinations *, const struct socket_fact *);
void destinations_release(struct destinations *);
#endif
