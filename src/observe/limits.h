/* Limits that are more than one number of /proc/sys. Changes nothing. */
#ifndef OBSERVE_LIMITS_H
#define OBSERVE_LIMITS_H
#include "fact/port_range.h"
#include "fact/process_fact.h"

/* Of the calling thread's network namespace. 0 or -errno. */
int limits_ports(struct port_range *ret);

/* proc: "/proc". 0, or -errno: -ESRCH if there is no such process. */
int limits_files(const char *proc, pid_t pid, struct process_files *ret);
/* The soft and hard number of the line "Max open files" of a text in the form of /proc/PID/limits. 0 or -EPROTO. */
int limits_parse(const char *text, struct process_files *ret);
#endif
