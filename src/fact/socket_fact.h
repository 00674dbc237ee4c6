/* What is known of one socket, whoever told: plain data. What nobody told is marked as absent, never guessed. */
#ifndef FACT_SOCKET_FACT_H
#define FACT_SOCKET_FACT_H
#include <sys/types.h>
#include "catalog/value.h"
#include "fact/tcp_fact.h"

enum { SOCKET_SKMEM = 9, SOCKET_PATH = 108 };

/* Where an option's value was read; absent is 0. */
enum option_source { SOURCE_NONE, SOURCE_DIAG, SOURCE_ITERATOR, SOURCE_GETSOCKOPT };
struct option_fact {
	struct value value;
	enum option_source source;
};

/* A process that has the socket open. */
struct owner_fact {
	uint32_t inode;              /* of the socket */
	int fd;
	pid_t pid;
	char command[16];            /* comm; any bytes but 0 */
};

enum socket_known {                  /* bits of socket_fact.known */
	KNOWN_MARK = 1,
	KNOWN_CGROUP = 2,
	KNOWN_CONGESTION = 4,
	KNOWN_OWNERS = 8,            /* owners is all that could be seen, even if it is none */
	KNOWN_AUTOBOUND = 16,
};

struct socket_fact {
	uint8_t protocol;            /* IPPROTO_TCP, IPPROTO_UDP; 0: a unix socket */
	uint8_t family, state;       /* AF_INET..., TCP_ESTABLISHED... */
	uint8_t timer, retransmits;  /* idiag_timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 window probe */
	uint16_t source_port, destination_port;      /* host byte order */
	uint8_t source[16], destination[16];
	char path[SOCKET_PATH + 1];  /* of a unix socket; an abstract one begins with '@' */
	uint32_t interface;          /* index; 0: bound to none */
	uint32_t inode, uid, rqueue_bytes, wqueue_bytes, expires_ms;
	uint32_t known;              /* enum socket_known */
	uint32_t mark;
	bool autobound;              /* its port was chosen by the kernel */
	uint64_t cgroup, cookie;
	char congestion[16];
	struct tcp_fact tcp;
	uint32_t skmem[SOCKET_SKMEM];                /* SK_MEMINFO_*; as many as skmem_count */
	unsigned skmem_count;
	const struct option_fact *options;           /* OPTION_COUNT of them; NULL: none was read */
	const struct owner_fact *owners;
	unsigned owners_count;
};
#endif
