/* Twelve bytes an entry, sorted by radix; an index over ranges of inodes spares most of a binary search. */
#include "observe/owner_table.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Room for one more. */
static int grow(void **array, size_t count, size_t *room, size_t size)
{
	size_t more = *room ? 2 * *room : 1024;
	void *larger;

	if (count < *room)
		return 0;
	larger = reallocarray(*array, more, size);
	if (!larger)
		return -ENOMEM;
	*array = larger;
	*room = more;
	return 0;
}

int owner_table_process(struct owner_table *table, pid_t pid, pid_t thread, const char command[16])
{
	struct owner_process *process;
	int r = grow((void **)&table->process, table->processes, &table->process_room, sizeof *table->process);

	if (r)
		return r;
	process = &table->process[table->processes++];
	process->pid = pid;
	process->thread = thread;
	memcpy(process->command, command, sizeof process->command);
	process->command[sizeof process->command - 1] = 0;
	return 0;
}

int owner_table_add(struct owner_table *table, uint32_t inode, int fd)
{
	int r = grow((void **)&table->entry, table->count, &table->room, sizeof *table->entry);

	if (!r)
		table->entry[table->count++] = (struct owner_entry){inode, (uint32_t)table->processes - 1, fd};
	return r;
}

/* --- sorting ---------------------------------------------------------------------------------------------------- */

enum { DIGIT_BITS = 11, DIGITS = 1 << DIGIT_BITS };

static void digit_sort(const struct owner_entry *from, struct owner_entry *to, size_t count, unsigned shift)
{
	size_t start[DIGITS] = {0}, sum = 0;

	for (size_t i = 0; i < count; i++)
		start[from[i].inode >> shift & (DIGITS - 1)]++;
	for (unsigned digit = 0; digit < DIGITS; digit++) {
		size_t here = start[digit];

		start[digit] = sum;
		sum += here;
	}
	for (size_t i = 0; i < count; i++)
		to[start[from[i].inode >> shift & (DIGITS - 1)]++] = from[i];
}

static int entry_compare(const struct owner_table *table, const struct owner_entry *a, const struct owner_entry *b)
{
	pid_t left = table->process[a->process].pid, right = table->process[b->process].pid;

	if (a->inode != b->inode)
		return a->inode < b->inode ? -1 : 1;
	if (left != right)
		return left < right ? -1 : 1;
	return a->fd < b->fd ? -1 : a->fd > b->fd;
}

/* Most come in order already, and few have the same inode. The same process may be met twice, through two threads:
 * its own table is what anybody may ask. */
static void owners_order(struct owner_table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++) {
		struct owner_entry entry = table->entry[i];
		size_t at = kept;

		while (at && entry_compare(table, &table->entry[at - 1], &entry) > 0)
			at--;
		if (at && !entry_compare(table, &table->entry[at - 1], &entry)) {
			if (!table->process[entry.process].thread)
				table->entry[at - 1] = entry;
			continue;
		}
		memmove(&table->entry[at + 1], &table->entry[at], (kept - at) * sizeof entry);
		table->entry[at] = entry;
		kept++;
	}
	table->count = kept;
}

static int inodes_sort(struct owner_table *table)
{
	struct owner_entry *other = reallocarray(NULL, table->count, sizeof *other), *swap;

	if (!other)
		return -ENOMEM;
	for (unsigned shift = 0; shift < 32; shift += DIGIT_BITS) {
		digit_sort(table->entry, other, table->count, shift);
		swap = table->entry;
		table->entry = other;
		other = swap;
	}
	table->room = table->count;
	free(other);
	return 0;
}

/* --- finding ---------------------------------------------------------------------------------------------------- */

enum { ENTRIES_PER_RANGE = 4 };

static int index_build(struct owner_table *table)
{
	uint32_t span = table->entry[table->count - 1].inode - table->entry[0].inode;
	size_t ranges, at = 0;

	table->least = table->entry[0].inode;
	while (span >> table->shift > table->count / ENTRIES_PER_RANGE)
		table->shift++;
	ranges = (span >> table->shift) + 1;
	table->first = reallocarray(NULL, ranges + 1, sizeof *table->first);
	if (!table->first)
		return -ENOMEM;
	for (size_t range = 0; range <= ranges; range++) {
		while (at < table->count && (table->entry[at].inode - table->least) >> table->shift < range)
			at++;
		table->first[range] = (uint32_t)at;
	}
	return 0;
}

int owner_table_finish(struct owner_table *table)
{
	int r;

	if (!table->count)
		return 0;
	r = inodes_sort(table);
	if (r)
		return r;
	owners_order(table);
	return index_build(table);
}

/* The first entry of this inode or of one past it. */
static size_t place_of(const struct owner_table *table, uint32_t inode)
{
	size_t range = (inode - table->least) >> table->shift, low = table->first[range],
	       high = table->first[range + 1];

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (table->entry[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct owner_fact *owner_table_find(struct owner_table *table, uint32_t inode, unsigned *ret_count)
{
	size_t count = 0;

	*ret_count = 0;
	if (!table->count || inode < table->least || inode > table->entry[table->count - 1].inode)
		return NULL;
	for (size_t at = place_of(table, inode); at < table->count && table->entry[at].inode == inode; at++) {
		const struct owner_entry *entry = &table->entry[at];
		const struct owner_process *process = &table->process[entry->process];

		if (grow((void **)&table->found, count, &table->found_room, sizeof *table->found))
			break;
		table->found[count] = (struct owner_fact){
			.inode = inode, .fd = entry->fd, .pid = process->pid, .thread = process->thread};
		memcpy(table->found[count].command, process->command, sizeof process->command);
		count++;
	}
	*ret_count = (unsigned)count;
	return count ? table->found : NULL;
}

void owner_table_clear(struct owner_table *table)
{
	free(table->entry);
	free(table->process);
	free(table->first);
	free(table->found);
	*table = (struct owner_table){0};
}
