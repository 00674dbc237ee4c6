/* What follows a condition's word: the comparison and the value. */
#include <errno.h>
#include "observe/filter_parser.h"

enum filter_compare parser_compare(struct parser *parser, bool *ret_given)
{
	enum filter_compare compare = COMPARE_EQ;

	*ret_given = parser->token.kind == TOKEN_COMPARE;
	if (*ret_given) {
		compare = parser->token.compare;
		parser_advance(parser);
	}
	return compare;
}

/* The next token, read again as a value: "/a=b" is one. */
int parser_value(struct parser *parser, const struct token *word, struct token *ret)
{
	parser->at = parser->token.start;
	token_next(&parser->at, true, ret);
	parser_advance(parser);
	if (ret->kind == TOKEN_END)
		return parser_reject(parser, -EINVAL, word, "is followed by nothing");
	if (ret->kind != TOKEN_WORD || ret->cut)
		return parser_reject(parser, -EINVAL, ret, "%s expects a value", word->text);
	return 0;
}

/* `= value` or `!= value`, where no other comparison makes sense. */
int parser_equality(struct parser *parser, const struct token *word, bool *ret_not, struct token *ret)
{
	const struct token sign = parser->token;
	bool given;
	enum filter_compare compare = parser_compare(parser, &given);

	if (compare != COMPARE_EQ && compare != COMPARE_NE)
		return parser_reject(parser, -EINVAL, &sign, "%s takes = and != only", word->text);
	*ret_not = compare == COMPARE_NE;
	return parser_value(parser, word, ret);
}

/* A fact or an option must be compared: a lone word is what is left where the shell took `> 50ms` for a file. */
int parser_comparison(struct parser *parser, const struct token *word, enum filter_compare *ret_compare,
		      struct token *ret)
{
	bool given;

	*ret_compare = parser_compare(parser, &given);
	if (!given)
		return parser_reject(
			parser, -EINVAL, word,
			"is compared with nothing; eq ne gt lt ge le are the words (a shell takes < and >)");
	return parser_value(parser, word, ret);
}
