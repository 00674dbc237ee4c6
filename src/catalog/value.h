/* Values of options: as text, as numbers, as bytes for setsockopt. One codec per kind. */
#ifndef CATALOG_VALUE_H
#define CATALOG_VALUE_H
#include "catalog/option.h"

enum form { FORM_NUMBER, FORM_TEXT, FORM_AUTO, FORM_BDP };

struct value {
	uint8_t form;
	char text[16];               /* FORM_TEXT: TCP_CA_NAME_MAX, IFNAMSIZ */
	int64_t number;              /* in the option's unit; FORM_BDP: bit/s */
	int64_t second;              /* FORM_BDP: RTT in us */
};

struct optval {                      /* what set/getsockopt pass */
	socklen_t length;
	union {
		int number;
		char text[16];
		struct { int on, seconds; } linger;
		struct { long seconds, us; } timeval;
		struct { int32_t clock; uint32_t flags; } txtime;
		struct { int32_t first; uint32_t address; int32_t index; } mreqn;
		uint64_t wide;
		unsigned char raw[16];
	};
};

struct codec {
	/* 0, -EINVAL (not of this form) or -ERANGE (outside the row's range); *ret untouched on failure */
	int (*parse)(const struct option *, const char *text, struct value *ret);
	int (*format)(const struct option *, const struct value *, char *text, size_t size);    /* as snprintf */
	void (*encode)(const struct option *, const struct value *, struct optval *);
	void (*decode)(const struct option *, const struct optval *, struct value *);
	bool ranged;                 /* the row's range says which numbers are legal */
	const char *expects;         /* "on or off" */
};
extern const struct codec *const codecs[KIND_COUNT];

/* The same through the option's kind. An empty text means on for a switch, an error for the rest. */
int value_parse(const struct option *, const char *text, struct value *ret);
int value_format(const struct option *, const struct value *, char *text, size_t size);
void value_encode(const struct option *, const struct value *, struct optval *);
void value_decode(const struct option *, const struct optval *, struct value *);
bool value_equal(const struct value *, const struct value *);
/* Is something asked for: neither off, nor none, nor 0? */
bool value_is_on(const struct value *);
/* What the option accepts, with its range: "a time such as 30s, in whole seconds, 1s to 32767s"; as snprintf. */
int value_expects(const struct option *, char *text, size_t size);
#endif
