/* Settings in the words of well-known programs' configuration. Knows programs by their comm. */
#ifndef DOCTOR_DIALECT_H
#define DOCTOR_DIALECT_H
#include <stddef.h>

/* Did the connection come in by a listener, or is it a listener; did the program connect? */
enum direction { DIRECTION_UNKNOWN, DIRECTION_IN, DIRECTION_OUT };

/* How the program is told what the spec says, one setting after the other; "" if nothing is known, or the program has
 * no words for it: rather none than wrong ones. Returns text. */
char *dialect_words(const char *command, enum direction, const char *spec, char *text, size_t size);
/* The backlog that the program asks for if nobody tells it otherwise; 0: not known. */
unsigned dialect_backlog(const char *command);
#endif
