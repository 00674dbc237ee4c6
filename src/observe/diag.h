/* sock_diag over libmnl: the TCP or UDP sockets of a network namespace, streamed. Changes nothing.
 * A dump is not a snapshot: inet_diag never sets NLM_F_DUMP_INTR. */
#ifndef OBSERVE_DIAG_H
#define OBSERVE_DIAG_H
#include "fact/socket_fact.h"
#include "sockctl.h"

struct diag_filter {
	uint32_t states;                     /* bit 1 << TCP_ESTABLISHED...; 0: all */
	uint8_t family;                      /* 0: AF_INET and AF_INET6 */
	uint8_t protocol;                    /* 0: IPPROTO_TCP */
	const void *code;                    /* INET_DIAG bytecode, filter_bytecode(); NULL: none */
	size_t code_bytes;
};

/* A netlink socket: it asks the namespace in which it was opened, wherever its owner goes. Not for two threads at
 * once. */
struct mnl_socket;
int diag_open(struct mnl_socket **ret, struct sockctl_error *);      /* 0 or -errno */
void diag_close(struct mnl_socket *);                                /* takes NULL */
/* Calls `visit` for each socket; after a non-zero return of it there are no more calls, and it is returned. 0 or
 * -errno. */
int diag_dump_from(struct mnl_socket *, const struct diag_filter *, int (*visit)(void *arg, const struct socket_fact *),
		   void *arg, struct sockctl_error *);
/* The three in one, for the calling thread's namespace. */
int diag_dump(const struct diag_filter *, int (*visit)(void *arg, const struct socket_fact *), void *arg,
	      struct sockctl_error *);
/* One message's payload, of any content, aligned to 4 bytes. 0 or -EPROTO if it is too short. */
int diag_parse(const void *payload, size_t size, struct socket_fact *ret);
#endif
