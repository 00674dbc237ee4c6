/* What is read of both hosts and of the link around a run, and the evidence that it makes. Reads only. */
#ifndef LAB_GAUGE_H
#define LAB_GAUGE_H
#include "lab/listening.h"
#include "lab/trial.h"
#include "observe/counters.h"
#include "observe/diag.h"

/* Opened in each namespace once; reads from anywhere after that, in forked processes too (diag: in one at a time). */
struct gauge {
	const struct world *world;
	struct counters counters[HOSTS];
	struct netlink *diag[HOSTS];
	struct listening listening;          /* on the server's host */
};

struct gauge_reading {
	struct host_fact counters[HOSTS];
	struct link_stats link;
};

/* 0 or -errno; the calling thread's namespace is kept. */
int gauge_open(struct gauge *, const struct world *, struct sockctl_error *);
void gauge_close(struct gauge *);
int gauge_read(const struct gauge *, struct gauge_reading *);        /* 0 or -errno */

void evidence_of_hosts(struct evidence *, const struct gauge_reading *before, const struct gauge_reading *after);
void evidence_of_sender(struct evidence *, enum host, const struct tcp_fact *before, const struct tcp_fact *after);
/* The rule of the lab: p99 lateness may be 5 % of the path's round trip. True: the run counts. */
bool evidence_is_calm(const struct evidence *, const struct path *, char *why, size_t size);
#endif
