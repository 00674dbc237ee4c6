/* Plain text as scdoc source. Knows nothing of sockctl. */
#include "manual.h"
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

enum line { LINE_EMPTY, LINE_TEXT, LINE_INDENTED };

static enum line line_kind(const char *line)
{
	return *line == '\n' || !*line ? LINE_EMPTY : *line == ' ' || *line == '\t' ? LINE_INDENTED : LINE_TEXT;
}

static void line_put(FILE *out, enum line kind, const char *line, size_t length, const char *prefix)
{
	if (kind == LINE_TEXT)
		fputs(prefix, out);
	for (size_t i = 0; i < length; i++)
		if (kind == LINE_INDENTED)
			fputc(line[i], out);
		else
			character_put(out, line[i]);
	if (kind != LINE_EMPTY)
		fputc('\n', out);
}

/* What stands between two lines of different kinds. */
static void border_put(FILE *out, enum line before, enum line after)
{
	if (before == after)
		return;
	if (before != LINE_EMPTY)
		fputs(before == LINE_INDENTED ? "```\n\n" : "\n", out);
	if (after == LINE_INDENTED)
		fputs("```\n", out);
}

void scdoc_paragraphs(FILE *out, const char *text, const char *prefix)
{
	enum line before = LINE_EMPTY;

	while (*text) {
		enum line kind = line_kind(text);
		size_t length = strcspn(text, "\n");

		border_put(out, before, kind);
		line_put(out, kind, text, length, prefix);
		before = kind;
		text += length + (text[length] == '\n');
	}
	border_put(out, before, LINE_EMPTY);
}
