/* Where a process belongs. Plain data. */
#ifndef FACT_PROCESS_FACT_H
#define FACT_PROCESS_FACT_H
#include <sys/types.h>

struct process_fact {
	pid_t pid;
	const char *cgroup;          /* its path below the hierarchy that systemd uses; any bytes but 0; NULL: unknown */
	const char *unit;            /* "nginx.service": the systemd unit that the path names; NULL: none, or unknown */
};
#endif
