/* Follows the connections of foreign programs by sampling both hosts, to find out who sent and what held him back. */
#ifndef LAB_WATCH_H
#define LAB_WATCH_H
#include "lab/gauge.h"

enum { WATCH_CONNECTIONS = 512 };            /* beyond that, those that sent least are forgotten */
struct watched {
	uint64_t cookie;
	enum host host;
	unsigned samples;
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
#endif
