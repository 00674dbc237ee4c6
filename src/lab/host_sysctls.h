/* The host's own TCP sysctls, so that what is measured in a new network namespace holds for this host: some start there
 * at built-in values instead. */
#ifndef LAB_HOST_SYSCTLS_H
#define LAB_HOST_SYSCTLS_H

/* Reads them in the calling thread's namespace, the first time it is called in this process or a parent. */
void host_sysctls_remember(void);
/* Writes those that differ into the calling thread's namespace. Without privilege over it, nothing happens. */
void host_sysctls_apply(void);
#endif
