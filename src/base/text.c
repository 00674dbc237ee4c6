/* Bounded strings that are built piece by piece. */
#include "base/text.h"
#include <stdarg.h>
#include <stdint.h>
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

/* RFC 3629. The length of the character that begins here; 0: none does. */
static unsigned character_read(const unsigned char *c, uint32_t *ret)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned length = c[0] < 0x80 ? 1 : c[0] >> 5 == 6 ? 2 : c[0] >> 4 == 14 ? 3 : c[0] >> 3 == 30 ? 4 : 0;
	uint32_t code = length == 1 ? c[0] : c[0] & (0x7f >> length);

	for (unsigned i = 1; i < length; i++) {
		if (c[i] >> 6 != 2) /* the end, too */
			return 0;
		code = code << 6 | (c[i] & 0x3f);
	}
	if (!length || code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff)
		return 0;
	*ret = code;
	return length;
}

/* C0 and C1: U+009B is ESC [. The rest turns the order of what is read: U+202A to U+202E, U+2066 to U+2069, marks. */
static bool is_command(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0x200e || code == 0x200f || code == 0x061c;
}

char *text_harmless(char *text)
{
	unsigned char *c = (unsigned char *)text;

	while (*c) {
		uint32_t code = 0;
		unsigned length = character_read(c, &code);
		bool harmless = length && !is_command(code);

		length = length ? length : 1;
		if (!harmless)
			memset(c, '?', length);
		c += length;
	}
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
