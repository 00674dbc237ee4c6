/* JSON (RFC 8259). Strings that are not UTF-8 keep their bytes as \u00XX, so that the output always parses. */
#include "record/digits.h"
#include "record/field.h"
#include "record/put.h"

enum {
	PIECE = 4096, /* of a string, between two looks at the room that is left */
	ESCAPED = 6,  /* "\u001f": the most that one byte becomes */
	LEAD = 16,    /* comma, newline, quotes, colon, space, and what plain_copy() writes in excess */
	INDENT = 2,
	KEY_SHORT = 64,
	TEXT_SHORT = 64,
	FIELDS_AT_ONCE = 64,
};

/* Length of the well-formed UTF-8 sequence at s of at most `left` bytes, 0 if there is none (Unicode 3.9, table 3-7). */
static size_t utf8_length(const unsigned char *s, size_t left)
{
	size_t n = s[0] < 0x80                  ? 1 :
		   s[0] >= 0xc2 && s[0] <= 0xdf ? 2 :
		   (s[0] & 0xf0) == 0xe0        ? 3 :
		   s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 :
						  0;

	if (n > left)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) || (s[0] == 0xf0 && s[1] < 0x90) ||
	    (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

/* At most ESCAPED bytes; *s moves behind what was taken. */
static char *character_put(char *at, const char **s, size_t left)
{
	static const char hex[] = "0123456789abcdef";
	unsigned char c = (unsigned char)**s;
	size_t n = utf8_length((const unsigned char *)*s, left);

	if (c == '"' || c == '\\' || c == '\n') {
		*at++ = '\\';
		*at++ = c == '\n' ? 'n' : (char)c;
	} else if (c < 0x20 || c == 0x7f || !n) {
		memcpy(at, "\\u00", 4);
		at[4] = hex[c >> 4];
		at[5] = hex[c & 15];
		at += ESCAPED;
	} else {
		memcpy(at, *s, n);
		at += n;
	}
	*s += n ? n : 1;
	return at;
}

/* Is there a byte among these eight that does not stand for itself: a control character, '"', '\', or not ASCII? */
static bool word_needs_care(uint64_t word)
{
	const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
	uint64_t quote = word ^ ones * '"', backslash = word ^ ones * '\\', delete = word ^ ones * 0x7f;

	return ((word - ones * 0x20) | (quote - ones) | (backslash - ones) | (delete - ones) | word) & high;
}

/* One to seven bytes as eight, with spaces behind them, in the order that memory has: from parts that overlap. */
static uint64_t word_of_few(const char *s, size_t length)
{
	static const char spaces[] = "        ";
	unsigned shift = (unsigned)(8 * (length - sizeof(uint32_t)));
	uint64_t word, fill;
	uint32_t first, last;

	if (__BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__ || length < sizeof first) {
		memcpy(&word, spaces, sizeof word);
		for (size_t i = 0; i < length; i++)
			((char *)&word)[i] = s[i];
		return word;
	}
	memcpy(&first, s, sizeof first);
	memcpy(&last, s + length - sizeof last, sizeof last);
	memcpy(&fill, spaces, sizeof fill);
	return first | (uint64_t)last << shift | fill << 8 * length;
}

/* Copies up to `length` bytes that stand for themselves; returns how many. Writes up to eight bytes at `at` beyond that. */
static size_t plain_copy(char *at, const char *s, size_t length)
{
	size_t done = 0;
	uint64_t word;

	for (; length - done >= sizeof word; done += sizeof word) {
		memcpy(&word, s + done, sizeof word);
		if (word_needs_care(word))
			break;
		memcpy(at + done, &word, sizeof word);
	}
	if (done < length && length - done < sizeof word) {
		word = word_of_few(s + done, length - done);
		if (!word_needs_care(word)) {
			memcpy(at + done, &word, sizeof word);
			return length;
		}
	}
	for (; done < length; done++) {
		unsigned char c = (unsigned char)s[done];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			break;
		at[done] = (char)c;
	}
	return done;
}

/* What is inside the quotes, for strings of any length. */
static void text_put(struct sink *sink, const char *text, size_t length)
{
	const char *end = text + length;

	while (text < end) {
		size_t left = (size_t)(end - text);
		char *at = put_room(sink, PIECE + LEAD);
		size_t plain = plain_copy(at, text, left < PIECE ? left : PIECE);

		text += plain;
		at += plain;
		if (text < end)
			at = character_put(at, &text, (size_t)(end - text));
		put_end(sink, at);
	}
}

static char *newline_put(const struct sink *sink, char *at, unsigned depth)
{
	if (!sink->pretty)
		return at;
	*at++ = '\n';
	memset(at, ' ', (size_t)INDENT * depth);
	return at + (size_t)INDENT * depth;
}

/* The key and what stands around it. Most keys are short, and plain. */
static char *key_put(struct sink *sink, char *at, const char *key, size_t key_length, size_t more)
{
	size_t plain;

	*at++ = '"';
	plain = key_length <= KEY_SHORT ? plain_copy(at, key, key_length) : 0;
	at += plain;
	if (plain < key_length) {
		put_end(sink, at);
		text_put(sink, key + plain, key_length - plain);
		at = put_room(sink, LEAD + more);
	}
	*at++ = '"';
	*at++ = ':';
	if (sink->pretty)
		*at++ = ' ';
	return at;
}

/* Comma, line and key, and room for `more` bytes behind them; returns where these go. */
static char *lead_put(struct sink *sink, const char *key, size_t key_length, size_t more)
{
	char *at = put_room(sink, LEAD + INDENT * SINK_DEPTH + KEY_SHORT + more);

	if (!sink->depth)
		return at;
	if (sink->members[sink->depth])
		*at++ = ',';
	at = newline_put(sink, at, sink->depth);
	if (key && sink->bracket[sink->depth] == '{')
		at = key_put(sink, at, key, key_length, more);
	return at;
}

static void json_open(struct sink *sink, const char *key, size_t key_length, char bracket)
{
	char *at = lead_put(sink, key, key_length, 1);

	*at++ = bracket;
	put_end(sink, at);
}

static void json_close(struct sink *sink)
{
	char *at = put_room(sink, LEAD + INDENT * SINK_DEPTH);

	if (sink->members[sink->depth])
		at = newline_put(sink, at, sink->depth - 1);
	*at++ = sink->bracket[sink->depth] == '{' ? '}' : ']';
	if (sink->depth == 1)
		*at++ = '\n';
	put_end(sink, at);
}

static void json_string(struct sink *sink, const char *key, size_t key_length, const char *text, size_t length)
{
	char *at = lead_put(sink, key, key_length, LEAD + TEXT_SHORT);
	size_t plain;

	*at++ = '"';
	plain = length <= TEXT_SHORT ? plain_copy(at, text, length) : 0;
	at += plain;
	if (plain < length) {
		put_end(sink, at);
		text_put(sink, text + plain, length - plain);
		at = put_room(sink, 1);
	}
	*at++ = '"';
	put_end(sink, at);
}

static void json_integer(struct sink *sink, const char *key, size_t key_length, int64_t value)
{
	put_end(sink, digits_put_signed(lead_put(sink, key, key_length, DIGITS_MAX), value));
}

static void json_literal(struct sink *sink, const char *key, size_t key_length, const char *text, size_t length)
{
	char *at = lead_put(sink, key, key_length, length);

	memcpy(at, text, length);
	put_end(sink, at + length);
}

static void json_piece(struct sink *sink, const char *text, size_t length)
{
	char *at = put_room(sink, 1);

	if (sink->members[sink->depth])
		*at++ = ',';
	put_end(sink, at);
	for (size_t some; length; text += some, length -= some) {
		some = length < SINK_BUFFER ? length : SINK_BUFFER;
		at = put_room(sink, some);
		memcpy(at, text, some);
		put_end(sink, at + some);
	}
}

/* Names of fields are C identifiers: nothing in them needs care. A copy of fixed size takes less than the question how long. */
static char *field_put(char *at, const struct field *field, const void *record, bool known)
{
	*at++ = '"';
	memcpy(at, field->name, FIELD_NAME);
	at += field->name_length;
	*at++ = '"';
	*at++ = ':';
	if (known)
		return digits_put_signed(at, (int64_t)field_value(field, record));
	memcpy(at, "null", 4);
	return at + 4;
}

static void json_fields(struct sink *sink, const struct field *fields, size_t count, const void *record, uint64_t have)
{
	bool comma = sink->members[sink->depth] > 0;

	while (count) {
		size_t some = count < FIELDS_AT_ONCE ? count : FIELDS_AT_ONCE;
		char *at = put_room(sink, FIELDS_AT_ONCE * (LEAD + FIELD_NAME + DIGITS_MAX));

		for (size_t i = 0; i < some; i++, comma = true) {
			if (comma)
				*at++ = ',';
			at = field_put(at, &fields[i], record, have >> i & 1);
		}
		put_end(sink, at);
		fields += some;
		count -= some;
		have = some < 64 ? have >> some : 0;
	}
}

const struct sink_format sink_json = {"json",       json_open,    json_close,  json_string,
				      json_integer, json_literal, json_fields, json_piece};
