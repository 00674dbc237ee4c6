/* Words for numbers, as rows list them. */
#include "catalog/words.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool words_next(const char **words, struct word *ret)
{
	const char *equals = *words ? strchr(*words, '=') : NULL;
	char *end;

	if (!equals)
		return false;
	*ret = (struct word){*words, (int)(equals - *words), strtoll(equals + 1, &end, 0)};
	*words = end + strspn(end, " ");
	return true;
}

bool words_find(const char *words, const char *text, size_t length, struct word *ret)
{
	struct word word;

	while (words_next(&words, &word))
		if ((size_t)word.length == length && !strncasecmp(word.name, text, length)) {
			*ret = word;
			return true;
		}
	return false;
}

bool words_find_number(const char *words, int64_t number, struct word *ret)
{
	struct word word;

	while (words_next(&words, &word))
		if (word.number == number) {
			*ret = word;
			return true;
		}
	return false;
}
