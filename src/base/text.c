/* Bounded strings that are built piece by piece. */
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

void text_add(struct text *text, const char *format, ...)
{
	size_t used = text->length < text->size ? text->length : text->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(text->start + used, text->size - used, format, args);
	va_end(args);
	if (n > 0)
		text->length += (size_t)n;
}

bool text_fits(const struct text *text)
{
	return text->length < text->size;
}

char *text_harmless(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] < 0xa0) /* U+0080 to U+009F; U+009B is ESC [ */
			c[0] = c[1] = '?';
		else if (c[0] < 0x20 || c[0] == 0x7f)
			c[0] = '?';
	return text;
}

unsigned text_columns(const char *text)
{
	unsigned n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

bool text_has_word(const char *list, const char *word, size_t length)
{
	while (list && *list) {
		size_t n = strcspn(list, " ");

		if (n == length && !strncasecmp(list, word, n))
			return true;
		list += n;
		list += strspn(list, " ");
	}
	return false;
}
