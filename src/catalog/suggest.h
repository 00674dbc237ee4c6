/* The nearest known name to a misspelt one. Knows no table. */
#ifndef CATALOG_SUGGEST_H
#define CATALOG_SUGGEST_H
#include <stddef.h>

enum { SUGGEST_FAR = 1000 };

/* How far word[0..length) is from name: 0 = the same but for case, '-' and '_'; SUGGEST_FAR = nothing like it. */
unsigned suggest_distance(const char *word, size_t length, const char *name, size_t name_length);
#endif
