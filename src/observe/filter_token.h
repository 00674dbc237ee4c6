/* The words of a FILTER. Knows no grammar. */
#ifndef OBSERVE_FILTER_TOKEN_H
#define OBSERVE_FILTER_TOKEN_H
#include <stdbool.h>
#include <stddef.h>
#include "observe/filter.h"

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT, TOKEN_COMPARE };

struct token {
	enum token_kind kind;
	enum filter_compare compare;
	char text[FILTER_TEXT];      /* without its backslashes */
	bool cut;                    /* it was longer than any word of the language */
	const char *start;           /* in the filter's text, as written */
	size_t length;
};

/* Reads one token at *at and moves *at behind it. `value`: a word stands here, whatever it looks like: an operator in
 * it is part of it. */
void token_next(const char **at, bool value, struct token *ret);
#endif
