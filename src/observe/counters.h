/* Reads host facts of a network namespace. Changes nothing. */
#ifndef OBSERVE_COUNTERS_H
#define OBSERVE_COUNTERS_H
#include "fact/host_fact.h"

/* A namespace's counters, kept open: they stay those of the namespace in which they were opened, wherever the reader
 * goes. */
struct counters {
	int netstat, snmp, snmp6;            /* owned; negative: not open */
};

int counters_open(struct counters *);        /* of the calling thread's namespace; 0 or -errno */
void counters_close(struct counters *);
int counters_sample(const struct counters *, struct host_fact *);    /* 0 or -errno; counters that this kernel lacks are absent */
int counters_read(struct host_fact *);       /* the three in one */
/* Adds what a text in the form of /proc/net/netstat holds: pairs of lines, names and values, with the group in front.
 * Never fails: what does not fit the form is skipped. */
void counters_parse(const char *text, struct host_fact *);
void counters_parse6(const char *text, struct host_fact *);     /* of snmp6: lines of a name and a value */
#endif
