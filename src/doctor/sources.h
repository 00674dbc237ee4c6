/* How many source ports outgoing connections use, for each source address: those that were bound before connect() share
 * none. */
#ifndef DOCTOR_SOURCES_H
#define DOCTOR_SOURCES_H
#include "doctor/exam.h"

struct sources {
	struct source *source;  /* owned */
	uint8_t (*taken)[8192]; /* owned: of each source, a bit a port */
	unsigned count, room;
};

/* Counts an outgoing TCP socket whose source port is of the ephemeral range. A host with more addresses than are worth a
 * table has ports enough: those beyond it are left out. 0 or -ENOMEM. */
int sources_add(struct sources *, const struct socket_fact *);
/* One destination of the source that it leads from. */
void sources_lead_to(struct sources *, const struct destination *);
void sources_release(struct sources *);
#endif
