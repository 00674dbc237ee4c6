/* The doctor: is shown every socket twice, keeps little of the first look, and judges. Opens, reads and changes
 * nothing. */
#ifndef DOCTOR_DOCTOR_H
#define DOCTOR_DOCTOR_H
#include "doctor/rule.h"

struct doctor;

struct tally {             /* what a rule came to */
	uint64_t examined; /* healthy or sick */
	uint64_t sick, unknown;
	char why[200]; /* of one of the unknown */
};

/* 0 or -ENOMEM. `only`: bit i: rule i is asked; 0: all. host's sysctls, ports and idle_us are set; the rest comes later. */
int doctor_new(struct doctor **ret, const struct host *, uint64_t only);
void doctor_free(struct doctor *); /* takes NULL */
/* Each socket of the first look, then each of the second: listeners before the connections that came in by them, as
 * the kernel lists them. 0 or -ENOMEM. */
int doctor_first(struct doctor *, const struct socket_fact *);
/* After the first look: a connection worth a look more in between; NULL: there are no more. */
const struct socket_fact *doctor_suspect(const struct doctor *, unsigned index);
/* What such a look showed. */
void doctor_between(struct doctor *, unsigned index, const struct socket_fact *);
/* After the first look: does a rule take it to know how many files the owners have open? */
bool doctor_wants_files(const struct doctor *);
/* Between the looks. counted: since the first began. */
void doctor_waited(struct doctor *, uint64_t interval_us, const struct host_fact *counted);
void doctor_later(struct doctor *, uint64_t interval_us); /* so long after the first look the next sockets were seen */
int doctor_second(struct doctor *, const struct socket_fact *);
/* After both: judges what it takes all sockets for. counted: since the first began; use: at the second. 0 or -ENOMEM. */
int doctor_finish(struct doctor *, const struct host_fact *counted, const struct host_use *use);

/* The worst first. Valid as long as the doctor. */
const struct finding *doctor_findings(const struct doctor *, unsigned *ret_count);
const struct tally *doctor_tally(const struct doctor *, enum rule_id);
uint64_t doctor_looked_at(const struct doctor *); /* sockets at the second look */
#endif
