/* What the host's limits should be for a given load. Computes from values that others have read; opens and changes
 * nothing. */
#ifndef DOCTOR_HOST_ADVICE_H
#define DOCTOR_HOST_ADVICE_H
#include "fact/sysctl_fact.h"

struct host_goal {                /* 0: not said */
	int64_t rate_bps, rtt_us; /* of one connection; both or none */
	int64_t connections;      /* open at the same time */
	int64_t page_bytes;       /* what tcp_mem counts in */
};

struct host_advice {
	enum sysctl_id sysctl;
	bool enough;    /* what is there suffices */
	char value[64]; /* to write; what is there where that is enough */
	bool no_cure;   /* value says what it takes: writing it would not help */
	char why[256];
};

/* What the goal asks of each sysctl; those that it says nothing about are left out. Returns how many were written. */
unsigned host_advise(const struct host_goal *, const struct sysctl_facts *, struct host_advice ret[SYSCTL_COUNT]);
#endif
