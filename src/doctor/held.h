/* Findings that are none if their program waits for a peer of its own, which shows only when all sockets have been
 * seen: those of one rule about one process and port are one until then. */
#ifndef DOCTOR_HELD_H
#define DOCTOR_HELD_H
#include "doctor/doctor.h"
#include "doctor/ledger.h"
#include "doctor/stalls.h"

struct held_entry {
	struct finding finding; /* the worst; its `sockets`: how many */
	char command[16];
	int pid;
	uint16_t port;
};
struct held {
	struct held_entry *entry; /* owned */
	unsigned count, room;
};

/* 0 or -ENOMEM. */
int held_add(struct held *, const struct finding *, const char *command, int pid, uint16_t port);
/* Hands on those whose process is not stalled; of the others it is unknown what they are. 0 or -ENOMEM. */
int held_settle(const struct held *, const struct stalls *, struct ledger *, struct tally tally[RULE_COUNT]);
void held_release(struct held *);
#endif
