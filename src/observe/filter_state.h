/* TCP states by the names that ss and its users have for them. */
#ifndef OBSERVE_FILTER_STATE_H
#define OBSERVE_FILTER_STATE_H
#include <stdint.h>

/* Bits 1 << TCP_ESTABLISHED... of one state or of a set (connected, synchronized, bucket, big, all); 0 if the name is
 * unknown. */
uint32_t filter_states(const char *name);
const char *filter_state_name(unsigned state);       /* "established"; "unknown" */
const char *filter_state_next(unsigned index);       /* every name, for messages and completion; NULL ends them */
#endif
