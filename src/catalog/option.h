/* The catalogue: what is known of each socket option. Data only: opens no socket, allocates nothing.
 * Elsewhere an option is named by OPTION_id, which the compiler checks; never by string or number. */
#ifndef CATALOG_OPTION_H
#define CATALOG_OPTION_H
#include <stdbool.h>
#include "sockctl.h"

enum option_id {
	OPTION_NONE,
#define OPTION(id, ...) OPTION_##id,
#include "catalog/options.def"
#undef OPTION
	OPTION_COUNT
};

/* The closed sets below are lists, so that the tables of what hangs on them are made from the same list: a value without
 * its handler does not compile, a value without its word does not exist. The first of each is the commonest, and is 0. */

/* How a value is written: one codec each, codec.c. */
#define KIND_LIST(X) \
	X(SWITCH, switch) X(NUMBER, number) X(BITS, bits) X(BYTES, bytes) X(TIME, time) X(RATE, rate) X(NAME, name) \
	X(WORD, word)           /* one of the row's words */ \
	X(FLAGS, flags)         /* some of the row's words, joined by + */ \
	X(TIMEVAL, timeval)     /* a time as a struct timeval of two longs */ \
	X(LINGER, linger) X(DSCP, dscp) \
	X(INDEX, index)         /* number of an interface, in network byte order */ \
	X(MREQN, mreqn)         /* number of an interface, where struct ip_mreqn has it, and where an int would */ \
	X(PORTS, ports)         /* LOW-HIGH, as high << 16 | low */ \
	X(TXTIME, txtime)       /* CLOCK/FLAG/FLAG: struct sock_txtime */
/* What the kernel stores. */
#define UNIT_LIST(X) \
	X(NONE, none) X(S, s) X(MS, ms) X(US, us) X(BYTES, bytes) X(BYTES_PER_S, bytes_per_s)
/* What sets and reads it: one accessor each, socket/access.c. */
#define VIA_LIST(X) \
	X(SOCKOPT, sockopt) X(LISTEN, listen) X(SHARDS, shards) X(STEER, steer)
/* What is read back, on a socket for which it is not too late; one relation each, socket/relation.c. Where the row has a
 * limit, "asked" is what the limit leaves of it. BACKOFF: the next higher sum of the SYN-ACK backoff: 1 3 7 15 31 s... */
#define READS_LIST(X) \
	X(SAME, same)           /* as asked */ \
	X(DOUBLED, doubled)     /* twice what was asked; never under the kernel's smallest buffer */ \
	X(MASKED, masked)       /* asked & mask */ \
	X(BACKOFF, backoff)     \
	X(AT_MOST, at_most)     /* as asked, or less once the path is known */ \
	X(RAISED, raised)       /* as asked; never under the kernel's smallest buffer */ \
	X(JIFFIES, jiffies)     /* rounded up to the kernel's clock ticks of 1 to 10 ms */ \
	X(OTHER, other)         /* getsockopt tells something else by this number; of two places, in one at least */ \
	X(NEVER, never)         /* cannot be read */
/* What else than reading back shows that it works: one probe each, src/probe and the contract test. A row that can come too
 * late names one, unless the kernel forgets what was set too early. */
#define EFFECT_LIST(X) \
	X(NONE, none) X(BACKLOG, backlog) X(WINDOW_SCALE, window_scale) X(SEGMENT, segment) \
	X(SHARED_PORT, shared_port)      /* a second socket binds to the port */ \
	X(IPV6_ONLY, ipv6_only)          /* IPv4 is left to others */ \
	X(DEVICE, device)                /* what comes by another interface does not arrive */ \
	X(DEFERRED, deferred)            /* a connection without data is not handed over */ \
	X(DATA_IN_SYN, data_in_syn)      /* a listener takes it */ \
	X(SYN_RETRIES, syn_retries)      /* connect() gives up early */ \
	X(PROMPT, prompt)                /* small writes leave at once */ \
	X(HELD, held)                    /* small writes wait */ \
	X(UNSENT, unsent)                /* not writable while much is unsent */ \
	X(SEND_SPACE, send_space)        /* how much a peer that reads nothing can be sent */ \
	X(PACING, pacing)                /* bytes in a time */ \
	X(WAKE_UP, wake_up)              /* not readable while little is there */ \
	X(RESET, reset)                  /* close() resets */ \
	X(GIVE_UP, give_up)              /* unacknowledged data ends the connection */ \
	X(PROBES, probes) X(PROBE_IDLE, probe_idle) X(PROBE_INTERVAL, probe_interval) X(PROBE_COUNT, probe_count) \
	X(TRAFFIC_CLASS, traffic_class) X(HOPS, hops) X(MARK, mark)     /* on the wire, or seen by a filter there */ \
	X(FRAGMENTS, fragments)          /* packets allow it */ \
	X(FLOW_LABEL, flow_label)        /* of IPv6 packets: none */ \
	X(PRIORITY, priority)            /* the receiver of a datagram is told */ \
	X(FOREIGN, foreign)              /* bind() to somebody else's address */ \
	X(MIN_HOPS, min_hops)            /* what comes from afar does not arrive */ \
	X(DATA_IN_OWN_SYN, data_in_own_syn)      /* connect() waits for it */ \
	X(ANCILLARY, ancillary)          /* something comes with what is received */ \
	X(SEGMENTS, segments)            /* one send, several datagrams */ \
	X(BROADCAST, broadcast)          /* sending to all is allowed */ \
	X(INLINE, inline)                /* urgent data is read like the rest */ \
	X(COMPLETION, completion)        /* the error queue tells that the buffer is free */ \
	X(ERROR_QUEUE, error_queue)      /* what could not be delivered comes back */ \
	X(LOCKED, locked)                /* a filter can no longer be attached */ \
	X(RECEIVE_TIMEOUT, receive_timeout) X(SEND_TIMEOUT, send_timeout)       /* the call ends in time */ \
	X(TIME_WAIT, time_wait)          /* bind() to a port with connections in TIME_WAIT */ \
	X(ADDRESS, address)              /* bind() to an address that is not there */ \
	X(PORT, port)                    /* bind() to port 0 chooses none */ \
	X(PORT_RANGE, port_range)        /* bind() to port 0 chooses one of the range */ \
	X(SAVED_SYN, saved_syn)          /* TCP_SAVED_SYN has something to tell */ \
	X(STEERING, steering)            /* which of the sockets that share a port gets the traffic */

/* Where the kernel keeps them, for whoever lists them all. */
#define GROUP_LIST(X) \
	X(OPENING, "Opening sockets") \
	X(SOCKET, "Every socket (SOL_SOCKET)") \
	X(IP, "IPv4 and IPv6 (IPPROTO_IP, IPPROTO_IPV6)") \
	X(TCP, "TCP (IPPROTO_TCP)") \
	X(UDP, "UDP (IPPROTO_UDP)")

#define KIND_VALUE(ID, id) KIND_##ID,
#define UNIT_VALUE(ID, id) UNIT_##ID,
#define VIA_VALUE(ID, id) VIA_##ID,
#define READS_VALUE(ID, id) READS_##ID,
#define EFFECT_VALUE(ID, id) EFFECT_##ID,
#define GROUP_VALUE(ID, title) GROUP_##ID,
enum kind { KIND_LIST(KIND_VALUE) KIND_COUNT };
enum unit { UNIT_LIST(UNIT_VALUE) UNIT_COUNT };
enum via { VIA_LIST(VIA_VALUE) VIA_COUNT };
enum reads { READS_LIST(READS_VALUE) READS_COUNT };
enum effect { EFFECT_LIST(EFFECT_VALUE) EFFECT_COUNT };
enum group { GROUP_LIST(GROUP_VALUE) GROUP_COUNT };
enum passes { PASSES_ON, STAYS };                    /* to accepted sockets */

extern const char *const kind_names[KIND_COUNT], *const unit_names[UNIT_COUNT], *const reads_names[READS_COUNT];

/* Sets of phases, for `late` and `never`. */
#define AT(phase) (1u << (phase))
#define AT_UNBOUND   (AT(SOCKCTL_CREATED) | AT(SOCKCTL_PRE_BIND) | AT(SOCKCTL_PRE_CONNECT))
#define AT_BOUND     AT(SOCKCTL_PRE_LISTEN)
#define AT_LISTENING AT(SOCKCTL_LISTENING)
#define AT_CONNECTED (AT(SOCKCTL_CONNECTED) | AT(SOCKCTL_ACCEPTED))
#define AT_ALL       (AT(SOCKCTL_PHASES) - 1)

enum { TRAFFIC_V4 = 1, TRAFFIC_V6 = 2, TRAFFIC_MAPPED = 4, TRAFFIC_ALL = 7 };   /* MAPPED: IPv4 traffic of a [::] socket */
enum { PROTOCOL_TCP = 1, PROTOCOL_UDP = 2, PROTOCOL_ALL = 3 };

struct place {                       /* where the kernel keeps it */
	int level, number;
	const char *symbol;          /* "TCP_NODELAY" */
	uint8_t traffic;             /* which traffic it governs; 0 = all */
	int below, above;            /* errno of the kernel for min - 1 and max + 1; 0: it takes them, and changes them silently */
	int read;                    /* the number that getsockopt() answers to, 0 if it is the same */
};

struct option {
	const char *name;            /* the ABI */
	const char *aliases;         /* "NoDelay TCP_NODELAY", space-separated */
	struct place place[2];       /* a second place where IPv6 has an option of its own */
	uint8_t protocols;           /* 0 = TCP and UDP */
	enum kind kind;
	enum unit unit;
	enum via via;
	int64_t min, max;            /* in `unit`; of KIND_NAME: the length, and min 0 means that "none" clears it */
	uint8_t min_ticks;           /* it refuses what rounds up to fewer of its clock ticks, though min would allow it */
	const char *words;           /* "off=-1 default=0x0": words for some of the numbers; the range need not hold them */
	const char *on, *off;        /* of KIND_SWITCH: words for on and off beside the usual ones, NULL if none */
	uint8_t late, never;         /* phases where it is accepted in vain; where it is refused; AT_ALL: option_is_dead() or
	                              * nobody can set it */
	uint8_t udp_works;           /* phases of these in which a UDP socket takes it all the same */
	bool for_bind;               /* bind() looks at it: a new socket has it before, an old one may still get it */
	enum passes inherited;
	bool irreversible;           /* once on, the kernel does not switch it off again */
	bool fades;                  /* the kernel changes it with the traffic: it has to be set again */
	enum reads reads;
	int64_t mask;                /* of READS_MASKED */
	bool may_auto;               /* =auto gives it back to the kernel's autotuning; bdp: is understood */
	const char *autotune;        /* sysctl whose third number is how far TCP's autotuning takes this buffer */
	const char *autotune_gate;   /* sysctl that must not be 0 for that, NULL if none */
	uint16_t parts[3];           /* name=a/b/c also sets these options */
	uint16_t needs;              /* option without which it is stored in vain */
	uint16_t overruled_by[2];    /* options that decide instead of it while they are on */
	uint16_t twin;               /* option that sets the same thing in the kernel: reading cannot tell which of them did */
	uint16_t after[2];           /* options that overwrite it when they are set: their rows stand before it */
	const char *limit;           /* sysctl that caps it silently */
	unsigned limit_index;        /* which number of that sysctl, 0 = the first */
	unsigned limit_divisor;      /* it caps at this fraction of the sysctl; 0 = 1 */
	const char *gate;            /* sysctl without whose bit it is inert */
	int gate_bit;
	const char *within;          /* sysctl of two numbers: ends of the range that lie outside of its are ignored */
	const char *capability;      /* "CAP_NET_ADMIN", NULL if none */
	const char *capability_also; /* another one that suffices as well */
	bool capability_host;        /* it must be the host's: that of a container's user namespace is refused */
	int denied;                  /* errno without it, 0 = EPERM: see option_denied() */
	int64_t free_max;            /* values up to this need no capability; 0 = every value needs it */
	const char *since;           /* first kernel version that has it, NULL: all have */
	const char *system;          /* what else the system must have, or it is refused as unsupported: "a memory cgroup" */
	enum effect effect;
	const char *example;         /* a legal value: docs, completion and the contract test use it; NULL = on */
	const char *summary;         /* one line */
	const char *use, *avoid;     /* when to use it and when not, NULL if there is nothing to say */
	const char *sources;         /* man pages, RFCs, kernel files */
};

extern const struct option catalogue[OPTION_COUNT];      /* [OPTION_NONE] is empty */

const struct option *option_find(const char *name, size_t length);      /* name or alias; NULL if unknown */
const struct option *option_nearest(const char *name, size_t length);   /* the least misspelt; NULL if none is near */
enum option_id option_id(const struct option *);
uint8_t option_protocols(const struct option *);
enum group option_group(const struct option *);
extern const char *const group_titles[GROUP_COUNT];
bool option_is_pseudo(const struct option *);                           /* backlog, shards: no place in the kernel */
bool option_of_group(const struct option *);                            /* shards, steer: made of several sockets, not on one */
bool option_is_dead(const struct option *);                             /* the kernel takes it, and nothing looks at it any more */
bool option_is_readable(const struct option *);                         /* does getsockopt tell what was set? */
bool option_is_of_listeners(const struct option *);                     /* so that accepted sockets inherit it, or not */
bool option_works(const struct option *, uint8_t protocol, enum sockctl_phase);   /* neither in vain nor refused */
int option_denied(const struct option *);                               /* errno without the capability */
bool option_overrules(const struct option *, const struct option *other);        /* while on, it decides instead of other */
bool option_shares_place(const struct option *, const struct option *); /* tos and dscp: one overwrites the other */
/* The least number that this kernel takes: min, or what its clock ticks make of it. */
int64_t option_min(const struct option *);
/* What the sysctl caps the option at right now, in the option's unit; -errno if it cannot be read, -ENODATA without a limit. */
int option_limit_read(const struct option *, int64_t *ret);
/* How large TCP's autotuning may make the buffer, as getsockopt counts; 0 if it is switched off; -errno, -ENODATA for what
 * is not autotuned. */
int option_autotune_read(const struct option *, int64_t *ret);
#endif
