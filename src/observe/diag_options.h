/* The options that sock_diag tells, under their names of the catalogue: no look into the owner is needed for these. */
#ifndef OBSERVE_DIAG_OPTIONS_H
#define OBSERVE_DIAG_OPTIONS_H
#include "fact/socket_fact.h"

/* Writes the rows that sock_diag can tell at all into options[OPTION_COUNT], SOURCE_NONE where it did not tell of
 * this socket; leaves all others alone. A buffer's size is told, but not whether it is fixed. */
void diag_options(const struct socket_fact *, struct option_fact options[]);
#endif
