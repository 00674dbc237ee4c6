/* Where structured output goes: commands say what they have, a format decides how it looks. A format is one file here. */
#ifndef RECORD_SINK_H
#define RECORD_SINK_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct sink;
struct field;

/* Keys and texts come with their length, since most lengths are known when this is compiled. A key is NULL inside arrays
 * and at the top. */
struct sink_format {
	const char *name;
	void (*open)(struct sink *, const char *key, size_t key_length, char bracket);      /* '{' or '[' */
	void (*close)(struct sink *);
	void (*string)(struct sink *, const char *key, size_t key_length, const char *text, size_t length);
	void (*integer)(struct sink *, const char *key, size_t key_length, int64_t);
	/* 1.5, true, null */
	void (*literal)(struct sink *, const char *key, size_t key_length, const char *text, size_t length);
	/* A whole table of field.h at once, in an object that is not pretty; NULL: one by one. */
	void (*fields)(struct sink *, const struct field *, size_t count, const void *record, uint64_t have);
	/* The text of a piece, in an object that is not pretty. */
	void (*piece)(struct sink *, const char *text, size_t length);
};
extern const struct sink_format sink_json;

enum { SINK_DEPTH = 32, SINK_BUFFER = 32768 };
struct sink {
	const struct sink_format *format;
	FILE *out;                   /* NULL: a piece, which stays in the buffer */
	bool pretty;                 /* indented, one member a line */
	bool overflown;              /* without `out`: more was written than the buffer holds */
	unsigned depth;
	char bracket[SINK_DEPTH];
	unsigned members[SINK_DEPTH];
	size_t used;                 /* of the buffer; what is in it reaches `out` when the outermost object or array ends */
	char buffer[SINK_BUFFER];
};

void sink_init(struct sink *, const struct sink_format *, FILE *out, bool pretty);
void sink_close(struct sink *);                                          /* ends the innermost object or array */

/* A piece: members of an object that would be formatted again and again are written once into a sink that has no stream,
 * and repeated in objects of sinks with the same format that are not pretty. */
void sink_piece_init(struct sink *, const struct sink_format *);
/* NULL: it was more than SINK_BUFFER. */
const char *sink_piece_text(const struct sink *, size_t *ret_length);
void sink_piece(struct sink *, const char *text, size_t length);

void sink_open_key(struct sink *, const char *key, size_t key_length, char bracket);
void sink_string_key(struct sink *, const char *key, size_t key_length, const char *text, size_t length);
void sink_integer_key(struct sink *, const char *key, size_t key_length, int64_t);
void sink_real_key(struct sink *, const char *key, size_t key_length, double, int digits);
void sink_literal_key(struct sink *, const char *key, size_t key_length, const char *text, size_t length);

/* The same with keys that are strings. */
static inline size_t sink_length(const char *text)
{
	return text ? strlen(text) : 0;
}

static inline void sink_object(struct sink *sink, const char *key)
{
	sink_open_key(sink, key, sink_length(key), '{');
}

static inline void sink_array(struct sink *sink, const char *key)
{
	sink_open_key(sink, key, sink_length(key), '[');
}

static inline void sink_null(struct sink *sink, const char *key)
{
	sink_literal_key(sink, key, sink_length(key), "null", 4);
}

/* NULL becomes null; bad UTF-8 and controls are escaped. */
static inline void sink_string(struct sink *sink, const char *key, const char *text)
{
	if (text)
		sink_string_key(sink, key, sink_length(key), text, strlen(text));
	else
		sink_null(sink, key);
}

static inline void sink_integer(struct sink *sink, const char *key, int64_t value)
{
	sink_integer_key(sink, key, sink_length(key), value);
}

/* Significant digits; what is not finite becomes null. */
static inline void sink_real(struct sink *sink, const char *key, double value, int digits)
{
	sink_real_key(sink, key, sink_length(key), value, digits);
}

static inline void sink_bool(struct sink *sink, const char *key, bool value)
{
	sink_literal_key(sink, key, sink_length(key), value ? "true" : "false", value ? 4 : 5);
}
#endif
