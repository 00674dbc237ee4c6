/* A process tree that cannot outlive us: pid, mount, network and (without root) user namespaces of its own. */
#ifndef LAB_CONTAIN_H
#define LAB_CONTAIN_H
#include "sockctl.h"

/* Runs body(arg) as pid 1 of the new namespaces and waits for it; signals TERM, INT, HUP, QUIT are passed on to it. When the
 * caller dies, even by SIGKILL, the kernel kills everything inside. Ids are mapped one to one: programs run as the same user.
 * Returns the body's exit status (0 to 255), 128 + signal if it was killed, or -errno with `error`: -EPERM or -ENOSPC where user
 * namespaces are restricted (the hint says by what). */
int contain_run(int (*body)(void *arg), void *arg, struct sockctl_error *error);
#endif
