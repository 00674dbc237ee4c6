/* What to set: an ordered set of settings. The inside of struct sockctl_spec. Opens nothing, allocates nothing. */
#ifndef CATALOG_SPEC_H
#define CATALOG_SPEC_H
#include "catalog/value.h"

struct setting {
	uint16_t option;             /* enum option_id */
	bool optional;               /* try: */
	struct value value;
};

struct spec {
	unsigned count;
	struct setting setting[SOCKCTL_SETTINGS_MAX];    /* in the order in which they were written; no two share a place */
};
_Static_assert(sizeof(struct spec) <= sizeof(struct sockctl_spec), "spec outgrew its public room");
_Static_assert(OPTION_COUNT - 1 <= SOCKCTL_SETTINGS_MAX, "a spec must have room for every option");

enum { SPEC_TEXT_MAX = 8192 };       /* room for the text of any spec that has each option once */

struct spec *spec_of(struct sockctl_spec *);
const struct spec *spec_view(const struct sockctl_spec *);

int spec_parse(struct spec *, const char *text, struct sockctl_error *);      /* see sockctl_spec_parse */
int spec_add(struct spec *, const char *text, struct sockctl_error *);        /* see sockctl_spec_add */
int spec_format(const struct spec *, char *text, size_t size);                /* see sockctl_spec_format */
const struct setting *spec_find(const struct spec *, enum option_id);         /* NULL if not set */
/* Adds or replaces one setting, also one of another option in the same place of the kernel; -E2BIG if there is no room. */
int spec_put(struct spec *, enum option_id, bool optional, const struct value *);
void spec_remove(struct spec *, enum option_id);
int spec_merge(struct spec *, const struct spec *over);                       /* over wins; -E2BIG leaves it as it was */
bool spec_equal(const struct spec *, const struct spec *);                    /* order does not count */
#endif
