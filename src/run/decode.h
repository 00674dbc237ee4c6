/* Which call a notification is about, by (architecture, number). Acts on nothing. */
#ifndef RUN_DECODE_H
#define RUN_DECODE_H
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/types.h>
#include "run/trap.h"

/* A call of the program, whatever architecture it was made on. */
struct call_made {
	enum call call;              /* CALL_NONE: none of ours, or unreadable */
	int fd;
	uint64_t address;            /* bind, connect: where the program keeps the sockaddr */
	unsigned address_length;
	int backlog;                 /* listen */
	int level, number;           /* setsockopt */
};

enum { ARCHITECTURES_MAX = 3 };

/* One system call interface that programs on this machine can use. */
struct architecture {
	uint32_t audit;              /* AUDIT_ARCH_... as the kernel reports it */
	uint32_t token;              /* libseccomp's name of it */
	int number[CALL_COUNT];      /* system call numbers; -1 in [CALL_NONE] */
	int multiplexer;             /* number of socketcall(2), -1: none */
};
extern const struct architecture architectures[];    /* the native one first; ends with audit == 0 */

/* pid: whose memory holds the arguments of a socketcall(2). */
void call_decode(const struct seccomp_data *, pid_t pid, struct call_made *ret);
#endif
