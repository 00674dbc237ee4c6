/* Requests to sock_diag that are answered by a dump: many messages, and one that ends it. Knows nothing of what is
 * in them. */
#ifndef OBSERVE_NETLINK_H
#define OBSERVE_NETLINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>
#include "sockctl.h"

/* A netlink socket: it asks the namespace in which it was opened, wherever its owner goes. Not for two threads at
 * once. */
struct netlink;

/* As somebody without CAP_NET_ADMIN, whoever we are: marks are not told. To others the kernel also writes the keys of
 * TCP_MD5SIG, and ends a dump without a word at a socket with more (some 310) than a piece has room for: anybody could
 * hide from them what comes behind. 0 or -errno. */
int netlink_open(struct netlink **ret, struct sockctl_error *);
int netlink_open_admin(struct netlink **ret, struct sockctl_error *);
void netlink_close(struct netlink *); /* takes NULL */
/* Asks for a dump of sockets; type: SOCK_DIAG_BY_FAMILY or its older kin; pieces: the request and its attributes,
 * each of a size that is a multiple of 4. 0 or -errno. */
int netlink_ask(struct netlink *, uint16_t type, const struct iovec pieces[], unsigned count);

/* The same for one socket: its message, if there is such a socket, and one that ends the answer. */
int netlink_ask_one(struct netlink *, uint16_t type, const void *request, size_t size);

/* Called for each message of the answer with its payload, aligned to 4 bytes. After a positive return of it there are
 * no more calls, and the rest of the dump is read and dropped. Negative ones are the kernel's. */
typedef int netlink_visit(void *arg, const void *payload, size_t size);
/* 0, visit's positive result, or -errno: what the kernel answered; -ETIMEDOUT: no answer for NETLINK_WAIT_MS;
 * -ENOBUFS, -ENOSPC: something was lost; -EINTR: what was dumped changed meanwhile, and the kernel knows that
 * something may be missing (all the rest was visited). */
int netlink_answer(struct netlink *, netlink_visit *, void *arg);
enum { NETLINK_WAIT_MS = 10000 };

/* Walks the messages of one read, of any content. 0, or -errno that the kernel answered. */
struct netlink_reading {
	uint32_t sequence; /* messages of other requests are skipped */
	netlink_visit *visit;
	void *arg;
	int ended; /* visit's non-zero result */
	bool interrupted, done;
};
int netlink_parse(struct netlink_reading *, const void *messages, size_t size);
/* Is the message among them, also of any content, that ends the answer to this request? */
bool netlink_ends(uint32_t sequence, const void *messages, size_t size);
#endif
