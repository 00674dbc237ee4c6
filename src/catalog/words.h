/* Words for numbers, as rows list them: "dont=0 want=1 default=-1". Knows no option. */
#ifndef CATALOG_WORDS_H
#define CATALOG_WORDS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct word {
	const char *name;            /* not terminated */
	int length;
	int64_t number;
};

/* Takes the next word off the list at *words (which may be NULL); false at its end. */
bool words_next(const char **words, struct word *ret);
bool words_find(const char *words, const char *text, size_t length, struct word *ret);      /* ignores case */
bool words_find_number(const char *words, int64_t number, struct word *ret);
#endif
