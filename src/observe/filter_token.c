/* Words, operators and parentheses. Blanks separate; parentheses and comparisons also stand without them, as in
 * "(sport=:443)". A backslash takes the next character as it is. */
#include "observe/filter_token.h"
#include <string.h>

/* clang-format off: one row, one line */
static const struct {
	const char *word;
	enum token_kind kind;
	enum filter_compare compare;
} words[] = {
	{"!", TOKEN_NOT, 0},
	{"not", TOKEN_NOT, 0},
	{"&", TOKEN_AND, 0},
	{"&&", TOKEN_AND, 0},
	{"and", TOKEN_AND, 0},
	{"|", TOKEN_OR, 0},
	{"||", TOKEN_OR, 0},
	{"or", TOKEN_OR, 0},
	{"=", TOKEN_COMPARE, COMPARE_EQ},
	{"==", TOKEN_COMPARE, COMPARE_EQ},
	{"eq", TOKEN_COMPARE, COMPARE_EQ},
	{"!=", TOKEN_COMPARE, COMPARE_NE},
	{"ne", TOKEN_COMPARE, COMPARE_NE},
	{"neq", TOKEN_COMPARE, COMPARE_NE},
	{">", TOKEN_COMPARE, COMPARE_GT},
	{"gt", TOKEN_COMPARE, COMPARE_GT},
	{"<", TOKEN_COMPARE, COMPARE_LT},
	{"lt", TOKEN_COMPARE, COMPARE_LT},
	{">=", TOKEN_COMPARE, COMPARE_GE},
	{"ge", TOKEN_COMPARE, COMPARE_GE},
	{"geq", TOKEN_COMPARE, COMPARE_GE},
	{"<=", TOKEN_COMPARE, COMPARE_LE},
	{"le", TOKEN_COMPARE, COMPARE_LE},
	{"leq", TOKEN_COMPARE, COMPARE_LE},
};
/* clang-format on */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* Of "=443" 1, of "!=:80" 2, of "!x" 1; 0 if no sign stands there. */
static size_t sign_length(const char *at)
{
	size_t n = strspn(at, "=<>!&|");

	if (!n)
		return 0;
	if (n > 1 && (at[1] == '=' || (at[0] == at[1] && (*at == '&' || *at == '|'))))
		return 2;
	return 1;
}

/* A value keeps its signs and its opening parentheses, and with them as many closing ones. */
static bool word_ends(const char *at, bool value, int *open)
{
	if (is_blank(*at) || (!value && (*at == '(' || sign_length(at))))
		return true;
	if (*at == ')' && (*open)-- <= 0)
		return true;
	*open += *at == '(';
	return false;
}

static const char *word_read(const char *at, bool value, struct token *token)
{
	size_t length = 0;
	int open = 0;

	for (; *at && !word_ends(at, value, &open); at++) {
		if (*at == '\\' && at[1])
			at++;
		if (length + 1 < sizeof token->text)
			token->text[length++] = *at;
		else
			token->cut = true;
	}
	token->text[length] = 0;
	return at;
}

static void word_classify(struct token *token)
{
	for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
		if (!strcmp(words[i].word, token->text)) {
			token->kind = words[i].kind;
			token->compare = words[i].compare;
		}
}

void token_next(const char **at, bool value, struct token *token)
{
	const char *end, *start = *at;
	size_t sign;

	while (is_blank(*start))
		start++;
	*token = (struct token){.start = start};
	sign = value ? 0 : sign_length(start);
	if (!*start) {
		end = start;
	} else if (*start == '(' || *start == ')') {
		token->kind = *start == '(' ? TOKEN_OPEN : TOKEN_CLOSE;
		end = start + 1;
	} else if (sign) {
		memcpy(token->text, start, sign);
		end = start + sign;
		word_classify(token);
	} else {
		token->kind = TOKEN_WORD;
		end = word_read(start, value, token);
		if (!value && end - start == (ptrdiff_t)strlen(token->text)) /* \and is a word */
			word_classify(token);
	}
	token->length = (size_t)(end - start);
	*at = end;
}
