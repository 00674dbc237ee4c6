/* Errors as people need them. Cuts what does not fit, never overflows. */
#include "base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int error_set(struct sockctl_error *error, int code, const char *op, const char *subject, const char *hint, ...)
{
	va_list args;

	if (!error)
		return code;
	error->code = code;
	snprintf(error->op, sizeof error->op, "%s", op);
	snprintf(error->subject, sizeof error->subject, "%s", subject ? subject : "");
	if (!hint) {
		snprintf(error->hint, sizeof error->hint, "%s", strerror(-code));
		return code;
	}
	va_start(args, hint);
	vsnprintf(error->hint, sizeof error->hint, hint, args);
	va_end(args);
	return code;
}

int error_text(const struct sockctl_error *error, char *text, size_t size)
{
	const char *space = *error->subject ? " " : "";

	return snprintf(text, size, "%s%s%s: %s", error->op, space, error->subject, error->hint);
}
