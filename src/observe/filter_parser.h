/* The parser's state, and what its two halves share: the grammar (filter_parse.c) and its conditions
 * (filter_condition.c). */
#ifndef OBSERVE_FILTER_PARSER_H
#define OBSERVE_FILTER_PARSER_H
#include "observe/filter.h"
#include "observe/filter_token.h"

struct parser {
	struct filter *filter;
	const struct filter_names *names;
	struct sockctl_error *error;
	const char *at;
	struct token token;          /* the next one, not yet taken */
	unsigned depth;
};

/* Returns code, with the token at fault in the error. */
int parser_reject(const struct parser *, int code, const struct token *, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void parser_advance(struct parser *);
/* A new node, zeroed but for its kind: its index, or -E2BIG. */
int parser_add(struct parser *, enum filter_kind, struct filter_node **ret);
/* AND or OR of two nodes; of NOT, left only. A negative index passes through. */
int parser_join(struct parser *, enum filter_kind, int left, int right);
/* One condition: the word, its comparison, its value. Returns the node's index or -errno. */
int parser_condition(struct parser *);

/* What follows a word. The comparison, if one is given, else =. */
enum filter_compare parser_compare(struct parser *, bool *ret_given);
/* The next token, read as a value: "/a=b" is one. 0 or -EINVAL; `word` is what it belongs to. */
int parser_value(struct parser *, const struct token *word, struct token *ret);
/* "= value" or "!= value", where no other comparison makes sense. */
int parser_equality(struct parser *, const struct token *word, bool *ret_not, struct token *ret);
/* Any comparison, which must be given: a lone word is what is left where the shell took "> 50ms" for a file. */
int parser_comparison(struct parser *, const struct token *word, enum filter_compare *ret_compare, struct token *ret);

/* Conditions on facts, options and owners: the node's index or -errno. */
int condition_pid(struct parser *, const struct token *word);
int condition_command(struct parser *, const struct token *word);
int condition_fact(struct parser *, const struct token *word, unsigned field);
int condition_option(struct parser *, const struct token *word, const struct option *);
#endif
