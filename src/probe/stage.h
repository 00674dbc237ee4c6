/* Sockets at a given point of their life, in the namespace where the caller stands. Knows nothing of options. */
#ifndef PROBE_STAGE_H
#define PROBE_STAGE_H
#include "probe/probe.h"

/* In the order in which a connection comes to be. The sockets: listener, client, accepted. */
enum stage_point {
	LISTENER_UNBOUND, LISTENER_BOUND, LISTENER_LISTENING,
	CLIENT_UNBOUND, CLIENT_BOUND, CLIENT_CONNECTING, CLIENT_ESTABLISHED,
	LISTENER_QUEUED,             /* the handshake is over, accept() has not been called */
	CHILD_ACCEPTED, CHILD_CLOSE_WAIT,
	STAGE_POINTS,
};

struct stage {
	enum probe_family family;
	int listener, client, accepted;      /* -1: not there. Of UDP: the receiver, the sender, none */
};

/* Called with the socket of this point when it is reached. */
struct stage_hook {
	enum stage_point point;
	int (*call)(int fd, void *arg);      /* a negative result ends the building, and is its result */
	void *arg;
};

/* Builds sockets until that point and returns its socket; -errno on failure. hook may be NULL. A client passes through
 * BOUND and CONNECTING only if somebody wants to see it there: CONNECTING costs a retransmitted SYN, 1 s. */
int stage_build(struct stage *, enum probe_family, enum stage_point until, const struct stage_hook *);
void stage_strike(struct stage *);           /* closes all by reset: nothing is left in TIME_WAIT */
void stage_close(int *fd);                   /* one of them, by reset */
/* The point that stands for the phase; STAGE_POINTS: the family has no such phase. */
enum stage_point stage_point_of(enum probe_family, enum probe_phase);
bool stage_is_udp(enum probe_family);
int stage_socket(enum probe_family);         /* a new one, -errno */

/* Another client that connects to the listener, without waiting; -errno. The second sends a byte with its SYN. */
int stage_connect(const struct stage *, int fd);     /* begins to connect it to the listener, never blocks; 0 or -errno */
int stage_call(const struct stage *);
int stage_call_with_data(const struct stage *);

enum { STAGE_PATIENCE_MS = 10000 };
/* Waits for these events of poll(); 0, -ETIMEDOUT or -errno. */
int stage_wait(int fd, short events, int patience_ms);
/* From now on whatever arrives at the socket is lost, or gets through again. 0 or -errno. */
int stage_silence(int fd, bool on);
#endif
