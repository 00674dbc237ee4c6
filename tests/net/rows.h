/* What tests need that walk over the catalogue: a row's own text, and a socket that has the option. */
#ifndef NET_ROWS_H
#define NET_ROWS_H
#include "catalog/value.h"

enum { ROW_TEXT = 96 };

/* "name=example", with what stands before it. */
const char *row_text(const char *before, const struct option *, char text[ROW_TEXT]);
/* A fresh socket that the row's option is for. */
int row_socket(const struct option *);
bool row_is_for_udp(const struct option *);      /* and not for TCP */
bool row_is_settable(const struct option *);     /* by setsockopt, on a fresh socket, by somebody */
#endif
