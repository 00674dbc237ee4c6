/* The findings so far: those of one rule about one program and port are one, with the evidence of the worst; so are those
 * about all the ports of a program beyond the first few. */
#ifndef DOCTOR_LEDGER_H
#define DOCTOR_LEDGER_H
#include <stddef.h>
#include "doctor/finding.h"

enum { LEDGER_PORTS = 16u, LEDGER_REST = 65536 /* as a port: all others */ };

struct ledger_entry {
	struct finding finding;
	char command[16]; /* with the rule and the port: what makes findings one */
	uint32_t port;
	unsigned ports; /* of LEDGER_REST: how many have an entry of their own */
	int pid;        /* of the worst; 0: unknown */
	bool several;   /* pids */
};
struct ledger {
	struct ledger_entry *entry; /* owned; one without sockets is none */
	unsigned count, room;
	uint32_t *slot; /* owned; index of an entry plus 1, or 0; unused once closed */
	size_t slots;
};

/* `finding` is of one socket more. 0 or -ENOMEM. */
int ledger_add(struct ledger *, const struct finding *, const char *command, int pid, uint16_t port);
/* Drops what fewer sockets have than its rule asks, and puts the worst first. */
void ledger_close(struct ledger *);
void ledger_release(struct ledger *);
#endif
