/* Where structured output goes: commands say what they have, a format decides how it looks. A format is one file here. */
#ifndef RECORD_SINK_H
#define RECORD_SINK_H
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct sink;

struct sink_format {
	const char *name;
	void (*open)(struct sink *, const char *key, char bracket);      /* '{' or '[' */
	void (*close)(struct sink *);
	void (*scalar)(struct sink *, const char *key, const char *text, bool quoted);
};
extern const struct sink_format sink_json;

enum { SINK_DEPTH = 32 };
struct sink {
	const struct sink_format *format;
	FILE *out;
	bool pretty;                 /* indented, one member a line */
	unsigned depth;
	char bracket[SINK_DEPTH];
	unsigned members[SINK_DEPTH];
};

void sink_init(struct sink *, const struct sink_format *, FILE *out, bool pretty);
/* key is NULL inside arrays and at the top. */
void sink_object(struct sink *, const char *key);
void sink_array(struct sink *, const char *key);
void sink_close(struct sink *);                                          /* ends the innermost object or array */
void sink_string(struct sink *, const char *key, const char *text);     /* NULL becomes null; bad UTF-8 and controls are escaped */
void sink_integer(struct sink *, const char *key, int64_t);
void sink_real(struct sink *, const char *key, double, int digits);     /* significant digits; not finite becomes null */
void sink_bool(struct sink *, const char *key, bool);
void sink_null(struct sink *, const char *key);
#endif
