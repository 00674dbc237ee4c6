/* Making a line fit a terminal: which columns stay, and how far addresses are shortened. Knows widths, no sockets. */
#ifndef CLI_VIEW_SOCKET_FIT_H
#define CLI_VIEW_SOCKET_FIT_H
#include <stdbool.h>
#include <stddef.h>
#include "record/table.h"

struct fit_column {
	unsigned widest;             /* of its cells and its heading */
	unsigned least;              /* to which its cells may be shortened */
	unsigned yields;             /* as in struct socket_layout */
	bool empty;                  /* every cell is "-" */
	/* Set by fit_columns(). */
	bool stays;
	unsigned most;               /* what its cells may take */
};
void fit_columns(struct fit_column[], unsigned count, unsigned width);
/* Shortens in the middle, with a ~ there; by characters, so that UTF-8 stays whole. Returns text. */
char *fit_text(char *text, unsigned most);
#endif
