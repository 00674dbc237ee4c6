/* The TCP or UDP sockets of a network namespace with all that sock_diag tells and every option that it hides, in one
 * pass of a BPF program. Needs CAP_BPF and CAP_PERFMON of the host; shows everybody's sockets, as sock_diag does.
 * Changes nothing; a pass is not a snapshot. */
#ifndef OBSERVE_ITERATOR_H
#define OBSERVE_ITERATOR_H
#include "observe/diag.h"

struct iterator;

struct iterator_request {
	uint8_t family;              /* 0: both */
	uint32_t states;             /* bits 1 << TCP_ESTABLISHED... */
};

/* Loads the program for IPPROTO_TCP or IPPROTO_UDP, which takes some milliseconds; one serves any number of passes. 0
 * or -errno: what stands in the way is in the error, -EOPNOTSUPP where sockctl was built without BPF. */
int iterator_open(struct iterator **ret, uint8_t protocol, struct sockctl_error *);
/* TCP with options from bpf_getsockopt alone, as far as that reads them: to compare. */
int iterator_open_asking(struct iterator **ret, struct sockctl_error *);
/* One pass over the namespace in which the calling thread is. 0, visit's non-zero result (which ends the pass), or
 * -errno. The socket and its options are valid during the visit. */
int iterator_walk(struct iterator *, const struct iterator_request *, diag_visit *, void *arg, struct sockctl_error *);
void iterator_close(struct iterator *);              /* takes NULL */
#endif
