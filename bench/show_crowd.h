/* A process's share of a crowd of TCP sockets: listeners, and connections over loopback of which it holds both ends. They differ
 * as on a host at work: addresses, ports, options, what was sent, what lies unread. Knows nothing of the other processes. */
#ifndef BENCH_SHOW_CROWD_H
#define BENCH_SHOW_CROWD_H

struct crowd {
	unsigned process;                /* number of this process: its addresses are its own */
	unsigned listeners, connections; /* to make; a connection is two sockets */
};

/* Opens them for as long as the process lives. 0 or -errno, with `ret_failed` the call that failed. */
int crowd_open(const struct crowd *, const char **ret_failed);
#endif
