/* A network namespace of the test's own. */
#ifndef NET_NAMESPACE_H
#define NET_NAMESPACE_H

/* Moves the process into a network namespace with its loopback up, and into a user namespace if it must. 0 or
 * -errno. */
int namespace_enter(void);
#endif
