/* What is laid before a rule: two looks at the sockets and what the host counted between them. Plain data. */
#ifndef DOCTOR_EXAM_H
#define DOCTOR_EXAM_H
#include "doctor/address.h"
#include "doctor/close_waits.h"
#include "doctor/rest.h"
#include "fact/host_fact.h"
#include "fact/host_use.h"
#include "fact/port_range.h"
#include "fact/socket_fact.h"
#include "fact/sysctl_fact.h"

/* The numbers of tcp_fact.def that are kept of each socket's first look: a word for every one that a rule compares; those
 * that the kernel has in 64 bits, then those in 32. */
#define PAST_WIDE_LIST(X) \
	X(bytes_sent) \
	X(bytes_retrans) X(bytes_acked) X(bytes_received) X(busy_time_us) X(rwnd_limited_us) X(sndbuf_limited_us)
#define PAST_NARROW_LIST(X) \
	X(retrans_total_segs) \
	X(unacked_segs) X(notsent_bytes) X(cwnd_segs) X(rtt_us) X(data_segs_out) X(data_segs_in) X(dsack_dups) \
		X(snd_wnd_bytes) X(ssthresh_segs) X(rto_us) X(last_data_sent_ms)
enum past_id {
#define PAST_VALUE(id) PAST_##id,
	PAST_WIDE_LIST(PAST_VALUE) PAST_NARROW_LIST(PAST_VALUE)
#undef PAST_VALUE
		PAST_COUNT,
	PAST_WIDE = PAST_retrans_total_segs /* so many are wide */
};

struct past { /* a socket's first look */
	uint64_t cookie;
	uint32_t have; /* bit i: the number i of past_id was there */
	uint32_t drops, rqueue_bytes, wqueue_bytes;
	uint8_t state;
	bool accepted; /* it has an inode: some program has, or had, it open */
	bool drops_known;
	uint32_t narrow[PAST_COUNT - PAST_WIDE];
	uint64_t wide[PAST_WIDE];
};
struct past past_of(const struct socket_fact *);
uint64_t past_number(const struct past *, enum past_id); /* 0: it was not there */

enum { LISTENER_OWNERS = 8 };
struct listener {                /* second look, and what its children tell */
	struct socket_fact fact; /* its options and owners are copies */
	struct owner_fact owners[LISTENER_OWNERS];
	struct option_fact *options; /* OPTION_COUNT; NULL: not read */
	struct past before;
	bool had_before;
	bool shared;         /* others listen on the same address: its children may be theirs */
	uint64_t children;   /* connections that came in by this address */
	uint64_t waiting;    /* of them, not yet accepted */
	uint64_t waited;     /* of them, waiting at the first look as well */
	uint64_t handshakes; /* of them, not yet established */
	struct close_waits close_waits; /* of them */
};

struct listener_group { /* listeners on one address; one without SO_REUSEPORT siblings too */
	const struct listener *const *member;
	unsigned count;
};

struct destination { /* outgoing: from one address to one address and port */
	uint8_t protocol;
	struct address source, peer;
	uint16_t peer_port;
	uint64_t used, time_wait; /* source ports of the ephemeral range in use; of them, in TIME_WAIT */
	struct owner_fact owner;  /* of one of them; pid 0: unknown */
};

struct source { /* outgoing TCP connections from one address, to wherever */
	struct address address;
	uint64_t used;               /* sockets with a port of the ephemeral range */
	uint64_t ports;              /* of how many ports: fewer where destinations share them */
	uint64_t time_wait;          /* of the sockets, in TIME_WAIT */
	uint64_t destinations, most; /* addresses and ports that they lead to; sockets to the busiest of these */
	struct owner_fact owner;     /* of one of them; pid 0: unknown */
};

struct host {
	struct sysctl_facts sysctls;
	struct port_range ports;  /* usable 0: not known */
	struct host_fact counted; /* since the first look began; of SOCKET: until the second, of the others: with it */
	struct host_use use;      /* at the second look; not of SOCKET */
	const struct listener *flooded; /* near the limit of its SYN queue, NULL: none is; for HOST only */
	const struct addresses *here;   /* from which sockets were open at the first look; NULL: not known */
	uint64_t interval_us;           /* between the looks */
	uint64_t idle_us;               /* so long without traffic is "long idle" */
	uint64_t looked_at;             /* sockets at the second look */
	bool filtered;                  /* a filter leaves out some sockets */
};

struct exam {
	const struct host *host;
	const struct socket_fact *now;
	const struct past *before;   /* NULL: it was not there */
	const struct rests *between; /* NULL: it was not looked at between the looks */
	const struct listener *listener;
	const struct listener_group *group;
	const struct destination *destination;
	const struct source *source;
};

/* The difference between the looks; false if either lacks it, or the socket is new. */
bool exam_delta(const struct exam *, enum past_id, uint64_t *ret);
/* A number of the first look; false if that lacks it, or the socket is new. */
bool exam_past(const struct exam *, enum past_id, uint64_t *ret);
/* The socket's option, as a number; false if nobody told. */
bool exam_option(const struct exam *, enum option_id, int64_t *ret);
/* The same of any socket. */
bool socket_option(const struct socket_fact *, enum option_id, int64_t *ret);
/* A buffer that a program has fixed: true and its size as getsockopt tells. False: autotuned, or nobody told (*ret_known). */
bool socket_buffer_fixed(const struct socket_fact *, enum option_id, int64_t *ret_bytes, bool *ret_known);
/* The index-th number of a sysctl; false if it is not known. */
bool exam_sysctl(const struct exam *, enum sysctl_id, unsigned index, int64_t *ret);
/* "nginx[812]" of an owner, "?" where there is none. */
const char *owner_text(const struct owner_fact *, char *text, size_t size);
/* Was it counted at both ends of the interval? */
bool exam_counted(const struct exam *, enum host_fact_id);
double exam_seconds(const struct exam *); /* between the looks */
#endif
