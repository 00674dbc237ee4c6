/* A table that describes the members of a plain struct, so that one walk gives JSON, columns and documentation. */
#ifndef RECORD_FIELD_H
#define RECORD_FIELD_H
#include <stddef.h>
#include "record/sink.h"

struct field {
	const char *name;            /* with its unit: rtt_us */
	const char *help;
	uint16_t offset;             /* of a uint64_t */
};

/* Emits every field; those whose bit is missing in `have` (bit i: fields[i]) as null. */
void field_emit(struct sink *, const struct field *fields, size_t count, const void *record, uint64_t have);
#endif
