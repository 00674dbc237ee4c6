/* Why the kernel refused a setting, and what its user can do. Touches no socket. */
#ifndef SOCKET_REFUSAL_H
#define SOCKET_REFUSAL_H
#include "catalog/value.h"

/* The outcome that an errno means. */
enum sockctl_outcome refusal_outcome(int errno_value);
/* Writes the reason and the way out into text, as snprintf. place: where it was tried, NULL for pseudo options. */
int refusal_text(const struct option *, int errno_value, char *text, size_t size);
#endif
