/* Sets and reads one option of one socket: one accessor per `via`. The only place that calls set/getsockopt for options. */
#ifndef SOCKET_ACCESS_H
#define SOCKET_ACCESS_H
#include "catalog/value.h"

/* 0 or -errno. place: index into option->place. */
int access_set(int fd, const struct option *, unsigned place, const struct value *);
int access_get(int fd, const struct option *, unsigned place, struct value *ret);
/* What the kernel knows of the socket itself: family, SOCK_STREAM and so on, listening; -errno if it is no IP socket. */
struct access_facts {
	int family, type, protocol;
	bool listening, connected, bound, dual_stack;
};
int access_facts_read(int fd, struct access_facts *ret);
#endif
