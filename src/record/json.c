/* JSON (RFC 8259). Strings that are not UTF-8 keep their bytes as \u00XX, so that the output always parses. */
#include "record/sink.h"
#include <string.h>

static void json_newline(struct sink *sink, unsigned depth)
{
	if (!sink->pretty)
		return;
	fputc('\n', sink->out);
	for (unsigned i = 0; i < depth; i++)
		fputs("  ", sink->out);
}

/* Length of the well-formed UTF-8 sequence at s, 0 if there is none (Unicode 3.9, table 3-7). */
static size_t utf8_length(const unsigned char *s)
{
	size_t n = s[0] < 0x80                  ? 1 :
		   s[0] >= 0xc2 && s[0] <= 0xdf ? 2 :
		   (s[0] & 0xf0) == 0xe0        ? 3 :
		   s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 :
						  0;

	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void json_quote(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	fputc('"', out);
	while (*s) {
		size_t n = utf8_length(s);

		if (*s == '"' || *s == '\\')
			fprintf(out, "\\%c", *s);
		else if (*s == '\n')
			fputs("\\n", out);
		else if (*s < 0x20 || *s == 0x7f || !n)
			fprintf(out, "\\u%04x", *s);
		else
			fwrite(s, 1, n, out);
		s += n ? n : 1;
	}
	fputc('"', out);
}

static void json_lead(struct sink *sink, const char *key)
{
	if (sink->depth && sink->members[sink->depth])
		fputc(',', sink->out);
	if (sink->depth)
		json_newline(sink, sink->depth);
	if (key && sink->bracket[sink->depth] == '{') {
		json_quote(sink->out, key);
		fputs(sink->pretty ? ": " : ":", sink->out);
	}
}

static void json_open(struct sink *sink, const char *key, char bracket)
{
	json_lead(sink, key);
	fputc(bracket, sink->out);
}

static void json_close(struct sink *sink)
{
	if (sink->members[sink->depth])
		json_newline(sink, sink->depth - 1);
	fputc(sink->bracket[sink->depth] == '{' ? '}' : ']', sink->out);
	if (sink->depth == 1)
		fputc('\n', sink->out);
}

static void json_scalar(struct sink *sink, const char *key, const char *text, bool quoted)
{
	json_lead(sink, key);
	if (quoted)
		json_quote(sink->out, text);
	else
		fputs(text, sink->out);
}

const struct sink_format sink_json = {"json", json_open, json_close, json_scalar};
