/* One attempt of a dial to connect to one address: its socket, and what became of it. Knows nothing of the others. */
#ifndef SOCKET_ATTEMPT_H
#define SOCKET_ATTEMPT_H
#include <netinet/in.h>
#include "socket/outgoing.h"

struct endpoint {
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	};
	socklen_t length;            /* 0: there is none */
};

/* Copies an IPv4 or IPv6 address so that equal ones are equal in memory. 0, -EINVAL or -EAFNOSUPPORT. */
int endpoint_take(struct endpoint *ret, const struct sockaddr *, socklen_t);

/* What all attempts of a dial have in common. */
struct dialing {
	const struct sockctl_spec *spec;
	const struct sockctl_control *control;
	struct endpoint local[2];    /* [IPv6?] */
};

/* errno of each setting that was refused; of the two places of an option, which. Enough to tell of the winner later,
 * without a report for each attempt. */
struct refusals {
	uint8_t errno_of[SOCKCTL_SETTINGS_MAX];
	uint8_t second_place[(SOCKCTL_SETTINGS_MAX + 7) / 8];        /* a bit each */
};

struct attempt {
	struct endpoint address;
	int fd, error;               /* errno, positive */
	const char *call;            /* that failed */
	int64_t started_us, ended_us;
	struct refusals refusals;
	uint8_t state;               /* enum sockctl_attempt_state */
	bool sent;                   /* a handshake was begun: whatever failed did so out there */
	int8_t blamed;               /* the required setting that was refused; -1: none */
};

struct attempt attempt_new(const struct endpoint *);
/* Opens the socket and begins to connect. 0, or -errno: it has failed before anything was sent. number: for the
 * hook. */
int attempt_start(struct attempt *, const struct dialing *, unsigned number, int64_t now_us);
/* The socket is ready: finds out, and makes the last phase of what is connected. 0, or -errno: it has failed. report:
 * NULL, or what is filled if it is connected. */
int attempt_finish(struct attempt *, const struct dialing *, unsigned number, int64_t now_us, struct sockctl_report *);
/* Closes the socket, if there is one. */
void attempt_close(struct attempt *, enum sockctl_attempt_state, int64_t now_us);
/* Tells the report how the attempt has failed. */
void attempt_tell(const struct attempt *, const struct dialing *, struct sockctl_report *);
#endif
