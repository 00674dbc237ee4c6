/* What all formats share: nesting, and a buffer. */
#include "record/sink.h"
#include <assert.h>
#include <math.h>
#include "record/put.h"

/* The buffer is not cleared: a sink may be begun anew for every record. */
void sink_init(struct sink *sink, const struct sink_format *format, FILE *out, bool pretty)
{
	sink->format = format;
	sink->out = out;
	sink->pretty = pretty;
	sink->depth = 0;
	sink->bracket[0] = 0;
	sink->members[0] = 0;
	sink->overflown = false;
	sink->used = 0;
}

void sink_flush(struct sink *sink)
{
	if (sink->out)
		fwrite(sink->buffer, 1, sink->used, sink->out);
	else
		sink->overflown = true;
	sink->used = 0;
}

/* As if an object had been opened whose beginning is elsewhere. */
void sink_piece_init(struct sink *sink, const struct sink_format *format)
{
	sink_init(sink, format, NULL, false);
	sink->bracket[++sink->depth] = '{';
	sink->members[sink->depth] = 0;
}

const char *sink_piece_text(const struct sink *sink, size_t *ret_length)
{
	*ret_length = sink->used;
	return sink->overflown ? NULL : sink->buffer;
}

void sink_piece(struct sink *sink, const char *text, size_t length)
{
	sink->format->piece(sink, text, length);
	sink->members[sink->depth]++;
}

static void member_ended(struct sink *sink)
{
	sink->members[sink->depth]++;
	if (!sink->depth)
		sink_flush(sink);
}

void sink_open_key(struct sink *sink, const char *key, size_t key_length, char bracket)
{
	assert(sink->depth + 1 < SINK_DEPTH);
	sink->format->open(sink, key, key_length, bracket);
	sink->bracket[++sink->depth] = bracket;
	sink->members[sink->depth] = 0;
}

void sink_close(struct sink *sink)
{
	assert(sink->depth);
	sink->format->close(sink);
	sink->depth--;
	member_ended(sink);
}

void sink_string_key(struct sink *sink, const char *key, size_t key_length, const char *text, size_t length)
{
	sink->format->string(sink, key, key_length, text, length);
	member_ended(sink);
}

void sink_integer_key(struct sink *sink, const char *key, size_t key_length, int64_t value)
{
	sink->format->integer(sink, key, key_length, value);
	member_ended(sink);
}

void sink_literal_key(struct sink *sink, const char *key, size_t key_length, const char *text, size_t length)
{
	sink->format->literal(sink, key, key_length, text, length);
	member_ended(sink);
}

/* What "%.*g" would print without a point; printf takes its time for floating point. */
static bool is_short_integer(double value, int digits)
{
	double limit = 1;

	for (int i = 0; i < digits && limit < 1e15; i++)
		limit *= 10;
	return value > -limit && value < limit && value == (double)(int64_t)value && !(value == 0 && signbit(value));
}

void sink_real_key(struct sink *sink, const char *key, size_t key_length, double value, int digits)
{
	char text[48];
	int length;

	if (is_short_integer(value, digits)) {
		sink_integer_key(sink, key, key_length, (int64_t)value);
		return;
	}
	length = isfinite(value) ? snprintf(text, sizeof text, "%.*g", digits, value) :
				   snprintf(text, sizeof text, "null");
	sink_literal_key(sink, key, key_length, text, (size_t)length);
}
