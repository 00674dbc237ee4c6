/* sockctl.h: socket options by name, applied in the phase in which the kernel honours them, and read back.
 *
 * Every call: no malloc, no output, no globals, no threads, no name resolution. Results of 0 or more are success,
 * negative ones are -errno. Structures are plain data in the caller's memory: copy them, keep them on the stack.
 * Words: an option is one row of `sockctl options`; a spec is what to set (nodelay,keepalive=30s/10s/3); a verdict
 * is what became of one setting. Names of options are stable; numbers inside a spec are not, so store its text.
 *
 * In calls on sockets spec, control and report may be NULL, in calls on text error may. A report must have been
 * initialised with SOCKCTL_REPORT, or the call returns -EINVAL. Strings that are returned or pointed to by results
 * are static.
 *
 * The manual pages of section 3 are made from this file (tools/man3): a group opens with its name between dashes, a
 * comment belongs to the declarations right below it, and says after `Returns:` and `Errors:` what it returns. */
#ifndef SOCKCTL_H
#define SOCKCTL_H
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
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
	SOCKCTL_AUTOTUNED    = 3,    /* bdp: was left to autotuning, whose maximum (`limit`, a sysctl) is enough */
	SOCKCTL_DEFERRED     = 5,    /* nothing was done: it belongs to another phase, or the call failed before */
	SOCKCTL_INHERITED    = 10,   /* in effect, from the listener: no call was needed */
	SOCKCTL_OVERRULED    = 15,   /* as asked, but another setting of the same spec decides: `limit` names it */
	SOCKCTL_ROUNDED      = 20,   /* in effect, at the nearest value that the kernel has */
	SOCKCTL_UNVERIFIABLE = 30,   /* accepted; the kernel offers no way to read it */
	SOCKCTL_CLAMPED      = 40,   /* cut down by `limit`, a sysctl, without an error */
	/* stored, without effect: `limit` is the sysctl or option in the way, or missing; NULL: nothing looks at it */
	SOCKCTL_INERT        = 50,
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
	int64_t limit_value;         /* its value (window scale: the largest window, in bytes; a range: high << 16 | low); -1: unknown */
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

/* --- specs: what to set, from text and to text. Nothing here touches a socket. --- */

/* Parses text into a new spec: its memory may hold anything before, and is left as it was on failure. error.subject
 * is the token at fault, error.hint says what is expected.
 * Returns: 0 or -errno.
 * Errors: -EINVAL: syntax or value; -ENOENT: no such option or profile; -ERANGE: outside the option's range;
 * -E2BIG: more than SOCKCTL_SETTINGS_MAX settings. */
int sockctl_spec_parse(struct sockctl_spec *spec, const char *text, struct sockctl_error *error);
/* The same on top of what the spec has; a later setting of an option replaces the earlier one.
 * Returns: as sockctl_spec_parse. */
int sockctl_spec_add(struct sockctl_spec *spec, const char *text, struct sockctl_error *error);
/* Writes the canonical text: parsing it again gives the same spec.
 * Returns: its length, which may be more than size, as snprintf does. */
int sockctl_spec_format(const struct sockctl_spec *spec, char *text, size_t size);
/* How many listeners sockctl_listen will open for each address.
 * Returns: the number, 1 if the spec does not say. */
unsigned sockctl_spec_shards(const struct sockctl_spec *spec);

/* --- sockets: opened, prepared, taken over and compared by a spec. --- */

/* Opens listeners, TCP and UDP, on numeric addresses: one, or several separated by spaces or commas.
 *     [tcp:|udp:][HOST][%DEVICE]:PORT     0.0.0.0:80, [::1]:8080, udp:[::]:53, :443, [fe80::1%eth0]:80, [::]%eth0:67
 * Without a host (or with *, as ss writes it) it is every address of both families: [::] with IPv4 too, whatever
 * net.ipv6.bindv6only says, unless the spec has `v6only`; 0.0.0.0 where the kernel has no IPv6. Within the brackets
 * stands the scope of a link-local address, an interface by name or index; behind the host, as ss writes it, the
 * only interface that the socket is for (SO_BINDTODEVICE). Port 0 picks one port for all shards of the address.
 *
 * The spec's `shards` are opened for each address, and stand together in fd[], in the order in which the kernel
 * numbers them: address 0 shard 0, address 0 shard 1, ... Settings are made before listen(), so that accepted
 * sockets inherit them; the report says which are not inherited. A setting that suits none of the addresses is
 * refused; one that suits some is made there. `shard`, in verdicts and for the hook, is the index in fd[]. A UDP
 * socket has no SOCKCTL_LISTENING and receives from its bind() on.
 *
 * Shards share the port with each other only: a port that another socket has is refused, unless the spec says
 * `reuseport` and that socket allows it; then those that were there before have the first numbers, for `steer` too.
 * No socket listens before all of them are bound. fds are CLOEXEC, and belong to the caller. On failure nothing
 * stays open, and error.subject is the address.
 * Returns: the number of fds in fd[], or -errno.
 * Errors: those of socket(2), bind(2), listen(2) and setsockopt(2); -EINVAL: an address that does not parse;
 * -ENODEV: no such interface; -E2BIG: max is less than addresses x shards. */
int sockctl_listen(const char *addresses, const struct sockctl_spec *spec, const struct sockctl_control *control,
                   int fd[], unsigned max, struct sockctl_report *report);
/* How many addresses such a list has.
 * Returns: the number, or -errno.
 * Errors: -EINVAL: an address that does not parse; -ENODEV: no such interface. */
int sockctl_addresses(const char *addresses, struct sockctl_error *error);
/* Makes the spec's `steer`, if it has one, on a group that is open already (shards were closed, inherited, received):
 * fd[0] to fd[count - 1] are all of it, in the order of their listen(). When fd[i] is closed, the kernel moves the last
 * one to number i. Only the verdict of `steer` says something.
 * Returns: as sockctl_apply. */
int sockctl_steer(const int fd[], unsigned count, const struct sockctl_spec *spec, struct sockctl_report *report);
/* Where a socket is bound, as sockctl_listen reads it: "udp:[::]%eth0:53"; TCP without its name.
 * Returns: its length, which may be more than size, as snprintf does; or -errno.
 * Errors: those of getsockname(2); -EAFNOSUPPORT: no IP socket. */
int sockctl_local_address(int fd, char *text, size_t size);
/* Opens a TCP socket, sets what must precede connect(), connects, sets the rest. flags: SOCK_NONBLOCK or 0; with
 * SOCK_NONBLOCK the fd is returned while the connection is still in progress, and the caller finishes with
 * sockctl_apply(fd, SOCKCTL_CONNECTED, ...) once it is writable (the hook is not called for that phase). Without it
 * the connection is waited for, even if the hook makes the socket non-blocking. A source address is bound by the
 * hook at SOCKCTL_PRE_CONNECT, or by sockctl_dial_bind. The fd is CLOEXEC; on failure nothing stays open.
 * Returns: the fd, or -errno.
 * Errors: those of socket(2), setsockopt(2) and connect(2); -ECONNREFUSED: also where a blocking socket met itself;
 * -ETIMEDOUT: no answer, or SO_SNDTIMEO passed; -EAFNOSUPPORT: no IP address; -EINVAL: it is cut short, or flags. */
int sockctl_connect(const struct sockaddr *address, socklen_t length, int flags, const struct sockctl_spec *spec,
                    const struct sockctl_control *control, struct sockctl_report *report);
/* Makes those settings of the spec that belong to this phase, on the caller's own socket: at SOCKCTL_CREATED all
 * that a fresh socket takes; at SOCKCTL_PRE_BIND what must precede bind(), at SOCKCTL_PRE_LISTEN the rest of a
 * listener's; SOCKCTL_LISTENING calls listen() if the spec has a backlog; at SOCKCTL_ACCEPTED only what is not
 * inherited (with a report, the rest is read and compared, which costs a call each). All are tried, whatever becomes of
 * the others.
 * Returns: 0, or -errno of the first required setting that was refused.
 * Errors: those of setsockopt(2); -ENOTSOCK, -EAFNOSUPPORT: no IP socket. */
int sockctl_apply(int fd, enum sockctl_phase phase, const struct sockctl_spec *spec, struct sockctl_report *report);
/* Which settings of the spec cost a call for each connection that a TCP listener accepts, since the kernel does not
 * pass them on or changes them with the traffic: sockctl_apply(fd, SOCKCTL_ACCEPTED, spec, NULL) makes these and no
 * others. Fills in at most max names; options may be NULL if max is 0.
 * Returns: how many there are; 0: after accept4 there is nothing to do. */
int sockctl_accept_cost(const struct sockctl_spec *spec, const char *options[], unsigned max);
/* Finds the phase of a socket that somebody else opened, and makes every setting that can still be made; those for
 * which it is too late say so, and are no error.
 * Returns: as sockctl_apply. */
int sockctl_adopt(int fd, const struct sockctl_spec *spec, struct sockctl_report *report);
/* Compares a socket with the spec; changes nothing.
 * Returns: 0, however much differs, or -errno.
 * Errors: -ENOTSOCK, -EAFNOSUPPORT: no IP socket. */
int sockctl_audit(int fd, const struct sockctl_spec *spec, struct sockctl_report *report);

/* --- handing over: sockets that go from one process to another. Each has a name by which the receiver knows it. --- */

#define SOCKCTL_NAME_MAX     255     /* bytes of a name; systemd's FDNAME_MAX */
#define SOCKCTL_HANDOVER_MAX 253     /* descriptors in one message: the kernel's SCM_MAX_FD */
#define SOCKCTL_ANYBODY      ((uid_t)-1)

struct sockctl_named {
	int fd;
	char name[SOCKCTL_NAME_MAX + 1];
};

/* The sockets that a service manager has passed to this process, as sd_listen_fds(3) has it: fd 3 and up, named by
 * LISTEN_FDNAMES ("unknown" without). They are made CLOEXEC, and are the caller's, as they are: sockctl_audit says
 * how one differs from a spec, sockctl_adopt makes what can still be made, sockctl_local_address tells where it
 * listens. The environment is only read: a program that starts others may want to unsetenv() the three variables,
 * which matters little, as another process has another id. Not for threads that change the environment meanwhile.
 * Returns: how many, or -errno; 0: there are none, or LISTEN_PID is another process.
 * Errors: -EINVAL: a variable is not what it should be (the error names it; nothing was touched); -E2BIG: more than
 * max; -EBADF: a descriptor is not there. */
int sockctl_inherited(struct sockctl_named sockets[], unsigned max, struct sockctl_error *error);

/* Hands sockets to a successor over a connected Unix socket (stream or seqpacket, blocking): 1 to
 * SOCKCTL_HANDOVER_MAX. Both processes then hold the same sockets, and a listener's queue with them, so that
 * nothing is lost if the successor accepts before the predecessor stops to: the successor receives, starts to
 * accept, says so in the caller's own way; the predecessor then closes its listeners (the sockets live on), serves
 * the connections that it has, and ends. Listeners should be O_NONBLOCK, as two processes race for each connection
 * while both accept.
 * Returns: 0 or -errno.
 * Errors: those of sendmsg(2); -EINVAL: too few, too many, or a name that is none. */
int sockctl_send_listeners(int channel, const struct sockctl_named sockets[], unsigned count,
                           struct sockctl_error *error);
/* Receives them. `from`: the user that has to be the other end (SO_PEERCRED), usually geteuid(); SOCKCTL_ANYBODY
 * leaves it to the caller. They are CLOEXEC, and the caller's. On failure all that came is closed, and sockets[]
 * says nothing.
 * Returns: how many, or -errno.
 * Errors: those of recvmsg(2), such as -EAGAIN after SO_RCVTIMEO; -EPERM: another user, nothing was received;
 * -E2BIG: more than max; -EMFILE: not all found room in this process; -ENOTSOCK: something else came; -EPROTO: it
 * is not sockctl_send_listeners at the other end; -ECONNRESET: it left. */
int sockctl_receive_listeners(int channel, uid_t from, struct sockctl_named sockets[], unsigned max,
                              struct sockctl_error *error);

/* --- closing: one of several listeners of a port, without a loss. close() resets the connections that wait in its
 * queue, unless net.ipv4.tcp_migrate_req is 1. To lose none:
 *
 *     sockctl_retire(fd, count, i, &error);
 *     ... accept as before, for a few round trips: handshakes under way still come ...
 *     while (sockctl_close_listener(fd[i], 0, NULL, &error) == -EBUSY)
 *             serve(accept4(fd[i], NULL, NULL, SOCK_CLOEXEC));
 *     fd[i] = fd[--count];
 *     sockctl_steer(fd, count, &spec, &report);         (steer=hash, or what it was)
 * --- */

struct sockctl_queue {
	unsigned waiting;            /* connections that nobody has accepted yet */
	unsigned limit;              /* the backlog in effect */
	/* net.ipv4.tcp_migrate_req. 1: close() moves those who wait to another listener of the port, if there is one, which
	 * the kernel tells nobody; 0: it resets them; -1: the sysctl cannot be read, so it is unknown. */
	int migrates;
	uint64_t reserved[2];
};

/* Looks at a listener's queue. Handshakes under way are not counted; the kernel tells nothing of them.
 * Returns: 0 or -errno.
 * Errors: those of getsockopt(2), where it is no TCP socket; -EINVAL: it does not listen. */
int sockctl_queue_read(int fd, struct sockctl_queue *queue, struct sockctl_error *error);
/* Sends new connections past fd[which]; those in its queue and handshakes under way stay. With fd[0] to fd[count -
 * 1] all listeners of the port, in the order of their listen(), the others get them at once, at random (a BPF
 * program of the group, instead of its `steer`). With count 1, where the others belong to other processes, a socket
 * filter drops each SYN: such clients try again after 1 s, and by then the listener should be closed. Accepted
 * sockets inherit that filter, to no effect.
 * Returns: 0 or -errno.
 * Errors: those of setsockopt(2) and sockctl_queue_read. */
int sockctl_retire(const int fd[], unsigned count, unsigned which, struct sockctl_error *error);
/* Closes a listener if nobody waits in its queue, or if forced to. queue: what was found, may be NULL.
 * Returns: 0 or -errno.
 * Errors: those of sockctl_queue_read; -EBUSY: somebody waits; it stays open, and the hint says what would become
 * of them. */
int sockctl_close_listener(int fd, int force, struct sockctl_queue *queue, struct sockctl_error *error);

/* --- dialing: the first of several addresses that answers, by RFC 8305. Happy Eyeballs v2, its sections 4 to 6 and
 * 8: the caller resolves the name, keeps the clock, and waits. Addresses come in the order of RFC 6724, as
 * getaddrinfo sorts them.
 *
 *     sockctl_dial_init(&dial, &spec, NULL);
 *     for (ai = list; ai; ai = ai->ai_next)
 *             sockctl_dial_add(&dial, ai->ai_addr, ai->ai_addrlen);
 *     while ((fd = sockctl_dial_step(&dial, now_us(), &report)) == -EINPROGRESS)
 *             poll(fds, sockctl_dial_pollfds(&dial, fds, max), sockctl_dial_timeout_ms(&dial, now_us()));
 *
 * Families take turns; an attempt that has not answered after 250 ms is joined by the next one, one that failed is
 * followed by it at once, though not within 10 ms after its own start if it had sent anything (section 5). The
 * first handshake that completes wins, the other sockets are closed. Nothing ever blocks. --- */

#define SOCKCTL_DIAL_ADDRESSES 32

struct sockctl_dial {                /* opaque; copyable only before its first step, then it owns sockets */
	uint64_t opaque[1024];
};

enum sockctl_attempt_state {         /* Append only. */
	SOCKCTL_ATTEMPT_WAITING,     /* not yet its turn */
	SOCKCTL_ATTEMPT_UNDER_WAY,
	SOCKCTL_ATTEMPT_FAILED,      /* `error` */
	SOCKCTL_ATTEMPT_WON,         /* its fd was returned */
	SOCKCTL_ATTEMPT_LOST,        /* closed, as another won or the dial was cancelled */
};

struct sockctl_attempt {             /* what became of one address */
	struct sockaddr_storage address;
	socklen_t length;
	enum sockctl_attempt_state state;
	int error;                   /* errno of a failure, positive; else 0 */
	/* what failed: "socket", "setsockopt", "bind", "connect", "getsockname", "control hook"; static */
	const char *call;
	int64_t started_us, ended_us; /* by the caller's clock; -1: not yet, or cancelled */
	uint64_t reserved[4];
};

/* An empty dial; before, the memory may hold anything. spec, control and its arg are the caller's, and must stay
 * until the dial has ended. Both may be NULL. The hook's `shard` is the number of the attempt, from 0; it is called
 * at SOCKCTL_CREATED and SOCKCTL_PRE_CONNECT of every attempt, and at SOCKCTL_CONNECTED of the one that wins. Its
 * negative return fails that attempt, and the others go on. */
void sockctl_dial_init(struct sockctl_dial *dial, const struct sockctl_spec *spec,
                       const struct sockctl_control *control);
/* Before the first step. delay_us: how long an attempt is waited for before it is joined by the next one, 10000 to
 * 2000000, 0: 250000 (RFC 8305 recommends no less than 100000); first_family_count: so many addresses of the first
 * one's family come before families take turns, 0: 1.
 * Returns: 0 or -errno.
 * Errors: -ERANGE: no such delay. */
int sockctl_dial_pace(struct sockctl_dial *dial, int64_t delay_us, unsigned first_family_count);
/* The source address for destinations of its family; one for each. With port 0 the port is chosen by connect(), so
 * that it may serve other destinations at the same time (unless the spec says bind-address-no-port=off); another
 * port needs `reuseaddr` in the spec for more than one attempt. The address is copied.
 * Returns: 0 or -errno.
 * Errors: -EINVAL, -EAFNOSUPPORT: no IPv4 or IPv6 address. */
int sockctl_dial_bind(struct sockctl_dial *dial, const struct sockaddr *local, socklen_t length);
/* One more address, which is copied; one that is there already is left out. Also while the dial is under way, or
 * after all have failed: an answer of the resolver that came late.
 * Returns: 0 or -errno.
 * Errors: -EINVAL, -EAFNOSUPPORT: no IPv4 or IPv6 address; -ENOSPC: there are SOCKCTL_DIAL_ADDRESSES already. */
int sockctl_dial_add(struct sockctl_dial *dial, const struct sockaddr *address, socklen_t length);
/* Does what is due: to be called first of all, then whenever a socket of sockctl_dial_pollfds is ready or
 * sockctl_dial_timeout_ms has passed; more often does no harm. now_us: microseconds of a clock that does not go
 * back. A report speaks of the winner, whose settings are then read back, or of the failure; it is written at the
 * end only. With `fastopen-connect` and a cookie the kernel sends nothing before the first data, so that the first
 * address wins unseen.
 * Returns: the winner's fd (non-blocking, CLOEXEC, the caller's from now on), -EINPROGRESS if there is none yet, or
 * -errno.
 * Errors: those of sockctl_connect where all have failed: of the first that got as far as a handshake;
 * -EDESTADDRREQ: there is no address; -ECANCELED: after sockctl_dial_cancel; -EISCONN: after a win. */
int sockctl_dial_step(struct sockctl_dial *dial, int64_t now_us, struct sockctl_report *report);
/* How long poll() may wait at most. An overall limit is the caller's: take the smaller one, and sockctl_dial_cancel.
 * Returns: milliseconds until the next attempt is due, rounded up; -1 if none is. */
int sockctl_dial_timeout_ms(const struct sockctl_dial *dial, int64_t now_us);
/* The sockets under way, and POLLOUT to wait for; they change with every step. Fills in at most max.
 * Returns: how many there are, SOCKCTL_DIAL_ADDRESSES at most. */
int sockctl_dial_pollfds(const struct sockctl_dial *dial, struct pollfd fds[], unsigned max);
/* The index-th attempt: those that were started in the order of their start, then those that wait.
 * Returns: 0 or -errno.
 * Errors: -ENOENT: there are not so many. */
int sockctl_dial_attempt(const struct sockctl_dial *dial, unsigned index, struct sockctl_attempt *attempt);
/* Closes what is under way. Not needed after a step that returned an fd or a failure, and harmless there. */
void sockctl_dial_cancel(struct sockctl_dial *dial);

/* --- one-liners: the commonest settings of a socket that is at hand, read back. --- */

/* TCP_NODELAY, see tcp(7).
 * Returns: 0: in effect, read back; 1: accepted, but the kernel granted less; or -errno of setsockopt(2). */
int sockctl_set_nodelay(int fd, int on);
/* SO_RCVBUF and SO_SNDBUF, see socket(7), in the bytes that setsockopt takes; 0 or less leaves one as it is.
 * Returns: as sockctl_set_nodelay; 1 is a clamp by net.core.rmem_max or wmem_max. */
int sockctl_set_buffers(int fd, int rcv_bytes, int snd_bytes);
/* SO_KEEPALIVE with all three timers, see tcp(7): the switch last.
 * Returns: as sockctl_set_nodelay. */
int sockctl_set_keepalive(int fd, int idle_s, int interval_s, int count);
/* Bytes under way on a full path, from bits per second and microseconds.
 * Returns: the product, at most INT64_MAX; 0 where a factor is not positive. */
int64_t sockctl_bdp_bytes(int64_t rate_bps, int64_t rtt_us);

/* --- results: verdicts and errors in words, and names to walk over. --- */

/* The worst outcome of a report.
 * Returns: SOCKCTL_GRANTED for an empty report. */
enum sockctl_outcome sockctl_worst(const struct sockctl_report *report);
/* The words for an outcome and for a phase: "too late", "pre-bind".
 * Returns: a static string, "unknown" for what is none. */
const char *sockctl_outcome_name(enum sockctl_outcome outcome);
const char *sockctl_phase_name(enum sockctl_phase phase);
/* One line for a verdict: what was asked, what came of it, why, what to do, at what cost. 400 bytes hold it.
 * Returns: its length, which may be more than size, as snprintf does. */
int sockctl_verdict_text(const struct sockctl_verdict *verdict, char *text, size_t size);
/* One line for an error: "op subject: hint".
 * Returns: its length, which may be more than size, as snprintf does. */
int sockctl_error_text(const struct sockctl_error *error, char *text, size_t size);
/* Walks the names of the catalogue, in the order in which options are applied; NULL starts it.
 * Returns: the name behind this one; NULL at the end, or if there is no such option. */
const char *sockctl_option_next(const char *name);
/* The version of the library that runs, such as "0.1.0".
 * Returns: a static string. */
const char *sockctl_version(void);

#ifdef __cplusplus
}
#endif
#endif
