/* A line while it waits to be printed. For socket_rows.c and socket_groups.c only. */
#ifndef CLI_VIEW_SOCKET_ROW_H
#define CLI_VIEW_SOCKET_ROW_H
#include "cli/view/socket_note.h"
#include "cli/view/socket_rows.h"

struct socket_row {
	double rank, amount; /* the smallest first; then text, then the order in which they came */
	char *text;          /* owned; NULL: sorted by a number */
	bool descending;
	uint64_t sequence;
	enum note_kind note;
	struct {
		char *address; /* owned; NULL: in no group */
		unsigned port;
		double rank, amount; /* of its worst member */
		uint32_t queue, limit, drops;
		bool has_queue, has_drops;
	} group;
	char *cells; /* owned: one after the other, each ends with a 0 */
};

/* Listeners on one address: what the row needs to be put together with its like. false: no memory. */
bool socket_row_group(const struct socket_fact *, struct socket_row *);
unsigned socket_group_length(const struct socket_rows *, unsigned first);    /* of sorted rows */
/* queue: room for `count` numbers. */
void socket_group_note(const struct socket_row *, unsigned count, uint32_t *queue, struct socket_note *);
void socket_groups_sort(struct socket_rows *);
int socket_numbers_compare(double, double);
#endif
