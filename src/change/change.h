/* One old value, one new value, one target; journaled before it is made, so that it can be taken back. */
#ifndef CHANGE_CHANGE_H
#define CHANGE_CHANGE_H
#include "catalog/value.h"

struct change {
	uint16_t option;                     /* enum option_id */
	uint64_t cookie;                     /* SO_COOKIE of the target: an fd number may have been reused */
	struct value old_value, new_value;
};
#endif
