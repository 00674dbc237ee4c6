/* Where a process belongs. Plain data. */
#ifndef FACT_PROCESS_FACT_H
#define FACT_PROCESS_FACT_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Files of a process: sockets count as such. UINT64_MAX: unlimited. */
struct process_files {
	uint64_t soft, hard;         /* RLIMIT_NOFILE: accept() and socket() fail with EMFILE at the soft one */
	int64_t open;                /* -1: not to be seen by this user */
};

struct process_fact {
	pid_t pid;
	const char *cgroup;          /* its path below the hierarchy that systemd uses; any bytes but 0; NULL: unknown */
	const char *unit;            /* "nginx.service": the systemd unit that the path names; NULL: none, or unknown */
	bool files_known;            /* false: not asked for either */
	struct process_files files;
};
#endif
