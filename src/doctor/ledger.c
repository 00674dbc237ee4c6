/* A short list, searched from its end: findings come in runs of the same kind. */
#include "doctor/ledger.h"
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "doctor/rule.h"

void finding_number(struct finding *finding, const char *key, uint64_t value)
{
	unsigned i = 0;

	while (i < FINDING_NUMBERS && finding->number[i].key)
		i++;
	assert(i < FINDING_NUMBERS);
	finding->number[i] = (struct finding_number){key, value};
}

static struct ledger_entry *entry_find(struct ledger *ledger, const struct rule *rule, const char *command,
				       uint16_t port)
{
	for (unsigned i = ledger->count; i-- > 0;) {
		struct ledger_entry *entry = &ledger->entry[i];

		if (entry->finding.rule == rule && entry->port == port && !strcmp(entry->command, command))
			return entry;
	}
	return NULL;
}

static struct ledger_entry *entry_add(struct ledger *ledger)
{
	struct ledger_entry *entry = ledger->entry;

	if (ledger->count == ledger->room) {
		unsigned room = ledger->room ? 2 * ledger->room : 16;

		entry = reallocarray(entry, room, sizeof *entry);
		if (!entry)
			return NULL;
		ledger->entry = entry;
		ledger->room = room;
	}
	entry = &ledger->entry[ledger->count++];
	memset(entry, 0, sizeof *entry);
	return entry;
}

static bool is_worse(const struct finding *finding, const struct finding *than)
{
	return finding->severity != than->severity ? finding->severity > than->severity :
						     finding->weight > than->weight;
}

int ledger_add(struct ledger *ledger, const struct finding *finding, const char *command, int pid, uint16_t port)
{
	struct ledger_entry *entry = entry_find(ledger, finding->rule, command, port);
	uint64_t sockets = entry ? entry->finding.sockets + 1 : 1;
	bool alone = finding->alone || (entry && entry->finding.alone);

	if (!entry) {
		entry = entry_add(ledger);
		if (!entry)
			return -ENOMEM;
		strncpy(entry->command, command, sizeof entry->command - 1);
		entry->port = port;
		entry->pid = pid;
	}
	entry->several |= entry->pid != pid;
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

		if (finding->alone || finding->sockets >= finding->rule->least)
			ledger->entry[kept++] = ledger->entry[i];
	}
	ledger->count = kept;
	if (kept)
		qsort(ledger->entry, kept, sizeof *ledger->entry, entry_compare);
}

void ledger_release(struct ledger *ledger)
{
	free(ledger->entry);
	*ledger = (struct ledger){0};
}
