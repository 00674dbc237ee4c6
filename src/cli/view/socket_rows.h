/* Sockets as lines for people: sorted where they fit into memory, on a terminal made to fit its width. Keeps at most
 * ROWS_AT_ONCE lines (twice that many while it sorts). */
#ifndef CLI_VIEW_SOCKET_ROWS_H
#define CLI_VIEW_SOCKET_ROWS_H
#include <stdio.h>
#include "cli/view/socket_column.h"
#include "cli/view/socket_fit.h"
#include "record/table.h"

enum { ROWS_AT_ONCE = 10000 };

struct socket_layout {
	unsigned count;
	bool chosen;                 /* by the user: nothing is left out or shortened */
	uint16_t column[TABLE_COLUMNS];
	uint8_t yields[TABLE_COLUMNS];       /* the largest is left out first where room is short; 0: stays */
	bool asked[TABLE_COLUMNS];           /* by -e, -i or -m: if it is left out, that is said */
};
/* Listeners: of connections, of datagrams, of both; mixed: with connections. */
enum layout_kind { LAYOUT_CONNECTIONS, LAYOUT_MIXED, LAYOUT_LISTENERS, LAYOUT_DATAGRAMS, LAYOUT_LISTENERS_ALL };
enum { MORE_OWNERS = 1, MORE_DETAILS = 2, MORE_INTERNALS = 4, MORE_MEMORY = 8, MORE_NETNS = 16, MORE_PROTOCOLS = 32, NO_TCP = 64 };
/* The usual columns, with what -p, -e, -i and -m add. MORE_PROTOCOLS: there may be several in the list. NO_TCP:
 * none of them is TCP. */
void socket_layout_usual(struct socket_layout *, enum layout_kind, unsigned more);
/* "local,rtt,nodelay": 0; -ENOENT (*ret_wrong and *ret_length: the word) or -E2BIG. */
int socket_layout_parse(struct socket_layout *, const char *list, const char **ret_wrong, size_t *ret_length);
/* One more, unless it is there; it stays. */
void socket_layout_add(struct socket_layout *, unsigned column);
unsigned socket_layout_needs(const struct socket_layout *);

struct socket_row;
struct socket_rows {
	/* What the caller chooses. */
	struct socket_layout layout;
	FILE *out;
	unsigned width;              /* 0: no terminal, nothing is left out or shortened */
	bool colour, headless;
	bool grouped;                /* listeners on one address stand together, under their sum */
	bool best_only;              /* what is past ROWS_AT_ONCE, or `top`, is left off: there are no further blocks */
	int sort;                    /* column; -1: what is worth a look first */
	bool descending;
	unsigned top;                /* 0: no limit of its own */
	/* What comes of it. */
	uint64_t seen, left_off;
	unsigned blocks;             /* printed: each is sorted by itself */
	struct fit_column fit[TABLE_COLUMNS];        /* of the first block, and so of those below it */
	unsigned widths[TABLE_COLUMNS];
	uint64_t notes[32];          /* how many sockets by enum note_kind */
	struct socket_row *row;      /* owned */
	uint32_t *queue;             /* owned: room for as many numbers as there are rows, of groups */
	unsigned count;
	bool lost;                   /* for want of memory: the sockets since are not in it */
};

void socket_rows_add(struct socket_rows *, const struct socket_fact *);
void socket_rows_end(struct socket_rows *);  /* prints what is left; a head without lines if nothing came */
/* "CWND, MSS": what was asked for, and had no room; "" if that is nothing. After the end. */
void socket_rows_missing(const struct socket_rows *, char *text, size_t size);
void socket_rows_release(struct socket_rows *);
#endif
