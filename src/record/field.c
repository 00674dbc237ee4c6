/* Walks a field table over a record. */
#include "record/field.h"

void field_emit(struct sink *sink, const struct field *fields, size_t count, const void *record, uint64_t have)
{
	if (sink->format->fields && !sink->pretty) {
		sink->format->fields(sink, fields, count, record, have);
		sink->members[sink->depth] += (unsigned)count;
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (have >> i & 1)
			sink_integer_key(sink, fields[i].name, fields[i].name_length,
					 (int64_t)field_value(&fields[i], record));
		else
			sink_literal_key(sink, fields[i].name, fields[i].name_length, "null", 4);
	}
}
