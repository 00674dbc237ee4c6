/* Listeners that share an address: together, where the worst of them would stand. */
#include <stdlib.h>
#include <string.h>
#include "cli/view/socket.h"
#include "cli/view/socket_row.h"

enum { CELL = 2048 };

int socket_numbers_compare(double a, double b)
{
	return a < b ? -1 : a > b;
}

static int addresses_compare(const void *left, const void *right)
{
	const struct socket_row *a = left, *b = right;
	int order = strcmp(a->group.address, b->group.address);

	return order ? order : socket_numbers_compare((double)a->sequence, (double)b->sequence);
}

static int groups_compare(const void *left, const void *right)
{
	const struct socket_row *a = left, *b = right;
	int order = socket_numbers_compare(a->group.rank, b->group.rank);

	order = order ? order : socket_numbers_compare(a->group.amount, b->group.amount);
	order = order ? order : socket_numbers_compare(a->group.port, b->group.port);
	return order ? order : addresses_compare(left, right);
}

/* Two listeners have the same address, interface and namespace only if both have SO_REUSEPORT (of UDP, SO_REUSEADDR
 * serves). */
bool socket_row_group(const struct socket_fact *socket, struct socket_row *row)
{
	char local[CELL], text[CELL];

	socket_address_text(socket, true, local, sizeof local);
	snprintf(text, sizeof text, "%s %s %u %llu", socket_protocol_text(socket), local, socket->interface,
		 socket->netns ? (unsigned long long)socket->netns->inode : 0);
	row->group.address = strdup(text);
	row->group.port = socket->source_port;
	row->group.has_queue = socket_queue(socket, &row->group.queue, &row->group.limit);
	row->group.has_drops = socket_drops(socket, &row->group.drops);
	return row->group.address;
}

unsigned socket_group_length(const struct socket_rows *rows, unsigned first)
{
	unsigned end = first + 1;

	while (end < rows->count && !strcmp(rows->row[end].group.address, rows->row[first].group.address))
		end++;
	return end - first;
}

void socket_group_note(const struct socket_row *row, unsigned count, uint32_t *queue, struct socket_note *note)
{
	unsigned known = 0;

	for (unsigned i = 0; i < count; i++)
		if (row[i].group.has_queue)
			queue[known++] = row[i].group.queue;
	*note = (struct socket_note){.text = "-"};
	socket_note_uneven(queue, known, note);
}

/* All stand where the worst of them would. */
static void group_rank(struct socket_row *row, unsigned count, uint32_t *queue)
{
	struct socket_note note;

	socket_group_note(row, count, queue, &note);
	row->group.rank = -(double)note.kind;
	row->group.amount = -note.amount;
	for (unsigned i = 0; i < count; i++)
		if (row[i].rank < row->group.rank ||
		    (row[i].rank == row->group.rank && row[i].amount < row->group.amount)) {
			row->group.rank = row[i].rank;
			row->group.amount = row[i].amount;
		}
	for (unsigned i = 1; i < count; i++) {
		row[i].group.rank = row->group.rank;
		row[i].group.amount = row->group.amount;
	}
}

void socket_groups_sort(struct socket_rows *rows)
{
	if (!rows->count)
		return;
	qsort(rows->row, rows->count, sizeof *rows->row, addresses_compare);
	for (unsigned i = 0, n; i < rows->count; i += n) {
		n = socket_group_length(rows, i);
		group_rank(&rows->row[i], n, rows->queue);
	}
	qsort(rows->row, rows->count, sizeof *rows->row, groups_compare);
}
