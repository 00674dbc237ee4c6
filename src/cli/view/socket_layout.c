/* Which columns a list of sockets has. */
#include <errno.h>
#include <string.h>
#include "cli/view/socket_rows.h"

struct layout_place {
	uint16_t column;
	uint8_t yields;
};
#define FACT_COLUMN(fact) (COLUMNS_OWN + TCP_FACT_##fact)

static void layout_add(struct socket_layout *layout, const struct layout_place *places, unsigned count)
{
	for (unsigned i = 0; i < count && layout->count < TABLE_COLUMNS; i++) {
		layout->column[layout->count] = places[i].column;
		layout->yields[layout->count++] = places[i].yields;
	}
}
#define LAYOUT_ADD(layout, places) layout_add(layout, places, sizeof(places) / sizeof *(places))

static void usual_add(struct socket_layout *layout, enum layout_kind kind, bool tcp)
{
	static const struct layout_place head[] = {
		{COLUMN_NOTE, 0}, {COLUMN_PROTO, 5}, {COLUMN_STATE, 1}, {COLUMN_LOCAL, 0}};
	static const struct layout_place listener_head[] = {{COLUMN_NOTE, 0}, {COLUMN_PROTO, 5}, {COLUMN_LOCAL, 0}};
	static const struct layout_place peer[] = {{COLUMN_PEER, 0}};
	static const struct layout_place queue[] = {{COLUMN_QUEUE, 1}, {COLUMN_LIMIT, 1}};
	static const struct layout_place unread[] = {{COLUMN_RECV_Q, 1}};
	static const struct layout_place drops[] = {{COLUMN_DROPS, 2}};
	static const struct layout_place bytes[] = {{COLUMN_RECV_Q, 3}, {COLUMN_SEND_Q, 3}};
	static const struct layout_place flow[] = {{FACT_COLUMN(rtt_us), 2},
						   {FACT_COLUMN(bytes_sent), 6},
						   {FACT_COLUMN(bytes_received), 6},
						   {COLUMN_CC, 7}};

	if (kind >= LAYOUT_LISTENERS) {
		LAYOUT_ADD(layout, listener_head);
		if (kind != LAYOUT_DATAGRAMS)
			LAYOUT_ADD(layout, queue);
		if (kind != LAYOUT_LISTENERS)
			LAYOUT_ADD(layout, unread);
		LAYOUT_ADD(layout, drops);
		return;
	}
	LAYOUT_ADD(layout, head);
	LAYOUT_ADD(layout, peer);
	if (kind == LAYOUT_MIXED)
		LAYOUT_ADD(layout, queue);
	LAYOUT_ADD(layout, bytes);
	if (tcp)
		LAYOUT_ADD(layout, flow);
}

/* 7 at least, and in the order of before. Of the numbers of -i the RTT is one. */
static void usual_yield(struct socket_layout *layout, unsigned i, bool internals)
{
	bool is_rtt = layout->column[i] == FACT_COLUMN(rtt_us);

	if (layout->yields[i] > 5)
		layout->yields[i] = (uint8_t)(layout->yields[i] + 2);
	else if (layout->yields[i] > 2 || (is_rtt && !internals))
		layout->yields[i] = 7;
}

/* What comes with -e, -i and -m was asked for, so that the usual columns are missed less. */
static void asked_add(struct socket_layout *layout, unsigned more)
{
	static const struct layout_place details[] = {{COLUMN_TIMER, 3},  {COLUMN_USER, 4},   {COLUMN_INODE, 5},
						      {COLUMN_COOKIE, 6}, {COLUMN_CGROUP, 6}, {COLUMN_INTERFACE, 5}};
	static const struct layout_place internals[] = {
		{FACT_COLUMN(min_rtt_us), 3},    {FACT_COLUMN(rto_us), 6},
		{FACT_COLUMN(cwnd_segs), 3},     {FACT_COLUMN(mss_bytes), 6},
		{FACT_COLUMN(unacked_segs), 5},  {FACT_COLUMN(retrans_total_segs), 4},
		{FACT_COLUMN(notsent_bytes), 5}, {FACT_COLUMN(delivery_rate_bytes_per_s), 4}};
	static const struct layout_place memory[] = {
		{COLUMN_RMEM_ALLOC, 4}, {COLUMN_RCVBUF_BYTES, 3}, {COLUMN_WMEM_QUEUED, 4}, {COLUMN_SNDBUF_BYTES, 3}};
	unsigned usual = layout->count;

	for (unsigned i = 0; i < usual && more & (MORE_DETAILS | MORE_INTERNALS | MORE_MEMORY); i++)
		usual_yield(layout, i, more & MORE_INTERNALS);
	if (more & MORE_DETAILS)
		LAYOUT_ADD(layout, details);
	if (more & MORE_INTERNALS)
		LAYOUT_ADD(layout, internals);
	if (more & MORE_MEMORY)
		LAYOUT_ADD(layout, memory);
	for (unsigned i = usual; i < layout->count; i++)
		layout->asked[i] = true;
}

void socket_layout_usual(struct socket_layout *layout, enum layout_kind kind, unsigned more)
{
	static const struct layout_place memory_drops[] = {{COLUMN_DROPS, 3}};
	static const struct layout_place netns[] = {{COLUMN_NETNS, 0}};
	static const struct layout_place owner[] = {{COLUMN_OWNER, 0}};

	*layout = (struct socket_layout){0};
	usual_add(layout, kind, !(more & NO_TCP));
	for (unsigned i = 0; i < layout->count && more & MORE_PROTOCOLS; i++)
		if (layout->column[i] == COLUMN_PROTO)
			layout->yields[i] = 1; /* else nobody could tell them apart */
	if (more & MORE_NETNS)
		LAYOUT_ADD(layout, netns);
	asked_add(layout, more);
	if (more & MORE_MEMORY && kind < LAYOUT_LISTENERS)
		LAYOUT_ADD(layout, memory_drops);
	if (more & MORE_OWNERS)
		LAYOUT_ADD(layout, owner);
}

static bool layout_has(const struct socket_layout *layout, unsigned column)
{
	for (unsigned i = 0; i < layout->count; i++)
		if (layout->column[i] == column)
			return true;
	return false;
}

/* Owners stay the last: their list is wrapped there. */
void socket_layout_add(struct socket_layout *layout, unsigned column)
{
	const struct layout_place places[] = {{(uint16_t)column, 0}, {COLUMN_OWNER, 0}};
	unsigned count = layout->count;

	if (layout_has(layout, column))
		return;
	if (count && layout->column[count - 1] == COLUMN_OWNER) {
		layout->count--;
		LAYOUT_ADD(layout, places);
	} else {
		layout_add(layout, places, 1);
	}
}

int socket_layout_parse(struct socket_layout *layout, const char *list, const char **ret_wrong, size_t *ret_length)
{
	struct socket_layout found = {.chosen = true};

	*ret_wrong = list;
	*ret_length = 0;
	while (*list) {
		size_t length = strcspn(list, ", ");
		int column = socket_column_find(list, length);

		*ret_wrong = list;
		*ret_length = length;
		if (column < 0)
			return -ENOENT;
		if (found.count == TABLE_COLUMNS)
			return -E2BIG;
		found.column[found.count++] = (uint16_t)column;
		list += length;
		list += *list != 0;
	}
	*layout = found;
	return found.count ? 0 : -ENOENT;
}

unsigned socket_layout_needs(const struct socket_layout *layout)
{
	unsigned needs = 0;

	for (unsigned i = 0; i < layout->count; i++)
		needs |= socket_column_needs(layout->column[i]);
	return needs;
}
