/* bench/accept: what its parts share. A server accepts connections, sends each one byte and closes it. */
#ifndef BENCH_ACCEPT_H
#define BENCH_ACCEPT_H
#include "server.h"

enum { ACCEPT_ROUNDS = 32, ACCEPT_BURST = 400 };

struct burst {
	/* From letting the server go until the last connection got its byte; without the time in which the server
	 * was ready to run and others had its CPU. */
	uint64_t elapsed_ns;
	uint64_t cpu_ns;                     /* what the server's process used, until all were closed */
};
/* `count` connections complete their handshake while the server is held; then it is let go. */
bool burst_run(const struct server *, struct scene *, unsigned count, struct burst *);

/* System calls that a server makes while it serves a burst, by strace. */
enum { CALLS_MAX = 48 };
struct calls {
	struct call {
		char name[32];
		double per_connection;
	} call[CALLS_MAX];
	unsigned count;
	double total, setsockopt;            /* per connection */
};
bool calls_count(struct scene *, const char *command, uint16_t port, const char *strace, struct calls *);

/* Of a server that holds its connections: which settings of CONNECTION_SPEC one of them lacks, as "name=value ...". */
bool audit_run(const struct server *, struct scene *, char *lacking, size_t size);
#endif
