/* Reads the sysctls that cap sockets, in the calling thread's network namespace. Changes nothing. */
#ifndef OBSERVE_SYSCTLS_H
#define OBSERVE_SYSCTLS_H
#include "fact/sysctl_fact.h"

void sysctls_read(struct sysctl_facts *);            /* what cannot be read is not known */
#endif
