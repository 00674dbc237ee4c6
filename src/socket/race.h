/* Which of several addresses is tried next, and when: RFC 8305, sections 4, 5 and 8. Touches no socket and no clock. */
#ifndef SOCKET_RACE_H
#define SOCKET_RACE_H
#include <stdbool.h>
#include <stdint.h>
#include "sockctl.h"

enum {
	RACE_DELAY_US = 250000,              /* Connection Attempt Delay: between two attempts while none has failed */
	RACE_DELAY_MIN_US = 10000,           /* "MUST NOT be started within 10 milliseconds of the previous attempt" */
	RACE_DELAY_MAX_US = 2000000,         /* Maximum Connection Attempt Delay */
	RACE_FIRST_FAMILY_COUNT = 1,
};
#define RACE_NEVER INT64_MAX

struct race {
	unsigned count, started;
	uint8_t six[SOCKCTL_DIAL_ADDRESSES];         /* of each address in the caller's order: is it IPv6? */
	uint8_t order[SOCKCTL_DIAL_ADDRESSES];       /* the addresses that were started, in that order */
	bool begun[SOCKCTL_DIAL_ADDRESSES];          /* of each address */
	unsigned first_family_count;
	int64_t delay_us;
	int64_t due_us;                              /* when the next attempt may start */
	int64_t started_us;                          /* the last attempt */
};

/* The defaults of the RFC, and no address. */
void race_init(struct race *);
/* The caller has seen to it that there is room. Also while the race is on: an answer of the resolver that came late. */
void race_add(struct race *, bool six);
/* The address to try next, -1 if all have been tried: the first family's first_family_count addresses, then
 * families take turns as long as both have some left. */
int race_next(const struct race *);
/* When that may be: RACE_NEVER if there is none; the past if it is due. */
int64_t race_due_us(const struct race *);
void race_start(struct race *, unsigned address, int64_t now_us);
/* An attempt has failed: the next one need not wait for the delay. sent: something had gone out on the network, so that
 * the floor between two attempts holds. */
void race_failed(struct race *, int64_t now_us, bool sent);
#endif
