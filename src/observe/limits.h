/* Limits that are more than one number of /proc/sys. Changes nothing. */
#ifndef OBSERVE_LIMITS_H
#define OBSERVE_LIMITS_H
#include <sys/types.h>
#include "fact/port_range.h"

/* Of the calling thread's network namespace. 0 or -errno. */
int limits_ports(struct port_range *ret);

/* Files of a process: sockets count as such. UINT64_MAX: unlimited. */
struct process_files {
	uint64_t soft, hard;         /* RLIMIT_NOFILE: accept() and socket() fail with EMFILE at the soft one */
	int64_t open;                /* -1: not to be seen by this user */
};
/* 0, or -errno: -ESRCH if there is no such process. */
int limits_files(pid_t pid, struct process_files *ret);
/* The soft and hard number of the line "Max open files" of a text in the form of /proc/PID/limits. 0 or -EPROTO. */
int limits_parse(const char *text, struct process_files *ret);
#endif
