/* See option_texts.h: a few slots for each option, filled with the values that come first. */
#include "cli/view/option_texts.h"
#include <stdlib.h>

enum { SLOTS = 6, SLOT_TEXT = 200 };

struct slot {
	struct option_fact fact;
	uint8_t length;
	char text[SLOT_TEXT];
};

struct kept {
	unsigned used;
	struct slot slots[SLOTS];
};

struct option_texts {
	struct kept options[OPTION_COUNT];
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

/* NULL: it is too long. */
static const struct slot *slot_fill(struct option_texts *texts, struct slot *slot, const struct option *option,
				    const struct option_fact *fact)
{
	size_t length;
	const char *text;

	sink_piece_init(&texts->scratch, texts->scratch.format);
	option_object(&texts->scratch, option, fact);
	text = sink_piece_text(&texts->scratch, &length);
	if (!text || length > SLOT_TEXT)
		return NULL;
	memcpy(slot->text, text, length);
	slot->length = (uint8_t)length;
	slot->fact = *fact;
	return slot;
}

/* To the last member: value_equal() asks whether two mean the same, but an automatic size is printed with its number. */
static bool fact_same(const struct option_fact *a, const struct option_fact *b)
{
	if (a->source != b->source || a->value.form != b->value.form)
		return false;
	if (a->value.form == FORM_TEXT)
		return !strncmp(a->value.text, b->value.text, sizeof a->value.text);
	return a->value.number == b->value.number && a->value.second == b->value.second;
}

/* NULL: the slots are taken by other values. */
static const struct slot *slot_find(struct option_texts *texts, const struct option *option,
				    const struct option_fact *fact)
{
	struct kept *kept = &texts->options[option_id(option)];
	const struct slot *slot;

	for (unsigned i = 0; i < kept->used; i++)
		if (fact_same(&kept->slots[i].fact, fact))
			return &kept->slots[i];
	if (kept->used == SLOTS)
		return NULL;
	slot = slot_fill(texts, &kept->slots[kept->used], option, fact);
	kept->used += slot != NULL;
	return slot;
}

void option_fact_record(struct sink *sink, const struct option *option, const struct option_fact *fact,
			struct option_texts *texts)
{
	const struct slot *slot = texts && !sink->pretty ? slot_find(texts, option, fact) : NULL;

	if (slot)
		sink_piece(sink, slot->text, slot->length);
	else
		option_object(sink, option, fact);
}
