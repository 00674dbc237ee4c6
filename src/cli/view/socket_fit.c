/* First columns that say nothing go, then those that are missed least, then addresses lose their middle, then other columns
 * go. */
#include "cli/view/socket_fit.h"
#include <string.h>
#include "base/text.h"

enum { GAP = 2, YIELDS_BEFORE_ADDRESSES = 6, YIELDS_MAX = 9 /* of socket_layout.c */ };

static unsigned total(const struct fit_column column[], unsigned count)
{
	unsigned sum = 0;

	for (unsigned i = 0; i < count; i++)
		sum += column[i].stays ? column[i].most + GAP : 0;
	return sum ? sum - GAP : 0;
}

static void shorten(struct fit_column column[], unsigned count, unsigned width)
{
	for (unsigned over = total(column, count); over > width; over--) {
		struct fit_column *longest = NULL;

		for (unsigned i = 0; i < count; i++)
			if (column[i].stays && column[i].most > column[i].least &&
			    (!longest || column[i].most >= longest->most))
				longest = &column[i];
		if (!longest)
			return;
		longest->most--;
	}
}

/* The columns that yield at `level` or above, from the right, until it fits. */
static void leave_out(struct fit_column column[], unsigned count, unsigned width, unsigned level)
{
	for (unsigned yields = YIELDS_MAX; yields >= level; yields--)
		for (unsigned i = count; i-- && total(column, count) > width;)
			if (column[i].yields == yields)
				column[i].stays = false;
}

/* Where a wide one has gone there may be room for a narrow one that is missed less. */
static void take_back(struct fit_column column[], unsigned count, unsigned width, unsigned from, unsigned to)
{
	for (unsigned yields = from; yields <= to; yields++)
		for (unsigned i = 0; i < count; i++)
			if (column[i].yields == yields && !column[i].stays && !column[i].empty) {
				column[i].stays = true;
				column[i].stays = total(column, count) <= width;
			}
}

void fit_columns(struct fit_column column[], unsigned count, unsigned width)
{
	for (unsigned i = 0; i < count; i++) {
		column[i].most = column[i].widest;
		column[i].stays = !width || !column[i].yields || !column[i].empty;
	}
	if (!width)
		return;
	leave_out(column, count, width, YIELDS_BEFORE_ADDRESSES);
	shorten(column, count, width);
	leave_out(column, count, width, 1);
	take_back(column, count, width, 1, YIELDS_BEFORE_ADDRESSES - 1);
	for (unsigned i = 0; i < count; i++) /* what has gone leaves room for them again */
		column[i].most = column[i].widest;
	shorten(column, count, width);
	take_back(column, count, width, YIELDS_BEFORE_ADDRESSES, YIELDS_MAX);
}

/* The byte at which the n-th character begins. */
static size_t character_at(const char *text, unsigned n)
{
	size_t at = 0;

	for (; text[at]; at++)
		if ((text[at] & 0xc0) != 0x80 && !n--)
			break;
	return at;
}

char *fit_text(char *text, unsigned most)
{
	unsigned length = text_columns(text), head, tail;
	size_t from, to;

	if (length <= most || most < 3)
		return text;
	tail = most / 2; /* ports and file names stand at the end */
	head = most - tail - 1;
	from = character_at(text, head);
	to = character_at(text, length - tail);
	text[from] = '~';
	memmove(text + from + 1, text + to, strlen(text + to) + 1);
	return text;
}
