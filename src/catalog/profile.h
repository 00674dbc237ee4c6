/* Named specs that ship as files under profiles/ and are compiled in: @interactive, @bulk, @long-haul, @server, @reliable. */
#ifndef CATALOG_PROFILE_H
#define CATALOG_PROFILE_H
#include <stddef.h>

struct profile {
	const char *name;
	const char *text;            /* one paragraph: for whom, and at what cost */
	const char *source;          /* where the values come from */
	const char *spec;
};
extern const struct profile profiles[];      /* ends with a NULL name */

const struct profile *profile_find(const char *name, size_t length);     /* NULL if unknown */
#endif
