/* Sockets that a service manager passed, as sd_listen_fds(3) describes it. Knows no service manager. */
#ifndef SOCKET_INHERITED_H
#define SOCKET_INHERITED_H
#include "sockctl.h"

struct inherited_environment { /* NULL: not set */
	const char *pid, *fds, *names;
};

/* What the environment says: how many sockets there are, from fd 3 on; fills fd and name of each. 0: none for the
 * process `self`. Errors as sockctl_inherited, but for those of the descriptors, which it does not look at. */
int inherited_parse(const struct inherited_environment *, pid_t self, struct sockctl_named sockets[], unsigned max,
		    struct sockctl_error *);
#endif
