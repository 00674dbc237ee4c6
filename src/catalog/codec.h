/* What the codecs share. For codec*.c only; everybody else goes through value.h. */
#ifndef CATALOG_CODEC_H
#define CATALOG_CODEC_H
#include "base/units.h"
#include "catalog/value.h"

#define CODEC_DECLARE(ID, id) extern const struct codec codec_##id;
KIND_LIST(CODEC_DECLARE)

int codec_range_check(const struct option *, int64_t number);           /* 0 or -ERANGE */
/* A number in this measure, within the row's range. */
int codec_measure_parse(const struct option *, enum measure, const char *text, struct value *ret);
int codec_number_parse(const struct option *, const char *text, struct value *ret);
int codec_number_format(const struct option *, const struct value *, char *text, size_t size);
/* The kernel's int. */
void codec_int_encode(const struct option *, const struct value *, struct optval *);
void codec_int_decode(const struct option *, const struct optval *, struct value *);
#endif
