/* How options of the catalogue look: as a table, one in full, as records. */
#ifndef CLI_VIEW_OPTION_H
#define CLI_VIEW_OPTION_H
#include <stdio.h>
#include "catalog/option.h"
#include "record/sink.h"

/* Rows of the table are those options, ended by NULL. width 0: no terminal. */
void option_table(FILE *, const struct option *const options[], unsigned width);
const char *option_protocols_text(const struct option *);             /* "TCP, UDP" */
void option_page(FILE *, const struct option *, unsigned width);     /* everything about one option */
void option_record(struct sink *, const struct option *);            /* one object */
#endif
