/* Plain text as scdoc source. Knows nothing of sockctl. */
#include "manual.h"
#include <stdbool.h>
#include <string.h>

/* A backslash takes any character's meaning away, also where it has none. */
static void character_put(FILE *out, char c)
{
	if (strchr("\\*_#-;`|[]:+<>~", c))
		fputc('\\', out);
	fputc(c == '\t' ? ' ' : c, out);
}

void scdoc_text(FILE *out, const char *text)
{
	for (; *text; text++)
		character_put(out, *text);
}

void scdoc_literal(FILE *out, const char *text)
{
	size_t length = strlen(text);

	fprintf(out, "```\n%s%s```\n", text, length && text[length - 1] == '\n' ? "" : "\n");
}

/* Where the paragraph at text ends: at an empty line or at the end of all. */
static size_t paragraph_length(const char *text)
{
	const char *end = strstr(text, "\n\n");

	return end ? (size_t)(end - text) : strlen(text);
}

static bool paragraph_is_table(const char *text, size_t length)
{
	for (const char *line = text; line && line < text + length; line = memchr(line, '\n', (size_t)(text + length - line))) {
		line += *line == '\n';
		if (line < text + length && (*line == ' ' || *line == '\t'))
			return true;
	}
	return false;
}

static void paragraph_put(FILE *out, const char *text, size_t length, const char *prefix)
{
	bool table = paragraph_is_table(text, length);

	fputs(table ? "```\n" : prefix, out);
	for (size_t i = 0; i < length; i++) {
		if (table)
			fputc(text[i], out);
		else
			character_put(out, text[i]);
		if (text[i] == '\n' && !table)
			fputs(prefix, out);
	}
	fputs(table ? "\n```\n\n" : "\n\n", out);
}

void scdoc_paragraphs(FILE *out, const char *text, const char *prefix)
{
	while (*(text += strspn(text, "\n"))) {
		size_t length = paragraph_length(text), shown = length;

		while (shown && text[shown - 1] == '\n')
			shown--;
		paragraph_put(out, text, shown, prefix);
		text += length;
	}
}
