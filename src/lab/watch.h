/* Follows the connections of foreign programs by sampling both hosts, to find out who sent and what held him back. */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H
#include "lab/gauge.h"

enum { WATCH_CONNECTIONS = 512 };            /* beyond that, those that sent least are forgotten */
struct watched {
	uint64_t cookie;
	enum host host;
	unsigned samples;
	unsigned full;                       /* samples in which a full send buffer was all in flight */
	struct tcp_fact first, last;
};

struct watch {
	uint16_t server_port;                /* tells the sides apart where both are in one namespace */
	unsigned count;
	struct watched connection[WATCH_CONNECTIONS];
};

void watch_sample(struct watch *, const struct gauge *);
/* The connection that sent most; NULL if none was seen. */
const struct watched *watch_sender(const struct watch *);
/* For evidence.sndbuf_full_share. The kernel's own clock (tcp_output.c, tcp_cwnd_validate) starts only where a send leaves the
 * queue empty with SOCK_NOSPACE set; a writer that blocks after its last segment has gone out is not counted. */
double watch_sndbuf_full_share(const struct watch *);
#endif
