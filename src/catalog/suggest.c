/* Edit distance with swapped neighbours (optimal string alignment), over letters and digits only. */
#include "catalog/suggest.h"
#include <ctype.h>
#include <string.h>

enum { SUGGEST_MAX = 32 };

static size_t letters_copy(char letters[SUGGEST_MAX], const char *text, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length && n < SUGGEST_MAX; i++)
		if (text[i] != '-' && text[i] != '_')
			letters[n++] = (char)tolower((unsigned char)text[i]);
	return n;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned edit_distance(const char *a, size_t n, const char *b, size_t m)
{
	unsigned row[3][SUGGEST_MAX + 1] = {0};

	for (unsigned j = 0; j <= m; j++)
		row[0][j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];

		now[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			now[j] = least(before[j] + 1, now[j - 1] + 1);
			now[j] = least(now[j], before[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], earlier[j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

/* A name inside the word, or the word inside a name, is near: "tcpnodelay", "keepalive-time". */
static unsigned containment(const char *a, size_t n, const char *b, size_t m)
{
	if (n < m)
		return containment(b, m, a, n);
	return m >= 4 && memmem(a, n, b, m) ? 1 + (unsigned)(n - m) / 4 : SUGGEST_FAR;
}

unsigned suggest_distance(const char *word, size_t length, const char *name, size_t name_length)
{
	char a[SUGGEST_MAX], b[SUGGEST_MAX];
	size_t n = letters_copy(a, word, length), m = letters_copy(b, name, name_length);
	unsigned distance;

	if (!n || !m || length > 2 * SUGGEST_MAX)
		return SUGGEST_FAR;
	distance = edit_distance(a, n, b, m);
	if (distance > 1 + least((unsigned)n, (unsigned)m) / 4)
		distance = SUGGEST_FAR;
	return least(distance, containment(a, n, b, m));
}
