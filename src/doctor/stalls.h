/* Programs that wait for a peer: what they were to send lay there at both looks, and nothing of it was taken. */
#ifndef DOCTOR_STALLS_H
#define DOCTOR_STALLS_H
#include "doctor/exam.h"

struct stalls {
	pid_t *pid; /* owned */
	unsigned count, room;
};

/* Notes the owners of such a socket. 0 or -ENOMEM. */
int stalls_note(struct stalls *, const struct exam *);
bool stalls_have(const struct stalls *, pid_t pid);
void stalls_release(struct stalls *);
#endif
