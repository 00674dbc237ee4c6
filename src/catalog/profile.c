/* Finding a profile. The table itself is made from profiles/ by tools/profiles. */
#include "catalog/profile.h"
#include <string.h>

const struct profile *profile_find(const char *name, size_t length)
{
	for (const struct profile *p = profiles; p->name; p++)
		if (strlen(p->name) == length && !memcmp(p->name, name, length))
			return p;
	return NULL;
}
