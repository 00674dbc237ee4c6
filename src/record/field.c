/* Walks a field table over a record. */
#include "record/field.h"
#include <string.h>

void field_emit(struct sink *sink, const struct field *fields, size_t count, const void *record, uint64_t have)
{
	for (size_t i = 0; i < count; i++) {
		uint64_t value;

		memcpy(&value, (const char *)record + fields[i].offset, sizeof value);
		if (have >> i & 1)
			sink_integer(sink, fields[i].name, (int64_t)value);
		else
			sink_null(sink, fields[i].name);
	}
}
