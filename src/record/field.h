/* A table that describes the members of a plain struct, so that one walk gives JSON, columns and documentation. */
#ifndef RECORD_FIELD_H
#define RECORD_FIELD_H
#include <stddef.h>
#include "record/sink.h"

enum { FIELD_NAME = 32 };
struct field {
	char name[FIELD_NAME];       /* with its unit: rtt_us. In place, so that formats copy it without a look at its end */
	const char *help;
	uint16_t offset;             /* of a uint64_t */
	uint8_t name_length;
};
#define FIELD(type, member, help) {#member, help, offsetof(type, member), sizeof #member - 1}

/* Emits every field; those whose bit is missing in `have` (bit i: fields[i]) as null. */
void field_emit(struct sink *, const struct field *fields, size_t count, const void *record, uint64_t have);

static inline uint64_t field_value(const struct field *field, const void *record)
{
	uint64_t value;

	memcpy(&value, (const char *)record + field->offset, sizeof value);
	return value;
}
#endif
