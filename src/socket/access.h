/* Sets and reads one option of one socket: one accessor per `via`. The only place that calls set/getsockopt for
 * options. */
#ifndef SOCKET_ACCESS_H
#define SOCKET_ACCESS_H
#include "catalog/value.h"

/* 0 or -errno. place: index into option->place. FORM_AUTO unlocks a buffer (-ENOPROTOOPT before Linux 5.14). */
int access_set(int fd, const struct option *, unsigned place, const struct value *);
int access_get(int fd, const struct option *, unsigned place, struct value *ret);
/* Is the buffer left to autotuning? ret->form is FORM_AUTO if so, else FORM_NUMBER; ret->number its size either
 * way. */
int access_get_auto(int fd, const struct option *, unsigned place, struct value *ret);
/* The call that setting this option makes: "setsockopt", "listen". */
const char *access_call(const struct option *);

/* What the kernel knows of the socket itself: family, SOCK_STREAM and so on, listening; -errno if it is no IP
 * socket. */
struct access_facts {
	int family, type, protocol;
	bool listening, connected, bound, dual_stack;
};
int access_facts_read(int fd, struct access_facts *ret);
/* The same, but only family, type and dual_stack: two calls for IPv4, at most four. */
int access_kind_read(int fd, struct access_facts *ret);
/* May a socket bound to this address have IPv4 traffic through IPv6: is it [::], or IPv4-mapped? */
bool access_may_be_dual(const struct sockaddr_storage *);
/* Does this AF_INET6 socket, for which that is so, take IPv4 too? 0 or -errno. */
int access_dual_stack(int fd, bool *ret);
/* The largest window in bytes that the handshake's window scale lets this socket announce; -errno. */
int access_window_cap(int fd, int64_t *ret_bytes);
#endif
