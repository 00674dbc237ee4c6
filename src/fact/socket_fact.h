/* What is known of one socket, whoever told: plain data. What nobody told is marked as absent, never guessed. */
#ifndef FACT_SOCKET_FACT_H
#define FACT_SOCKET_FACT_H
#include <sys/types.h>
#include "catalog/value.h"
#include "fact/netns_fact.h"
#include "fact/process_fact.h"
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
	pid_t thread;                /* whose own table of files the fd is in; 0: in that of the process */
	char command[16];            /* comm; any bytes but 0 */
	const struct process_fact *process;  /* NULL: not asked for */
};

enum socket_known {                  /* bits of socket_fact.known */
	KNOWN_MARK = 1 << 0,         /* only with CAP_NET_ADMIN */
	KNOWN_CGROUP = 1 << 1,
	KNOWN_CONGESTION = 1 << 2,
	KNOWN_OWNERS = 1 << 3,       /* owners is all that could be seen, even if it is none */
	KNOWN_AUTOBOUND = 1 << 4,
	KNOWN_SHUTDOWN = 1 << 5,
	KNOWN_TOS = 1 << 6,
	KNOWN_TCLASS = 1 << 7,
	KNOWN_V6ONLY = 1 << 8,       /* of listeners and unconnected sockets only */
	KNOWN_CLASS_ID = 1 << 9,
	KNOWN_FLAGS = 1 << 10,
	KNOWN_ULP = 1 << 11,         /* whether it has one: ulp may be "" */
	KNOWN_MD5 = 1 << 12,         /* only with CAP_NET_ADMIN */
	KNOWN_QUEUE = 1 << 13,       /* of listeners only */
	KNOWN_PEER = 1 << 14,        /* of unix sockets: peer_inode, 0 if it has no peer */
	KNOWN_UID = 1 << 15,
};

enum socket_shutdown { SHUTDOWN_RECEIVE = 1, SHUTDOWN_SEND = 2 };

enum socket_flag {                   /* bits of socket_fact.flags: what INET_DIAG_SOCKOPT tells */
	SOCKET_RECVERR = 1 << 0,     /* IP_RECVERR, of IPv4 traffic; so are the others of IP_ */
	SOCKET_FREEBIND = 1 << 1,
	SOCKET_HDRINCL = 1 << 2,
	SOCKET_MULTICAST_LOOP = 1 << 3,
	SOCKET_TRANSPARENT = 1 << 4,
	SOCKET_MULTICAST_ALL = 1 << 5,
	SOCKET_NODEFRAG = 1 << 6,
	SOCKET_BIND_ADDRESS_NO_PORT = 1 << 7,
	SOCKET_RECVERR_RFC4884 = 1 << 8,
	SOCKET_DEFER_CONNECT = 1 << 9, /* connect() has returned, the SYN waits for data (TCP Fast Open) */
};

/* What the congestion control tells of itself. UNTOLD: something, for which sock_diag was not asked. */
enum congestion_kind {
	CONGESTION_SILENT,
	CONGESTION_BBR,
	CONGESTION_VEGAS,
	CONGESTION_DCTCP,
	CONGESTION_UNTOLD
};
struct congestion_fact {
	uint8_t kind;                /* enum congestion_kind */
	union {
		struct {
			uint64_t bandwidth_bytes_per_s;      /* filtered by its maximum */
			uint32_t min_rtt_us;
			uint32_t pacing_gain, cwnd_gain;     /* 256 is 1 */
		} bbr;
		struct {
			uint32_t enabled, rtt_count, rtt_us, min_rtt_us;
		} vegas;             /* illinois and others too */
		struct {
			uint32_t enabled, ce_state, alpha;   /* share of marked bytes: 1024 is 1 */
			uint32_t ecn_bytes, acked_bytes;
		} dctcp;
	};
};

/* Members are only valid where `known` (or a count, or tcp.have) says so; the others may hold anything. */
struct socket_fact {
	uint8_t protocol;            /* IPPROTO_TCP, IPPROTO_UDP; 0: a unix socket */
	uint8_t family, state;       /* AF_INET..., TCP_ESTABLISHED... */
	uint8_t timer, retransmits;  /* idiag_timer: 0 none, 1 retransmit, 2 keepalive, 3 TIME_WAIT, 4 window probe */
	uint8_t type;                /* SOCK_STREAM... */
	uint8_t shutdown;            /* enum socket_shutdown */
	uint8_t tos, tclass;         /* IP_TOS, IPV6_TCLASS: of an IPv6 socket tos governs its IPv4 traffic */
	bool v6only;
	bool autobound;              /* its port was chosen by the kernel */
	bool abstract;               /* path of a unix socket: no file; begins with '@', which stands for a 0 */
	uint16_t source_port, destination_port;      /* host byte order */
	uint16_t flags;              /* enum socket_flag */
	uint8_t source[16], destination[16];
	uint32_t interface;          /* index; 0: bound to none */
	uint32_t inode, uid, expires_ms;
	uint32_t rqueue_bytes, wqueue_bytes;         /* 0 of a TCP listener, which has its queue in connections */
	uint32_t queue, queue_limit; /* of a listener: connections that wait for accept(), and how many may; one more still fits */
	uint32_t peer_inode;
	uint32_t known;              /* enum socket_known */
	uint32_t mark;
	uint32_t class_id;           /* of net_cls; where that is 0, SO_PRIORITY (the kernel does not tell which) */
	uint32_t md5_keys;           /* of TCP_MD5SIG */
	uint64_t cgroup, cookie;
	unsigned skmem_count;
	uint32_t skmem[SOCKET_SKMEM];                /* SK_MEMINFO_*; as many as skmem_count */
	const struct netns_fact *netns;              /* NULL: no other than ours was asked for */
	const struct option_fact *options;           /* OPTION_COUNT of them; NULL: none was asked for */
	int options_code;            /* why those that sock_diag hides are not among them: -ENOENT: nobody is seen to have it
				      * open; -ENODATA: there are none; else of the look into the last owner; 0 */
	uint64_t options_version;    /* sockets of one walk with the same have equal options; 0: they may differ */
	const struct owner_fact *owners;
	unsigned owners_count;
	bool owners_asked;           /* for all of them, so that there being none says something */
	const char *owners_why;      /* some may be missing: why; NULL */
	struct congestion_fact cc;
	char congestion[16];
	char ulp[16];                /* "tls", "mptcp" */
	struct tcp_fact tcp;
	char path[SOCKET_PATH + 1];  /* of a unix socket; "" if it is not bound */
};

/* By its family, protocol and state. What a socket does not take is none of its options, rather than unknown. */
bool socket_takes_option(const struct socket_fact *, const struct option *);
#endif
