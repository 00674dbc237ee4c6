/* A process tree that cannot outlive us: pid, mount, network and (without root) user namespaces of its own. */
#ifndef LAB_CONTAIN_H
#define LAB_CONTAIN_H
#include "sockctl.h"

/* Runs body(arg) in a child process inside new namespaces and waits for it; signals TERM, INT, HUP, QUIT that are sent
 * to us are passed on to it (those that a terminal makes reach it anyway). When the caller dies, even by SIGKILL, the
 * kernel kills everything inside. Ids are mapped one to one: programs run as the same user; the body keeps the
 * capabilities over the new namespaces as long as it does not exec. /proc is a fresh one where the kernel allows that.
 * Pid 1 of the new namespace is a small process between caller and body that reaps orphans: the body waits for its own
 * children as anywhere else, with waitpid() on any of them. When the body ends, everything it left running is killed.
 * The body has memory of its own: results go through a pipe or MAP_SHARED memory. stdio is flushed before and after.
 * Returns the body's exit status (0 to 255), 128 + signal if it was killed, or -errno with `error`: -EPERM or -ENOSPC
 * where user namespaces are restricted (the hint says by what). */
int contain_run(int (*body)(void *arg), void *arg, struct sockctl_error *error);
#endif
