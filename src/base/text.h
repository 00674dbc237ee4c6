/* Bounded strings that are built piece by piece. Allocates nothing; what does not fit is counted, not written. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *start;        /* caller's buffer; terminated after every call if size > 0 */
	size_t size;
	size_t length;      /* what all of it would need, as snprintf counts */
};
#define TEXT(buffer) ((struct text){(buffer), sizeof(buffer), 0})   /* the buffer must be an array */

void text_add(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool text_fits(const struct text *);

/* Replaces what a terminal could take for a command (control characters, those of UTF-8's C1 block too), what is no UTF-8
 * (where a lone byte 0x9b may be one), and what turns the direction of writing. Returns text. */
char *text_harmless(char *text);

/* Columns that a text takes on a terminal: continuation bytes of UTF-8 take none. */
unsigned text_columns(const char *text);

/* Is word[0..length) one of the space-separated words of list? Ignores case. list may be NULL. */
bool text_has_word(const char *list, const char *word, size_t length);
#endif
