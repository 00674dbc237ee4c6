/* Connections that are worth a look more between the two: what waits for some milliseconds, over and over, two looks
 * catch by chance only. */
#ifndef DOCTOR_SUSPECTS_H
#define DOCTOR_SUSPECTS_H
#include "doctor/rest.h"
#include "fact/socket_fact.h"

enum { SUSPECTS_MOST = 64 };
struct suspect {
	struct socket_fact socket; /* of the first look: whom to ask for */
	struct rests rests;        /* between the looks */
};
struct suspects {
	struct suspect entry[SUSPECTS_MOST];
	unsigned count;
	bool sorted; /* by cookie: after the last of them was added */
};

/* If it is one, and there is room, or less reason for another. */
void suspects_consider(struct suspects *, const struct socket_fact *);
/* NULL: none of them. None is added afterwards. */
const struct suspect *suspects_find(struct suspects *, uint64_t cookie);
#endif
