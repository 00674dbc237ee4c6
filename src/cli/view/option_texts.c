/* See option_texts.h: the text of all members is kept from one socket to the next, and of each option the few values that come
 * first, since most differ in few options that have few values. */
#include "cli/view/option_texts.h"
#include <stdlib.h>

enum { SLOTS = 6, MEMBER = 200 };

struct slot {
	struct option_fact fact;
	uint8_t length;
	char text[MEMBER];
};

struct kept {
	unsigned used;
	struct slot slots[SLOTS];
};

struct option_texts {
	struct kept options[OPTION_COUNT];
	struct option_fact facts[OPTION_COUNT]; /* what is in `text` */
	uint8_t lengths[OPTION_COUNT];          /* of each member and the comma before it; 0: there is none */
	size_t length;
	char text[OPTION_COUNT * (MEMBER + 1)];
	struct sink scratch;
};

struct option_texts *option_texts_new(const struct sink_format *format)
{
	struct option_texts *texts = calloc(1, sizeof *texts);

	if (texts)
		texts->scratch.format = format;
	return texts;
}

void option_texts_free(struct option_texts *texts)
{
	free(texts);
}

const char *const option_source_names[] = {
	[SOURCE_DIAG] = "sock_diag", [SOURCE_ITERATOR] = "iterator", [SOURCE_GETSOCKOPT] = "getsockopt"};

void option_value_member(struct sink *sink, const char *key, const struct value *value)
{
	if (value->form == FORM_TEXT)
		sink_string(sink, key, value->text);
	else
		sink_integer(sink, key, value->number);
}

void option_fact_text(const struct option *option, const struct value *value, char *text, size_t size)
{
	struct value asked = *value;

	if (option->reads == READS_DOUBLED && asked.form == FORM_NUMBER)
		asked.number /= 2;
	value_format(option, &asked, text, size);
}

void option_fact_members(struct sink *sink, const struct option *option, const struct option_fact *fact)
{
	char text[64];

	option_fact_text(option, &fact->value, text, sizeof text);
	option_value_member(sink, "value", &fact->value);
	sink_string(sink, "unit", unit_names[option->unit]);
	sink_string(sink, "text", text);
	sink_string(sink, "source", option_source_names[fact->source]);
}

static void option_object(struct sink *sink, const struct option *option, const struct option_fact *fact)
{
	sink_object(sink, option->name);
	option_fact_members(sink, option, fact);
	sink_close(sink);
}

/* To the last member: value_equal() asks whether two mean the same, but an automatic size is printed with its number. */
static bool fact_same(const struct option_fact *a, const struct option_fact *b)
{
	if (a->source != b->source)
		return false;
	if (a->source == SOURCE_NONE)
		return true;
	if (a->value.form != b->value.form || a->value.number != b->value.number || a->value.second != b->value.second)
		return false;
	return a->value.form != FORM_TEXT || !strncmp(a->value.text, b->value.text, sizeof a->value.text);
}

/* NULL: it is too long. Valid until the next call. */
static const char *member_format(struct option_texts *texts, const struct option *option,
				 const struct option_fact *fact, size_t *ret_length)
{
	const char *text;

	sink_piece_init(&texts->scratch, texts->scratch.format);
	option_object(&texts->scratch, option, fact);
	text = sink_piece_text(&texts->scratch, ret_length);
	return *ret_length <= MEMBER ? text : NULL;
}

/* From a slot if there is one for it, or room for another. */
static const char *member_find(struct option_texts *texts, const struct option *option, const struct option_fact *fact,
			       size_t *ret_length)
{
	struct kept *kept = &texts->options[option_id(option)];
	struct slot *slot = kept->slots;
	const char *text;

	for (; slot < kept->slots + kept->used; slot++)
		if (fact_same(&slot->fact, fact)) {
			*ret_length = slot->length;
			return slot->text;
		}
	text = member_format(texts, option, fact, ret_length);
	if (!text || kept->used == SLOTS)
		return text;
	slot->fact = *fact;
	slot->length = (uint8_t)*ret_length;
	memcpy(slot->text, text, *ret_length);
	kept->used++;
	return text;
}

/* Another text for a member that stands `at` bytes from the beginning. */
static void member_replace(struct option_texts *texts, unsigned id, size_t at, const char *member, size_t length)
{
	char *to = texts->text + at;
	size_t before = texts->lengths[id], now = length ? length + 1 : 0;

	if (now != before)
		memmove(to + now, to + before, texts->length - at - before);
	texts->length += now - before;
	texts->lengths[id] = (uint8_t)now;
	if (!length)
		return;
	*to = ',';
	memcpy(to + 1, member, length);
}

/* false: there is one that is too long. */
static bool texts_follow(struct option_texts *texts, const struct option_fact facts[])
{
	size_t at = 0;

	for (unsigned id = 1; id < OPTION_COUNT; at += texts->lengths[id++]) {
		const char *member = NULL;
		size_t length = 0;

		if (fact_same(&texts->facts[id], &facts[id]))
			continue;
		if (facts[id].source != SOURCE_NONE) {
			member = member_find(texts, &catalogue[id], &facts[id], &length);
			if (!member)
				return false;
		}
		member_replace(texts, id, at, member, length);
		texts->facts[id] = facts[id];
	}
	return true;
}

void option_facts_record(struct sink *sink, const struct option_fact facts[], struct option_texts *texts)
{
	if (texts && !sink->pretty && texts_follow(texts, facts)) {
		if (texts->length)
			sink_piece(sink, texts->text + 1, texts->length - 1);
		return;
	}
	for (unsigned id = 1; id < OPTION_COUNT; id++)
		if (facts[id].source != SOURCE_NONE)
			option_object(sink, &catalogue[id], &facts[id]);
}
