/* Errors as people need them: what was tried, on what, why not, what to do. Knows no module that fails. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H
#include "sockctl.h"

/* Fills error (NULL: nobody asks) and returns code, so that a failing function ends with `return error_set(...)`.
 * code is -errno; a NULL hint becomes strerror's text. hint is printf-like, cut to fit. */
int error_set(struct sockctl_error *error, int code, const char *op, const char *subject, const char *hint, ...)
	__attribute__((format(printf, 5, 6)));
/* As sockctl_error_text: "op subject: hint". */
int error_text(const struct sockctl_error *error, char *text, size_t size);
#endif
