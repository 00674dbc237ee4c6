/* What the tests of the iterators share: the programs, loaded once, and sockets of the test's own. Assertions fail the
 * test that calls. */
#ifndef NET_ZOO_H
#define NET_ZOO_H
#include "observe/iterator.h"

extern struct iterator *by_hand, *asking, *datagrams;        /* asking: by bpf_getsockopt */
extern const struct iterator_request everything;

/* Before the network namespace is entered. What fails is told by need_bpf(), which skips where nobody may load them. */
void iterators_open(void);
void need_bpf(void);
void iterators_close(void);

enum { ZOO_SOCKETS = 16 };
struct zoo {
	int fd[ZOO_SOCKETS];
	unsigned count;
};

int zoo_add(struct zoo *, int fd);
/* A listener, a connection to it, and what accept() made of that. */
void zoo_connection(struct zoo *, int family);
struct zoo zoo_open(void);                   /* one of IPv4 and one of IPv6 */
struct zoo zoo_of_datagrams(void);           /* of each family a bound one, and one that is connected to it */
void zoo_close(struct zoo *);
#endif
