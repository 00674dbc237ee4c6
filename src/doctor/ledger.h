/* The findings so far: those of one rule about one program and port are one, with the evidence of the worst. */
#ifndef DOCTOR_LEDGER_H
#define DOCTOR_LEDGER_H
#include "doctor/finding.h"

struct ledger_entry {
	struct finding finding;
	char command[16]; /* with the rule and the port: what makes findings one */
	uint16_t port;
	int pid;      /* of the worst; 0: unknown */
	bool several; /* pids */
};
struct ledger {
	struct ledger_entry *entry; /* owned */
	unsigned count, room;
};

/* `finding` is of one socket more. 0 or -ENOMEM. */
int ledger_add(struct ledger *, const struct finding *, const char *command, int pid, uint16_t port);
/* Drops what fewer sockets have than its rule asks, and puts the worst first. */
void ledger_close(struct ledger *);
void ledger_release(struct ledger *);
#endif
