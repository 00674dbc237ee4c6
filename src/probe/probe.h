/* What this kernel makes of the rows of the catalogue, measured on sockets of its own in namespaces of its own. Plain
 * data: whether that is what a row says, departure.h tells. */
#ifndef PROBE_PROBE_H
#define PROBE_PROBE_H
#include "catalog/value.h"

/* DUAL: a [::] socket and its IPv4 traffic. The rest are what records name. */
#define PROBE_FAMILY_LIST(X) X(TCP4, tcp4) X(TCP6, tcp6) X(UDP4, udp4) X(UDP6, udp6) X(DUAL, dual)
/* States of a socket's life that differ for the kernel. CONNECTING: the SYN is unanswered. CLOSE_WAIT: the peer has
 * sent its FIN. Of UDP: unbound, bound, and established by connect(). */
#define PROBE_PHASE_LIST(X) \
	X(UNBOUND, unbound) X(BOUND, bound) X(LISTENING, listening) X(CONNECTING, connecting) \
	X(ESTABLISHED, established) X(ACCEPTED, accepted) X(CLOSE_WAIT, close_wait)
/* When a listener got the value. BEFORE_LISTEN: once bound. AFTER_HANDSHAKE: between a connection's handshake and its
 * accept(). */
#define PROBE_MOMENT_LIST(X) \
	X(BEFORE_BIND, before_bind) X(BEFORE_LISTEN, before_listen) X(AFTER_LISTEN, after_listen) \
	X(AFTER_HANDSHAKE, after_handshake)

#define PROBE_FAMILY_VALUE(ID, id) PROBE_##ID,
#define PROBE_PHASE_VALUE(ID, id) PROBE_##ID,
#define PROBE_MOMENT_VALUE(ID, id) PROBE_##ID,
enum probe_family { PROBE_FAMILY_LIST(PROBE_FAMILY_VALUE) PROBE_FAMILIES };
enum probe_phase { PROBE_PHASE_LIST(PROBE_PHASE_VALUE) PROBE_PHASES };
enum probe_moment { PROBE_MOMENT_LIST(PROBE_MOMENT_VALUE) PROBE_MOMENTS };
extern const char *const probe_family_names[PROBE_FAMILIES], *const probe_phase_names[PROBE_PHASES],
	*const probe_moment_names[PROBE_MOMENTS];

enum probe_answer { PROBE_NO, PROBE_YES, PROBE_UNKNOWN };

struct probe_finding {
	uint8_t answer;              /* enum probe_answer */
	const char *why;             /* of PROBE_UNKNOWN; static */
};

struct probe_reading {
	int error;                   /* errno; -1: not tried */
	struct value value;          /* if error is 0 */
};

struct probe_edge {                  /* one end of the numbers that the kernel takes */
	bool known;
	int64_t value;               /* the last number taken without an error */
	int error;                   /* errno of the next one; 0: there is none that could be written */
};

enum { PROBE_PAIRS = 4, PROBE_UNTRIED = -1 };

struct probe_result {
	bool there;                  /* measured */
	uint16_t option;             /* enum option_id */
	uint8_t place, family;       /* index into option->place, enum probe_family */
	const char *why;             /* not there: why not; static, NULL: nobody asked */
	struct value asked;          /* the row's example */
	int accepted[PROBE_PHASES];  /* 0, errno or PROBE_UNTRIED: the family has no such phase */
	struct probe_reading read[PROBE_PHASES];     /* afterwards, whether it was accepted or not */
	struct probe_finding effective[PROBE_PHASES];        /* set there: is it seen to work? */
	struct probe_reading plain;  /* an accepted socket whose listener got nothing */
	struct probe_reading child[PROBE_MOMENTS];   /* one whose listener got the value at that moment */
	struct probe_finding inherited[PROBE_MOMENTS];
	unsigned pairs;
	struct { struct value asked, got; } pair[PROBE_PAIRS];
	struct probe_edge min, max;
	bool refused_here;           /* for lack of privilege that a user namespace cannot give */
	uint32_t needs;              /* bit i: probe_capability_names[i] suffices where none does not; 0: nothing is needed */
	bool has_free;               /* numbers up to `free` need no privilege */
	int64_t free;
	int64_t limit;               /* what the row's sysctl caps at; -1: none, or out of sight */
};

enum { PROBE_CAPABILITIES = 6 };
extern const char *const probe_capability_names[PROBE_CAPABILITIES];

enum { PROBE_PLACES = 2 };
struct probe {                       /* [option][place][family]; owned, a shared mapping */
	struct probe_result (*result)[PROBE_PLACES][PROBE_FAMILIES];
};

/* Measures these options (ended by NULL) in all families that they govern, in private namespaces, in parallel, within
 * seconds. 0, or -errno with `error` set: the caller need not release then. */
int probe_run(struct probe *, const struct option *const options[], struct sockctl_error *error);
void probe_release(struct probe *);
/* What was measured of the option in the place that governs this family; NULL: it has none. */
const struct probe_result *probe_find(const struct probe *, const struct option *, enum probe_family);

/* Has the row this family: its protocol, and one of its places governs its traffic? */
bool probe_has(const struct option *, unsigned place, enum probe_family);
/* The same as result->inherited; what a bound listener does not take counts as set before it was bound. */
const struct probe_finding *probe_inherited(const struct probe_result *, enum probe_moment);
/* "EINVAL"; "success" for 0. */
const char *probe_errno_name(int error);
/* Is it a property of one socket, so that there is something to measure? */
bool probe_can(const struct option *);
#endif
