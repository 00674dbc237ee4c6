/* What the parser of a list and the parser of its values share. Private to factor_parse.c and factor_values.c. */
#ifndef LAB_FACTOR_PARSER_H
#define LAB_FACTOR_PARSER_H
#include "catalog/spec.h"
#include "lab/remedy.h"

struct parser {
	const struct path *path;
	const struct arm *base;
	struct sockctl_error *error;
	char token[64]; /* the item, for errors */
};

struct piece {
	const char *start;
	size_t length;
};

/* Cuts at the separator: *left is what stands before it, the rest follows it. False if it is not there. */
bool piece_cut(struct piece whole, const char *separator, struct piece *left, struct piece *right);
/* An error about the token. Returns code. */
int factor_bad(const struct parser *, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Has the base that option, on all of the factor's hosts, with that value? NULL: with any. */
bool factor_in_base(const struct parser *, const struct factor *, const struct value *);
bool factor_has_numbers(const struct factor *);      /* so that its values have an order */
/* The rungs: `a|b|c` or `low..high`; or, where the list names none, those of the table of remedies (NULL: none is
 * known). 0 or -errno. */
int factor_values(const struct parser *, struct factor *, struct piece values);
int factor_ladder(const struct parser *, struct factor *, const struct remedy *);
#endif
