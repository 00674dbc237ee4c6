/* What an option's value on a socket means: is it the default, was it set, is it fixed, what was asked for, what cut
 * it. Derived from facts, the sysctls and a new socket's values; what does not follow is unknown. */
#ifndef CLI_VIEW_SOCKET_SETTING_H
#define CLI_VIEW_SOCKET_SETTING_H
#include "fact/socket_fact.h"
#include "fact/sysctl_fact.h"

/* Of the network namespace that the socket is in. */
struct socket_context {
	struct sysctl_facts sysctls;
	bool known[2][2];            /* defaults of [UDP][IPv6] */
	struct option_fact defaults[2][2][OPTION_COUNT];
};

#define SETTING_LIST(X) \
	X(UNKNOWN, "unknown", "nothing tells whether anybody set it") \
	X(DEFAULT, "default", "as on a new socket: nobody set it, or to the same") \
	X(SET, "set", "not as on a new socket: the program set it, or the listener from which it was accepted") \
	X(FIXED, "fixed", "a buffer of a size that was set: autotuning leaves it alone") \
	X(AUTO, "auto", "a buffer that nobody fixed: its size follows the traffic") \
	X(KERNEL, "kernel", "what the kernel makes of it for this connection: it does not tell what was set")
enum setting {
#define SETTING_VALUE(ID, name, help) SETTING_##ID,
	SETTING_LIST(SETTING_VALUE)
#undef SETTING_VALUE
	SETTING_COUNT
};
extern const char *const setting_names[SETTING_COUNT], *const setting_help[SETTING_COUNT];

/* context NULL: unknown of what takes it. */
enum setting socket_setting(const struct option *, const struct socket_fact *, const struct socket_context *);
/* Of a new socket of this kind; NULL: not known. */
const struct option_fact *socket_default(const struct option *, const struct socket_fact *,
					 const struct socket_context *);

#define ASKED_LIST(X) \
	X(UNKNOWN, "unknown") \
	X(NOTHING, "nothing")        /* it is autotuned, or the default */ \
	X(EXACTLY, "exactly") \
	X(AT_LEAST, "at_least")      /* it is as large as the cap allows: more may have been asked for */ \
	X(AT_MOST, "at_most")        /* it is the kernel's least: less may have been asked for */ \
	X(BEYOND, "beyond_cap") /* by SO_RCVBUFFORCE, or before the cap was lowered */
enum asked {
#define ASKED_VALUE(ID, name) ASKED_##ID,
	ASKED_LIST(ASKED_VALUE)
#undef ASKED_VALUE
	ASKED_COUNT
};
extern const char *const asked_names[ASKED_COUNT];

struct socket_buffer {
	const struct option *option; /* rcvbuf or sndbuf */
	enum setting setting;        /* UNKNOWN, FIXED or AUTO */
	uint64_t granted_bytes, usable_bytes;        /* memory, and the payload that is about half of it */
	enum asked asked;
	uint64_t asked_bytes;        /* what setsockopt() was given */
	enum sysctl_id cap;          /* of what it can be given */
	int64_t cap_bytes;           /* -1: unknown */
	enum sysctl_id autotune;     /* SYSCTL_COUNT: of such a socket there is no autotuning */
	int64_t autotune_bytes;      /* its largest; -1: unknown */
	bool has_window;             /* of receive buffers of connections */
	unsigned window_shift;
	uint64_t window_cap_bytes;   /* no larger window can be announced, whatever the buffer */
	bool window_cuts;            /* the buffer would hold more */
};
/* False: sock_diag did not tell the buffers. */
bool socket_buffer(const struct socket_fact *, bool receive, const struct socket_context *, struct socket_buffer *ret);
#endif
