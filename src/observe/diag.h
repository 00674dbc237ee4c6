/* sock_diag: the TCP, UDP or unix sockets of a network namespace, streamed. Changes nothing.
 * A dump is not a snapshot: inet_diag never sets NLM_F_DUMP_INTR. */
#ifndef OBSERVE_DIAG_H
#define OBSERVE_DIAG_H
#include "fact/socket_fact.h"
#include "observe/netlink.h"

struct diag_filter {
	uint32_t states;  /* bit 1 << TCP_ESTABLISHED...; 0: all */
	uint8_t family;   /* 0: AF_INET and AF_INET6; AF_UNIX takes no protocol and no code */
	uint8_t protocol; /* 0: IPPROTO_TCP */
	bool marks;       /* also marks, and how many keys of TCP_MD5SIG: they take CAP_NET_ADMIN, and another look */
	bool classes;     /* also TOS, TCLASS and class_id: a tenth of the kernel's work */
	bool bare;        /* no more than who they are */
	const void *code; /* INET_DIAG bytecode, filter_bytecode(); NULL: none */
	size_t code_bytes;
};

/* Called with each socket, which it may change and which is gone afterwards; a positive result ends the dump
 * (a negative one could not be told from the kernel's). */
typedef int diag_visit(void *arg, struct socket_fact *);

/* Of one namespace: that in which the netlink socket was opened. Returns visit's non-zero result, 0 or -errno: see
 * netlink_answer(). */
int diag_dump_from(struct netlink *, const struct diag_filter *, diag_visit *, void *arg, struct sockctl_error *);
/* The same on a netlink socket of its own, for the calling thread's namespace. */
int diag_dump(const struct diag_filter *, diag_visit *, void *arg, struct sockctl_error *);
/* One socket again, by its addresses, ports and cookie: its tcp numbers, and what its congestion control tells, as
 * they are now. 0 or -errno; -ENOENT: it is gone, and another may have its place. */
int diag_again(struct netlink *, const struct socket_fact *, struct socket_fact *ret);
/* One message's payload, of any content, aligned to 4 bytes. 0 or -EPROTO if it is too short. Sets everything but
 * `protocol` and `type`. */
int diag_parse(const void *payload, size_t size, struct socket_fact *ret);
#endif
