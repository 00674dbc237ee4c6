/* Two hosts and the link between them, inside contain_run(): one network namespace for the client, one for the server,
 * a third for the link; or, without a path, one namespace with nothing but loopback. */
#ifndef LAB_WORLD_H
#define LAB_WORLD_H
#include <stdbool.h>
#include <sys/types.h>
#include "lab/path.h"

enum host { HOST_CLIENT, HOST_SERVER, HOSTS };

/* What the link did, in memory that it shares; counters only grow. Index 0: up, 1: down. */
enum { LATENESS_BUCKETS = 24 };
struct link_stats {
	uint64_t packets[2], bytes[2];       /* wire segments and their bytes that entered */
	uint64_t queue_drops[2], losses[2];  /* dropped by the queue limit; lost on purpose */
	uint64_t overruns[2];                /* lost because the machine could not keep up: the run is void */
	/* deliveries by lateness: bucket i holds [2^i, 2^(i+1)) us; 0 also less than 1 us */
	uint64_t late[LATENESS_BUCKETS];
};

struct world {
	int netns[HOSTS];                    /* owned */
	bool linked;                         /* false: loopback only */
	struct path path;
	pid_t link_pid;                      /* the emulator's process; 0 without a link */
	struct link_shared *shared;          /* private to world.c and link.c */
};

/* path NULL: loopback only. 0 or -errno. Sysctls start at the host's own values; but tcp_no_metrics_save=1, lest runs
 * teach each other, and ip_unprivileged_port_start=0. The calling thread's namespace is kept. */
int world_open(struct world *, const struct path *, struct sockctl_error *);
void world_close(struct world *);
int world_enter(const struct world *, enum host);                    /* moves the calling thread there; 0 or -errno */
const char *world_address(const struct world *, enum host);          /* numeric IPv4; static */
const char *world_address6(const struct world *, enum host);
/* Sysctls of one host ("net/ipv4/tcp_wmem"). The caller's own namespace is kept. 0 or -errno. */
int world_sysctl_read(const struct world *, enum host, const char *name, char *text, size_t size);
int world_sysctl_write(const struct world *, enum host, const char *name, const char *text);
void world_link_stats(const struct world *, struct link_stats *);    /* all zero without a link */
/* The lateness below which `share` (0.99) of the deliveries between two readings stayed, in us. */
double link_lateness_us(const struct link_stats *before, const struct link_stats *after, double share);
/* Nothing gets through from now on, or everything does again: the peer vanishes. */
void world_blackhole(struct world *, bool on);
/* Kills every process inside the containment but this one and the link; waits until they are gone. Only for the body of
 * contain_run(): its own children are reaped, so do not wait for them afterwards. world NULL: there is no link to
 * spare. */
void world_sweep(const struct world *);
#endif
