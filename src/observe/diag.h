/* sock_diag over libmnl: the TCP sockets of the calling thread's network namespace, streamed. Changes nothing.
 * A dump is not a snapshot: inet_diag never sets NLM_F_DUMP_INTR. */
#ifndef OBSERVE_DIAG_H
#define OBSERVE_DIAG_H
#include "fact/tcp_fact.h"
#include "sockctl.h"

struct diag_socket {
	uint8_t family, state;               /* AF_INET..., TCP_ESTABLISHED... */
	uint16_t source_port, destination_port;      /* host byte order */
	uint8_t source[16], destination[16];
	uint64_t cookie;
	uint32_t inode, uid, rqueue_bytes, wqueue_bytes;
	struct tcp_fact tcp;
	uint32_t skmem[9];                   /* SK_MEMINFO_*; as many as skmem_count */
	unsigned skmem_count;
};

struct diag_filter {
	uint32_t states;                     /* bit 1 << TCP_ESTABLISHED...; 0: all */
	uint8_t family;                      /* 0: AF_INET and AF_INET6 */
};

/* Calls `visit` for each socket; a non-zero return of it ends the dump and is returned. 0 or -errno. */
int diag_dump(const struct diag_filter *, int (*visit)(void *arg, const struct diag_socket *), void *arg,
	      struct sockctl_error *);
#endif
