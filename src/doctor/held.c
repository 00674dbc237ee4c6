/* A short list, searched from its end: a process's sockets come in runs. */
#include "doctor/held.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct held_entry *entry_find(struct held *held, const struct rule *rule, int pid, uint16_t port)
{
	for (unsigned i = held->count; i-- > 0;) {
		struct held_entry *entry = &held->entry[i];

		if (entry->finding.rule == rule && entry->pid == pid && entry->port == port)
			return entry;
	}
	return NULL;
}

static struct held_entry *entry_add(struct held *held)
{
	if (held->count == held->room) {
		unsigned room = held->room ? 2 * held->room : 16;
		struct held_entry *larger = reallocarray(held->entry, room, sizeof *larger);

		if (!larger)
			return NULL;
		held->entry = larger;
		held->room = room;
	}
	return memset(&held->entry[held->count++], 0, sizeof *held->entry);
}

int held_add(struct held *held, const struct finding *finding, const char *command, int pid, uint16_t port)
{
	struct held_entry *entry = entry_find(held, finding->rule, pid, port);
	uint64_t sockets;

	if (!entry) {
		entry = entry_add(held);
		if (!entry)
			return -ENOMEM;
		strncpy(entry->command, command, sizeof entry->command - 1);
		entry->pid = pid;
		entry->port = port;
	}
	sockets = entry->finding.sockets + 1;
	if (sockets == 1 || finding->weight > entry->finding.weight)
		entry->finding = *finding;
	entry->finding.sockets = sockets;
	return 0;
}

/* The program may hold this side back with reason. */
static void excuse(const struct finding *finding, struct tally *tally)
{
	tally->sick -= finding->sockets;
	tally->examined -= finding->sockets;
	tally->unknown += finding->sockets;
	snprintf(tally->why, sizeof tally->why, "the program waits for a peer of its own, which takes nothing");
}

int held_settle(const struct held *held, const struct stalls *stalls, struct ledger *ledger,
		struct tally tally[RULE_COUNT])
{
	int r = 0;

	for (unsigned i = 0; i < held->count; i++) {
		const struct held_entry *entry = &held->entry[i];

		if (stalls_have(stalls, entry->pid)) {
			excuse(&entry->finding, &tally[entry->finding.rule - rules]);
			continue;
		}
		for (uint64_t n = 0; n < entry->finding.sockets && !r; n++)
			r = ledger_add(ledger, &entry->finding, entry->command, entry->pid, entry->port);
	}
	return r;
}

void held_release(struct held *held)
{
	free(held->entry);
	*held = (struct held){0};
}
