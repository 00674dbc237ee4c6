/* The settings of one phase, made on one socket: set all, read all back, judge. Opens and closes nothing. */
#ifndef SOCKET_APPLY_H
#define SOCKET_APPLY_H
#include "socket/access.h"
#include "socket/plan.h"

struct applying {
	int fd;
	enum sockctl_phase phase;    /* of the socket now */
	const struct spec *spec;
	unsigned shard;
	bool datagram;               /* accepts nothing */
	bool foreign;                /* somebody else opened it: what the spec does not say of it is not known either */
	bool only_read;              /* nothing was set: what matches on an accepted socket is inherited */
};

/* Makes the steps of the plan and merges what became of them into the report (never NULL). All are tried; 0, or
 * -errno of the first required setting that was refused, with report->error set. */
int apply_plan(const struct applying *, const struct plan *, struct sockctl_report *);
/* Only sets: the report tells of refusals alone. */
int apply_set(const struct applying *, const struct plan *, struct sockctl_report *);
/* Merges a refusal (r: -errno) into the report; symbol: the place that refused. r if the setting was required, with
 * report->error set; else 0. */
int apply_refused(const struct applying *, unsigned setting, const char *symbol, int r, struct sockctl_report *);
/* Only reads and judges. */
void apply_compare(const struct applying *, const struct plan *, struct sockctl_report *);
/* Merges an outcome that needs no call; limit may be NULL. */
void apply_mark(const struct applying *, unsigned setting, enum sockctl_outcome, const char *limit,
		struct sockctl_report *);
/* Marks the settings that no kernel looks at any more as inert: they are never made. */
void apply_dead(const struct applying *, struct sockctl_report *);
/* The same, and marks the settings that the socket does not have (its protocol, its family) as unsupported; -errno of the first
 * required one, with report->error set. */
int apply_unsupported(const struct applying *, const struct plan_target *, struct sockctl_report *);
/* The target that a plan for this socket needs, from facts of which only the kind was read. */
struct plan_target apply_target(const struct access_facts *);
/* Says that fd is no IP socket; returns r, which access_..._read returned. */
int apply_socket_error(int fd, int r, struct sockctl_error *error);
/* Calls the hook, if there is one; its -errno with `error` set. */
int apply_control(const struct sockctl_control *, const struct applying *, struct sockctl_error *error);

/* The empty spec for NULL. */
const struct spec *apply_spec(const struct sockctl_spec *);
#endif
