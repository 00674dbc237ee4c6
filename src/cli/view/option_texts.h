/* Options of a socket as members of an object. */
#ifndef CLI_VIEW_OPTION_TEXTS_H
#define CLI_VIEW_OPTION_TEXTS_H
#include "fact/socket_fact.h"
#include "record/sink.h"

extern const char *const option_source_names[];      /* by enum option_source; NULL for SOURCE_NONE */
void option_value_member(struct sink *, const char *key, const struct value *);
/* As a SPEC has it. Of a buffer that somebody fixed: what setsockopt() was given, half of what is granted (net/core/sock.c
 * doubles it). */
void option_fact_text(const struct option *, const struct value *, char *text, size_t size);
/* value, unit, text, source */
void option_fact_members(struct sink *, const struct option *, const struct option_fact *);

/* The members of all options that are known, for socket after socket: what is as it was for the one before is not formatted again. */
struct option_texts;
struct option_texts *option_texts_new(const struct sink_format *);   /* NULL: no memory, and nothing is kept */
void option_texts_free(struct option_texts *);                       /* takes NULL */
/* facts: OPTION_COUNT of them. texts: of the sink's format; NULL: nothing is kept. */
void option_facts_record(struct sink *, const struct option_fact facts[], struct option_texts *texts);
#endif
