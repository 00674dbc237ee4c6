/* Where to listen, as people write it: protocol, address, port and interface; one parser for lists of them.
 * Resolves no names of hosts, opens nothing. */
#ifndef SOCKET_ENDPOINT_H
#define SOCKET_ENDPOINT_H
#include <stdbool.h>
#include <stdint.h>
#include "sockctl.h"

struct endpoint {
	struct sockaddr_storage address;
	socklen_t length;
	uint8_t protocol; /* PROTOCOL_TCP or PROTOCOL_UDP */
	bool both;        /* ":80", "*:80": every address of both families */
	char device[16];  /* "[::]%eth0:80": bound to that interface; "" if to none */
	char text[sizeof(((struct sockctl_error *)0)->subject)]; /* as it was written */
};

/* Takes the next one off the list (sockctl_listen says how it is written). 1; 0 at the list's end; -EINVAL: not of
 * this form; -ENODEV: no interface has the name of a scope; other -errno: that could not be found out. *ret is
 * untouched but after 1. */
int endpoint_next(const char **list, struct endpoint *ret, struct sockctl_error *);
/* How many there are; -errno of the first that is none, also -EINVAL for an empty list. */
int endpoint_count(const char *list, struct sockctl_error *);
/* In the same notation, canonical: "udp:[::]%eth0:53", TCP without its name; as snprintf. */
int endpoint_format(const struct endpoint *, char *text, size_t size);
/* ":80" where the kernel has no IPv6. */
void endpoint_make_ipv4(struct endpoint *);
#endif
