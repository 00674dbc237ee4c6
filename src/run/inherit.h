/* Descriptors that the program inherits: those without FD_CLOEXEC. */
#ifndef RUN_INHERIT_H
#define RUN_INHERIT_H
#include "run/run.h"

/* Tunes the TCP sockets among them: listeners of a service manager (LISTEN_FDS), a connection of inetd's. */
void inherited_adopt(const struct run_request *);
/* Fills what is closed of stdin, stdout and stderr, so that no descriptor of ours lands there; the program finds
 * them closed. */
void inherited_reserve(void);
/* Closes those above 2 here, so that the program's are the only ones, and makes stdin and stdout /dev/null. */
void inherited_leave(void);
#endif
