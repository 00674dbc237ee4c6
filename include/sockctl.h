/* sockctl.h: socket options by name, applied in the phase in which the kernel honours them, and read back.
 *
 * Every call: no malloc, no output, no globals, no threads, no name resolution. Results of 0 or more are success,
 * negative ones are -errno. Structures are plain data in the caller's memory: copy them, keep them on the stack.
 * Words: an option is one row of `sockctl options`; a spec is what to set (nodelay,keepalive=30s/10s/3); a verdict is
 * what became of one setting. Names of options are stable; numbers inside a spec are not, so store its text. */
#ifndef SOCKCTL_H
#define SOCKCTL_H
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#ifdef __cplusplus
extern "C" {
#endif

#define SOCKCTL_SETTINGS_MAX 128

/* When a socket is touched. created, pre-bind and pre-connect are one state for the kernel, but differ in what
 * is known; pre-listen is a bound socket. Append only. */
enum sockctl_phase {
	SOCKCTL_CREATED,
	SOCKCTL_PRE_BIND,
	SOCKCTL_PRE_LISTEN,
	SOCKCTL_LISTENING,
	SOCKCTL_PRE_CONNECT,
	SOCKCTL_CONNECTED,
	SOCKCTL_ACCEPTED,
	SOCKCTL_PHASES
};

/* What became of a setting; worse is larger. Append only, in the gaps. */
enum sockctl_outcome {
	SOCKCTL_GRANTED      = 0,    /* in effect as asked, read back */
	SOCKCTL_DEFERRED     = 5,    /* nothing was done: it belongs to another phase, or the call failed before */
	SOCKCTL_INHERITED    = 10,   /* in effect, from the listener: no call was needed */
	SOCKCTL_OVERRULED    = 15,   /* as asked, but another setting of the same spec decides: `limit` names it */
	SOCKCTL_ROUNDED      = 20,   /* in effect, at the nearest value that the kernel has */
	SOCKCTL_UNVERIFIABLE = 30,   /* accepted; the kernel offers no way to read it */
	SOCKCTL_CLAMPED      = 40,   /* cut down by `limit`, a sysctl, without an error */
	SOCKCTL_INERT        = 50,   /* stored, without effect: `limit` is the sysctl or option in the way, or missing */
	SOCKCTL_DIFFERS      = 55,   /* the socket reads back another value, and no known limit explains it */
	SOCKCTL_TOO_LATE     = 60,   /* in vain, or not tried; `limit` is what it must precede, or what caps it */
	SOCKCTL_UNSUPPORTED  = 70,   /* this kernel, protocol or family does not have it */
	SOCKCTL_REFUSED      = 80,   /* the kernel said no: `error` */
};

struct sockctl_error {               /* what was tried, on what, why not, what to do about it */
	int code;                    /* -errno; 0 if nothing is wrong */
	char op[24];                 /* "setsockopt", "parse" */
	char subject[104];           /* "nodelay", "[::]:443", the token at fault */
	char hint[200];              /* why, and what the user can do */
};

struct sockctl_spec {                /* opaque, 8 KiB: only the calls below look inside */
	uint64_t opaque[1024];
};

struct sockctl_verdict {
	const char *option;          /* catalogue name, static storage */
	enum sockctl_outcome outcome;/* the worst over shards and families */
	int error;                   /* errno of a refusal, positive; else 0 */
	int shard;                   /* where it was worst; 0 for a single socket */
	int per_connection;          /* 1: accepted sockets do not inherit it, so each costs a call */
	int64_t asked, granted;      /* in the option's kernel unit (bytes, s, ms); granted: as getsockopt said */
	/* Of a buffer: bytes of payload it can hold. About half of granted, the rest is the kernel's bookkeeping; no
	 * more than the window scale lets through. Else = granted. */
	int64_t usable;
	/* What decided: a sysctl (net/core/rmem_max), an option that is needed or overrules (keepalive), a call (bind()),
	 * "window scale", or that one of an option's two places which failed (IPV6_TCLASS). Static storage, NULL if
	 * nothing did. */
	const char *limit;
	int64_t limit_value;         /* its value (window scale: the largest window, in bytes); -1: unknown */
	/* In the spec's own notation (a buffer: what setsockopt takes, half of `granted`); "?" where unknown. */
	char asked_text[32], granted_text[32];
	uint64_t reserved[4];
};

/* One verdict for each setting, in the spec's order; never truncated. 21 KiB: mind small stacks. Calls without one keep
 * their own while they last. */
struct sockctl_report {
	size_t size;                 /* = sizeof(struct sockctl_report), set by SOCKCTL_REPORT */
	unsigned count;
	struct sockctl_error error;  /* why the call as a whole failed */
	struct sockctl_verdict verdict[SOCKCTL_SETTINGS_MAX];
};
#define SOCKCTL_REPORT \
	{ sizeof(struct sockctl_report), 0, {0, "", "", ""}, \
	  {{0, SOCKCTL_GRANTED, 0, 0, 0, 0, 0, 0, 0, 0, "", "", {0}}} }

/* Called at every phase of every socket that the library opens, after the spec's own settings of that phase were
 * made (none at SOCKCTL_CREATED). fd stays the library's. A negative return (-errno) ends the call with that error
 * and closes what was opened. */
struct sockctl_control {
	int (*call)(void *arg, int fd, enum sockctl_phase phase, unsigned shard);
	void *arg;
};

/* --- specs. `error` may be NULL. On failure the spec is left as it was. --- */

/* Parses text into an empty spec. -EINVAL: syntax or value; -ENOENT: no such option or profile; -ERANGE: outside
 * the option's range; -E2BIG: more than SOCKCTL_SETTINGS_MAX settings. error.subject is the token, hint says what
 * is expected. */
int sockctl_spec_parse(struct sockctl_spec *spec, const char *text, struct sockctl_error *error);
/* The same on top of what the spec has; a later setting of an option replaces the earlier one. */
int sockctl_spec_add(struct sockctl_spec *spec, const char *text, struct sockctl_error *error);
/* Writes the canonical text; returns its length as snprintf does. parse(format(spec)) = spec. */
int sockctl_spec_format(const struct sockctl_spec *spec, char *text, size_t size);
/* How many listeners sockctl_listen will open: 1 if the spec does not say. */
unsigned sockctl_spec_shards(const struct sockctl_spec *spec);

/* --- sockets --- */

/* Opens one TCP listener, or as many as the spec's `shards` says, on a numeric address: "[::]:7000",
 * "127.0.0.1:0", "[fe80::1%2]:80" (scope by index). Port 0 picks one port for all shards. Settings are made before
 * listen(), so that accepted sockets inherit them; the report says which are not inherited. Shards share the port
 * with each other only: a port that another socket has is refused, unless the spec says `reuseport` and that
 * socket allows it. No socket listens before all of them are bound. fds are CLOEXEC, and belong to the caller.
 * Returns the number of fds in fd[]. Errors: those of socket, bind, listen and setsockopt; -EINVAL for an address
 * that does not parse, or a report that was not initialised with SOCKCTL_REPORT (here and below); -E2BIG if max is
 * less than the shards. On failure nothing stays open. spec, control, report may be NULL (here and below). */
int sockctl_listen(const char *address, const struct sockctl_spec *spec, const struct sockctl_control *control,
                   int fd[], unsigned max, struct sockctl_report *report);
/* Opens a TCP socket, sets what must precede connect(), connects, sets the rest. flags: SOCK_NONBLOCK or 0; with
 * SOCK_NONBLOCK the fd is returned while the connection is still in progress, and the caller finishes with
 * sockctl_apply(fd, SOCKCTL_CONNECTED, ...) once it is writable (the hook is not called for that phase). Returns
 * the fd or -errno of socket, setsockopt or connect. */
int sockctl_connect(const struct sockaddr *address, socklen_t length, int flags, const struct sockctl_spec *spec,
                    const struct sockctl_control *control, struct sockctl_report *report);
/* Makes those settings of the spec that belong to this phase, on the caller's own socket: at SOCKCTL_CREATED all
 * that a fresh socket takes; at SOCKCTL_PRE_BIND what must precede bind(), at SOCKCTL_PRE_LISTEN the rest of a
 * listener's; SOCKCTL_LISTENING calls listen() if the spec has a backlog; at SOCKCTL_ACCEPTED only what is not
 * inherited (with a report, the rest is read and compared, which costs a call each). 0 or -errno of the first
 * required setting that was refused; all others are still tried. */
int sockctl_apply(int fd, enum sockctl_phase phase, const struct sockctl_spec *spec, struct sockctl_report *report);
/* Finds the phase of a socket that somebody else opened, and makes every setting that can still be made; those for
 * which it is too late say so, and are no error. Returns as sockctl_apply; -ENOTSOCK, -EAFNOSUPPORT: no IP socket. */
int sockctl_adopt(int fd, const struct sockctl_spec *spec, struct sockctl_report *report);
/* Compares a socket with the spec; changes nothing. 0, or -errno if the fd is no IP socket. */
int sockctl_audit(int fd, const struct sockctl_spec *spec, struct sockctl_report *report);

/* --- one-liners for a socket that is at hand. 0 = in effect, read back; 1 = accepted, but the kernel granted less
 * (a clamp); negative = -errno. --- */
int sockctl_set_nodelay(int fd, int on);                                        /* tcp(7) TCP_NODELAY */
int sockctl_set_buffers(int fd, int rcv_bytes, int snd_bytes);                  /* socket(7); <= 0: as it is */
int sockctl_set_keepalive(int fd, int idle_s, int interval_s, int count);       /* switch and all three timers */
/* Bytes in flight on a full path: rate_bps in bits per second, rtt_us in microseconds; saturates at INT64_MAX. */
int64_t sockctl_bdp_bytes(int64_t rate_bps, int64_t rtt_us);

/* --- reading results --- */
enum sockctl_outcome sockctl_worst(const struct sockctl_report *report);
const char *sockctl_outcome_name(enum sockctl_outcome outcome);                      /* "granted"... static */
const char *sockctl_phase_name(enum sockctl_phase phase);                            /* "pre-bind"... static */
int sockctl_verdict_text(const struct sockctl_verdict *verdict, char *text, size_t size);   /* one line, as snprintf */
int sockctl_error_text(const struct sockctl_error *error, char *text, size_t size);         /* one line, as snprintf */
const char *sockctl_option_next(const char *name);   /* walks the catalogue's names; NULL starts it and ends it */
const char *sockctl_version(void);

#ifdef __cplusplus
}
#endif
#endif
