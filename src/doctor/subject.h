/* Whom a finding is about, and what it is about in words. */
#ifndef DOCTOR_SUBJECT_H
#define DOCTOR_SUBJECT_H
#include "doctor/dialect.h"
#include "doctor/exam.h"
#include "doctor/finding.h"

struct subject {
	const struct owner_fact *owner; /* NULL: unknown, or nobody */
	uint16_t port;
	enum direction direction;
};

/* Writes finding->what too. */
void subject_of(const struct exam *, struct subject *ret, struct finding *);
/* Has the port been chosen by the kernel, or may have been? */
bool subject_port_is_ephemeral(const struct host *, uint16_t port);
#endif
