/* The grammar of FILTER: `or` binds least, then `and` (the word, or nothing), then `not`. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include "base/error.h"
#include "base/text.h"
#include "observe/filter_parser.h"

int parser_reject(const struct parser *parser, int code, const struct token *token, const char *format, ...)
{
	char shown[72], hint[200];
	va_list args;

	va_start(args, format);
	vsnprintf(hint, sizeof hint, format, args);
	va_end(args);
	snprintf(shown, sizeof shown, "%.*s", token->length < 64 ? (int)token->length : 64, token->start);
	return error_set(parser->error, code, "filter", text_harmless(shown), "%s", text_harmless(hint));
}

void parser_advance(struct parser *parser)
{
	token_next(&parser->at, false, &parser->token);
}

int parser_add(struct parser *parser, enum filter_kind kind, struct filter_node **ret)
{
	struct filter *filter = parser->filter;

	if (filter->count == FILTER_NODES)
		return parser_reject(parser, -E2BIG, &parser->token, "more than %d terms in one filter", FILTER_NODES);
	*ret = &filter->node[filter->count];
	**ret = (struct filter_node){.kind = (uint8_t)kind};
	return filter->count++;
}

int parser_join(struct parser *parser, enum filter_kind kind, int left, int right)
{
	struct filter_node *node;
	int index = left < 0 ? left : right < 0 ? right : parser_add(parser, kind, &node);

	if (index >= 0) {
		node->left = (uint16_t)left;
		node->right = (uint16_t)right;
	}
	return index;
}

static int parse_or(struct parser *parser);

static int parse_parentheses(struct parser *parser)
{
	const struct token open = parser->token;
	int index;

	parser_advance(parser);
	index = parse_or(parser);
	if (index < 0)
		return index;
	if (parser->token.kind != TOKEN_CLOSE)
		return parser_reject(parser, -EINVAL, &open, "is not closed");
	parser_advance(parser);
	return index;
}

static int parse_unary(struct parser *parser)
{
	int index;

	if (parser->depth == FILTER_DEPTH)
		return parser_reject(parser, -E2BIG, &parser->token, "more than %d levels deep", FILTER_DEPTH);
	parser->depth++;
	switch (parser->token.kind) {
	case TOKEN_NOT:
		parser_advance(parser);
		index = parse_unary(parser);
		index = parser_join(parser, FILTER_NOT, index, index);
		break;
	case TOKEN_OPEN:
		index = parse_parentheses(parser);
		break;
	case TOKEN_WORD:
		index = parser_condition(parser);
		break;
	case TOKEN_END:
		index = parser_reject(parser, -EINVAL, &parser->token, "the filter ends where a condition is expected");
		break;
	default:
		index = parser_reject(parser, -EINVAL, &parser->token, "a condition is expected here");
	}
	parser->depth--;
	return index;
}

static bool begins_unary(const struct parser *parser)
{
	return parser->token.kind == TOKEN_NOT || parser->token.kind == TOKEN_OPEN || parser->token.kind == TOKEN_WORD;
}

static int parse_and(struct parser *parser)
{
	int index = parse_unary(parser);

	while (index >= 0 && (parser->token.kind == TOKEN_AND || begins_unary(parser))) {
		if (parser->token.kind == TOKEN_AND)
			parser_advance(parser);
		index = parser_join(parser, FILTER_AND, index, parse_unary(parser));
	}
	return index;
}

static int parse_or(struct parser *parser)
{
	int index = parse_and(parser);

	while (index >= 0 && parser->token.kind == TOKEN_OR) {
		parser_advance(parser);
		index = parser_join(parser, FILTER_OR, index, parse_and(parser));
	}
	return index;
}

int filter_parse(struct filter *ret, const char *text, const struct filter_names *names, struct sockctl_error *error)
{
	struct parser parser = {.filter = ret, .names = names, .error = error, .at = text};
	struct filter_node *node;
	int root;

	ret->count = 0;
	parser_advance(&parser);
	if (parser.token.kind == TOKEN_END)
		root = parser_add(&parser, FILTER_ALL, &node);
	else
		root = parse_or(&parser);
	if (root >= 0 && parser.token.kind != TOKEN_END)
		return parser_reject(&parser, -EINVAL, &parser.token,
				     parser.token.kind == TOKEN_CLOSE ? "was not opened" : "is not expected here");
	ret->root = (uint16_t)root;
	return root < 0 ? root : 0;
}
