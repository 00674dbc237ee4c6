/* One outgoing connection, phase by phase: what sockctl_connect does once, and a dial for each address. Resolves
 * nothing. */
#ifndef SOCKET_OUTGOING_H
#define SOCKET_OUTGOING_H
#include "socket/apply.h"

struct outgoing {
	struct applying at;                  /* fd: -1 until it is open */
	struct plan_target target;
	const struct sockctl_control *control;
	struct sockctl_report *report;       /* never NULL */
	const char *subject;                 /* the address as people write it */
};

/* Opens the socket for this address; flags: SOCK_NONBLOCK or 0. 0 or -errno with report->error; at.fd is the
 * caller's. */
int outgoing_open(struct outgoing *, const struct sockaddr *, int flags);
/* One phase: the spec's settings, then the hook. OUTGOING_SET reads nothing back. */
enum outgoing_how { OUTGOING_SET, OUTGOING_SET_AND_READ };
int outgoing_phase(struct outgoing *, enum sockctl_phase, enum outgoing_how);
/* Binds the source address. Port 0 leaves the choice to connect(), so that one local port serves many destinations. */
int outgoing_bind(struct outgoing *, const struct sockaddr *local, socklen_t length);
/* Is it an address to connect to? 0, -EINVAL or -EAFNOSUPPORT. */
int outgoing_check(const struct sockaddr *, socklen_t, const char *subject, struct sockctl_error *);
/* Fills report->error for a call that failed with this errno; returns -errno. */
int outgoing_failed(const struct outgoing *, const char *call, int errno_value);
/* What became of a connection in progress: 0, or the errno (SO_ERROR). Reading it clears it. */
int outgoing_result(int fd);
/* Refuses a connection whose handshake ended at the socket itself. A destination on this host, within the range of
 * local ports, where nobody listens, may be given to the socket as its own: it opens both ends at once and talks to
 * itself (RFC 9293, 3.5). 0 or -errno with report->error. */
int outgoing_check_peer(const struct outgoing *);
bool outgoing_is_mapped(const struct sockaddr *);    /* IPv4 through an IPv6 socket */
#endif
