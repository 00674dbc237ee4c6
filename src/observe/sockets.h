/* The sockets of this namespace, or of others, that match, one by one, with all that was asked for. Changes
 * nothing; a dump is not a snapshot. */
#ifndef OBSERVE_SOCKETS_H
#define OBSERVE_SOCKETS_H
#include "observe/filter.h"
#include "observe/netns.h"
#include "observe/owners.h"

struct sockets_query {
	bool tcp, udp, unix_sockets;
	uint8_t family;              /* of TCP and UDP; 0: both */
	uint32_t states;             /* bits 1 << TCP_ESTABLISHED..., besides those of the filter */
	const struct filter *filter; /* NULL: all */
	bool owners, options;        /* asked for, even if the filter does not need them */
	bool marks;                  /* and keys of TCP_MD5SIG; the filter's own are asked for anyway */
	bool diag_options;           /* of the options those that sock_diag tells, which cost no look into the owner */
	bool congestion;             /* what congestion controls tell, though it takes a request for each socket */
	bool processes;              /* with owners: where they belong (cgroup, unit) */
	bool process_files;          /* and how many files they have open, of how many */
	const struct netns_list
		*netns;  /* NULL: the calling thread's; each socket's `netns` says in which it was seen */
	bool privileged; /* may ask the kernel about marks */
};

struct sockets_outcome {
	uint64_t shown;
	uint64_t undecided;        /* neither yes nor no: a fact that the filter needs is unknown for them */
	unsigned hidden_processes; /* that could not be looked into */
	unsigned namespaces;       /* that were walked through */
	bool complete;
	char why[200];                     /* it is not complete */
	enum option_source options_source; /* SOURCE_NONE: none were asked for; SOURCE_ITERATOR reads those of all */
	char options_why[400];             /* it is not that */
};

/* 0, visit's non-zero result, or -errno with `error`, which is untouched otherwise. A dump that is interrupted or cut
 * off, a table that the kernel lacks, a namespace that is not for us: no errors, as long as anything else could be
 * read; outcome says so. */
int sockets_walk(const struct sockets_query *, int (*visit)(void *arg, const struct socket_fact *), void *arg,
		 struct sockets_outcome *, struct sockctl_error *);
#endif
