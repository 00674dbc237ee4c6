/* Network namespaces as file descriptors. A namespace lives as long as a descriptor or a process holds it. */
#ifndef LAB_NETNS_H
#define LAB_NETNS_H

int netns_current(void);             /* the calling thread's; a CLOEXEC fd or -errno */
int netns_create(void);              /* a new one; the calling thread stays where it is; a CLOEXEC fd or -errno */
int netns_enter(int netns);          /* the calling thread; 0 or -errno */
#endif
