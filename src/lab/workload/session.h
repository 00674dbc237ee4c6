/* One connection of a workload and the thread that serves it: blocking calls, as simple programs make them. */
#ifndef LAB_SESSION_H
#define LAB_SESSION_H
#include <pthread.h>
#include "lab/workload/workload.h"

struct session {
	const struct workload_io *io;
	unsigned index;                      /* 0 marks the measured part's boundaries */
	int fd;                              /* of a server's session: owned */
	struct histogram latency;
	uint64_t requests, elapsed_us;
	int (*body)(struct session *);
	int code;                            /* what body returned: 0 or -errno */
	pthread_t thread;
};

/* Server: accepts the plan's connections from the listeners, one session each, and waits for all of them. */
int sessions_serve(const struct workload_io *, int (*body)(struct session *));
/* Client: one session for each of io's connections. *ret is freed by sessions_join. 0 or -errno. */
int sessions_start(const struct workload_io *, int (*body)(struct session *), struct session **ret);
/* Waits for all; adds what they measured to io->result. 0 or the first -errno. */
int sessions_join(struct session *, unsigned count);

/* All of it, or -errno; -EPIPE if the peer ended before that. *ret_clean (may be NULL): the end came before the first byte. */
int session_send(struct session *, const void *data, size_t size);
int session_receive(struct session *, void *data, size_t size, bool *ret_clean);
#endif
