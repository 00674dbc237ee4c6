/* Rows made wrong on purpose, to see that the contract would notice. */
#ifndef CONTRACT_MUTATION_H
#define CONTRACT_MUTATION_H
#include "probe/departure.h"

enum { MUTATIONS = 17 };     /* lines of TAP that mutations_check prints */
/* `first`: the number of its first line. */
bool mutations_check(const struct probe *, unsigned first);
#endif
