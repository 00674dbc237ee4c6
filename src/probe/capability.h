/* The calling process's effective capabilities, one by one. */
#ifndef PROBE_CAPABILITY_H
#define PROBE_CAPABILITY_H

/* Gives all up but the index-th of probe_capability_names (-1: all). 0 or -errno. */
int capability_keep_only(int index);
int capability_restore(void);        /* takes back what is permitted; 0 or -errno */
#endif
