/* What all formats share: values become text here. */
#include "record/sink.h"
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

void sink_init(struct sink *sink, const struct sink_format *format, FILE *out, bool pretty)
{
	memset(sink, 0, sizeof *sink);
	sink->format = format;
	sink->out = out;
	sink->pretty = pretty;
}

static void sink_open(struct sink *sink, const char *key, char bracket)
{
	assert(sink->depth + 1 < SINK_DEPTH);
	sink->format->open(sink, key, bracket);
	sink->members[sink->depth]++;
	sink->bracket[++sink->depth] = bracket;
	sink->members[sink->depth] = 0;
}

void sink_object(struct sink *sink, const char *key)
{
	sink_open(sink, key, '{');
}

void sink_array(struct sink *sink, const char *key)
{
	sink_open(sink, key, '[');
}

void sink_close(struct sink *sink)
{
	assert(sink->depth);
	sink->format->close(sink);
	sink->depth--;
}

static void sink_scalar(struct sink *sink, const char *key, const char *text, bool quoted)
{
	sink->format->scalar(sink, key, text, quoted);
	sink->members[sink->depth]++;
}

void sink_string(struct sink *sink, const char *key, const char *text)
{
	sink_scalar(sink, key, text ? text : "null", text != NULL);
}

void sink_integer(struct sink *sink, const char *key, int64_t value)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRId64, value);
	sink_scalar(sink, key, text, false);
}

void sink_real(struct sink *sink, const char *key, double value, int digits)
{
	char text[48];

	if (!isfinite(value)) {
		sink_null(sink, key);
		return;
	}
	snprintf(text, sizeof text, "%.*g", digits, value);
	sink_scalar(sink, key, text, false);
}

void sink_bool(struct sink *sink, const char *key, bool value)
{
	sink_scalar(sink, key, value ? "true" : "false", false);
}

void sink_null(struct sink *sink, const char *key)
{
	sink_scalar(sink, key, "null", false);
}
