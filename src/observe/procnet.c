/* Words of a line, looked up in a table. */
#include "observe/procnet.h"
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word {
	const char *start;
	size_t length;
};

/* The next word before the end of the line; length 0 if there is none. */
static struct word word_next(const char **at)
{
	struct word word;

	*at += strspn(*at, " \t");
	word.start = *at;
	word.length = strcspn(*at, " \t\n");
	*at += word.length;
	return word;
}

static bool word_is(struct word word, const char *text)
{
	return !strncmp(word.start, text, word.length) && !text[word.length];
}

/* The word before "name" in "GroupName", or before the colon in "Group:". */
static struct word word_cut(struct word word, size_t end)
{
	return (struct word){word.start, word.length > end ? word.length - end : 0};
}

static void value_store(const struct procnet_table *table, struct word group, struct word name, struct word value,
			void *record)
{
	uint64_t have, number;

	if (!value.length || value.length > 20 || !isdigit((unsigned char)*value.start))
		return;
	for (unsigned i = 0; i < table->count; i++) {
		if (!word_is(name, table->rows[i].name) || !word_is(group, table->rows[i].group))
			continue;
		number = strtoull(value.start, NULL, 10);
		memcpy((char *)record + table->rows[i].offset, &number, sizeof number);
		memcpy(&have, record, sizeof have);
		have |= UINT64_C(1) << i;
		memcpy(record, &have, sizeof have);
		return;
	}
}

static const char *line_after(const char *line)
{
	const char *end = strchr(line, '\n');

	return end ? end + 1 : NULL;
}

static bool word_is_group(struct word word)
{
	return word.length >= 2 && word.start[word.length - 1] == ':';
}

static void pair_read(const struct procnet_table *table, const char *names, const char *values, void *record)
{
	struct word group = word_next(&names), same = word_next(&values);

	if (!word_is_group(group) || group.length != same.length || memcmp(group.start, same.start, group.length))
		return;
	for (;;) {
		struct word name = word_next(&names), value = word_next(&values);

		if (!name.length || !value.length)
			return;
		value_store(table, word_cut(group, 1), name, value, record);
	}
}

void procnet_pairs(const struct procnet_table *table, const char *text, void *record)
{
	const char *names = text, *values;

	while (names && (values = line_after(names))) {
		pair_read(table, names, values, record);
		names = line_after(values);
	}
}

void procnet_lists(const struct procnet_table *table, const char *text, void *record)
{
	for (const char *line = text; line; line = line_after(line)) {
		const char *at = line;
		struct word group = word_next(&at);

		while (word_is_group(group)) {
			struct word name = word_next(&at), value = word_next(&at);

			if (!value.length)
				break;
			value_store(table, word_cut(group, 1), name, value, record);
		}
	}
}

void procnet_lines(const struct procnet_table *table, const char *text, void *record)
{
	for (const char *line = text; line; line = line_after(line)) {
		const char *at = line;
		struct word name = word_next(&at), value = word_next(&at);

		for (unsigned i = 0; i < table->count; i++) {
			size_t group = strlen(table->rows[i].group);

			if (group && group < name.length && !strncmp(name.start, table->rows[i].group, group))
				value_store(table, (struct word){name.start, group},
					    (struct word){name.start + group, name.length - group}, value, record);
		}
	}
}

void procnet_numbers(const struct procnet_table *table, const char *text, void *record)
{
	const struct word group = {text, 0};
	struct word value;

	for (unsigned i = 0; value = word_next(&text), value.length; i++) {
		char place[12];

		snprintf(place, sizeof place, "%u", i);
		value_store(table, group, (struct word){place, strlen(place)}, value, record);
	}
}
