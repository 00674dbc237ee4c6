/* A list, with a hash table of its indices; open addressing, twice as large whenever half full. */
#include "doctor/ledger.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "doctor/rule.h"

struct key {
	const struct rule *rule;
	const char *command;
	uint32_t port;
};

static uint64_t key_hash(const struct key *key)
{
	uint64_t value = (uint64_t)(key->rule - rules) << 32 | key->port;

	for (const char *c = key->command; *c; c++)
		value = (value ^ (uint8_t)*c) * 0x100000001b3u; /* FNV-1a */
	value *= 0x9e3779b97f4a7c15u;
	return value ^ value >> 29;
}

static struct key key_of(const struct ledger_entry *entry)
{
	return (struct key){entry->finding.rule, entry->command, entry->port};
}

/* Where the key's index is, plus one, or an empty place. */
static uint32_t *slot_find(const struct ledger *ledger, const struct key *key)
{
	size_t at = key_hash(key) & (ledger->slots - 1);

	for (; ledger->slot[at]; at = (at + 1) & (ledger->slots - 1)) {
		struct key other = key_of(&ledger->entry[ledger->slot[at] - 1]);

		if (other.rule == key->rule && other.port == key->port && !strcmp(other.command, key->command))
			break;
	}
	return &ledger->slot[at];
}

static int slots_grow(struct ledger *ledger)
{
	size_t slots = ledger->slots ? 2 * ledger->slots : 64;
	uint32_t *slot = calloc(slots, sizeof *slot);

	if (!slot)
		return -ENOMEM;
	free(ledger->slot);
	ledger->slot = slot;
	ledger->slots = slots;
	for (unsigned i = 0; i < ledger->count; i++) {
		struct key key = key_of(&ledger->entry[i]);

		*slot_find(ledger, &key) = i + 1;
	}
	return 0;
}

static int entries_grow(struct ledger *ledger)
{
	unsigned room = ledger->room ? 2 * ledger->room : 16;
	struct ledger_entry *entry = reallocarray(ledger->entry, room, sizeof *entry);

	if (!entry)
		return -ENOMEM;
	ledger->entry = entry;
	ledger->room = room;
	return 0;
}

/* The key's entry, which may be new and without a socket; NULL: no memory. It lasts until the next one is asked for. */
static struct ledger_entry *entry_of(struct ledger *ledger, const struct key *key)
{
	struct ledger_entry *entry;
	uint32_t *slot;

	if ((2 * (size_t)ledger->count >= ledger->slots && slots_grow(ledger)) ||
	    (ledger->count == ledger->room && entries_grow(ledger)))
		return NULL;
	slot = slot_find(ledger, key);
	if (*slot)
		return &ledger->entry[*slot - 1];
	entry = &ledger->entry[ledger->count++];
	*slot = ledger->count;
	*entry = (struct ledger_entry){.finding.rule = key->rule, .port = key->port};
	strncpy(entry->command, key->command, sizeof entry->command - 1);
	return entry;
}

/* One program on very many ports is one finding, after the first few. */
static struct ledger_entry *entry_choose(struct ledger *ledger, struct key key)
{
	struct key rest = {key.rule, key.command, LEDGER_REST};
	struct ledger_entry *entry = entry_of(ledger, &rest);

	if (!entry)
		return NULL;
	if (entry->ports == LEDGER_PORTS && !*slot_find(ledger, &key))
		return entry;
	entry = entry_of(ledger, &key);
	if (entry && !entry->finding.sockets)
		ledger->entry[*slot_find(ledger, &rest) - 1].ports++;
	return entry;
}

static bool is_worse(const struct finding *finding, const struct finding *than)
{
	return finding->severity != than->severity ? finding->severity > than->severity :
						     finding->weight > than->weight;
}

int ledger_add(struct ledger *ledger, const struct finding *finding, const char *command, int pid, uint16_t port)
{
	struct ledger_entry *entry = entry_choose(ledger, (struct key){finding->rule, command, port});
	uint64_t sockets;
	bool alone;

	if (!entry)
		return -ENOMEM;
	sockets = entry->finding.sockets + 1;
	alone = finding->alone || entry->finding.alone;
	entry->several |= sockets > 1 && entry->pid != pid;
	if (sockets == 1 || is_worse(finding, &entry->finding)) {
		entry->finding = *finding;
		entry->pid = pid;
	}
	entry->finding.sockets = sockets;
	entry->finding.alone = alone;
	return 0;
}

static int entry_compare(const void *left, const void *right)
{
	const struct finding *a = &((const struct ledger_entry *)left)->finding;
	const struct finding *b = &((const struct ledger_entry *)right)->finding;

	if (a->severity != b->severity)
		return a->severity > b->severity ? -1 : 1;
	if (a->rule != b->rule)
		return a->rule < b->rule ? -1 : 1;
	return a->weight > b->weight ? -1 : a->weight < b->weight;
}

void ledger_close(struct ledger *ledger)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < ledger->count; i++) {
		const struct finding *finding = &ledger->entry[i].finding;

		if (finding->sockets && (finding->alone || finding->sockets >= finding->rule->least))
			ledger->entry[kept++] = ledger->entry[i];
	}
	ledger->count = kept;
	if (kept)
		qsort(ledger->entry, kept, sizeof *ledger->entry, entry_compare);
}

void ledger_release(struct ledger *ledger)
{
	free(ledger->entry);
	free(ledger->slot);
	*ledger = (struct ledger){0};
}
