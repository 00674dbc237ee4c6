/* A walk for one socket of the test's own. Assertions fail the test that calls. */
#ifndef NET_LOOK_H
#define NET_LOOK_H
#include <netinet/in.h>
#include "observe/sockets.h"

struct look {
	uint64_t cookie;
	unsigned seen;
	struct socket_fact fact;             /* its pointers end with the walk */
	struct owner_fact owner;             /* of the first */
	struct option_fact options[OPTION_COUNT];
};

/* For sockets_walk(): keeps the socket with look->cookie. */
int look_at(void *look, const struct socket_fact *);
/* The whole walk, which must meet the socket once. */
void look_for(int fd, const struct sockets_query *, struct look *ret);
uint64_t cookie_of(int fd);
/* So many keys of TCP_MD5SIG. false: this kernel has none (ENOPROTOOPT). */
bool keys_add(int fd, unsigned count);
/* To a free port of the host; v6only is of AF_INET6. A descriptor. */
int bound(int family, int type, const char *host, struct sockaddr_in6 *ret, bool v6only);
#endif
