/* The checks of one subject: what the row says against what the kernel does. */
#ifndef CONTRACT_CHECK_H
#define CONTRACT_CHECK_H
#include "subject.h"

void check_phases(struct subject *, enum family);        /* taken, refused, read back, in every phase */
void check_range(struct subject *, enum family);         /* the ends of the range, and just outside */
void check_capability(struct subject *, enum family);
void check_inheritance(struct subject *, enum family);
void check_effect(struct subject *, enum family);        /* of rows that name one: there in time, missing when late */
void check_datagram(struct subject *);
#endif
