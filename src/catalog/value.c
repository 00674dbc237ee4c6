/* Values through the codec of their option's kind. */
#include "catalog/value.h"
#include <errno.h>
#include <string.h>
#include <stdio.h>
#include "base/text.h"
#include "catalog/words.h"

/* Of these kinds the codec itself puts the row's words together. */
static const char *whole_words(const struct option *option)
{
	return option->kind == KIND_FLAGS || option->kind == KIND_TXTIME ? NULL : option->words;
}

int value_parse(const struct option *option, const char *text, struct value *ret)
{
	struct value value = {0};
	struct word word;
	int r = 0;

	if (!*text && option->kind != KIND_SWITCH)
		return -EINVAL;
	if (words_find(whole_words(option), text, strlen(text), &word))
		value.number = word.number;
	else
		r = codecs[option->kind]->parse(option, *text ? text : "on", &value);
	if (!r)
		*ret = value;
	return r;
}

int value_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	struct word word;

	if (value->form == FORM_NUMBER && words_find_number(whole_words(option), value->number, &word))
		return snprintf(text, size, "%.*s", word.length, word.name);
	return codecs[option->kind]->format(option, value, text, size);
}

void value_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	memset(optval, 0, sizeof *optval);
	codecs[option->kind]->encode(option, value, optval);
}

void value_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	memset(value, 0, sizeof *value);
	codecs[option->kind]->decode(option, optval, value);
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (a->form != b->form)
		return false;
	switch (a->form) {
	case FORM_TEXT:
		return !strncmp(a->text, b->text, sizeof a->text);
	case FORM_AUTO:
		return true;
	case FORM_BDP:
		return a->number == b->number && a->second == b->second;
	default:
		return a->number == b->number;
	}
}

bool value_is_on(const struct value *value)
{
	switch (value->form) {
	case FORM_TEXT:
		return *value->text;
	case FORM_NUMBER:
		return value->number > 0; /* -1 is off wherever the kernel takes it */
	default:
		return true;
	}
}

/* What the kernel counts in: 200ms is no value for an option that takes seconds. */
static void fineness_add(const struct option *option, struct text *text)
{
	static const char *const words[UNIT_COUNT] = {
		[UNIT_S] = "seconds",
		[UNIT_MS] = "milliseconds",
		[UNIT_US] = "microseconds",
	};

	if (words[option->unit])
		text_add(text, ", in whole %s", words[option->unit]);
}

static void range_add(const struct option *option, struct text *text)
{
	struct value low = {.number = option->min}, high = {.number = option->max};
	char from[32], to[32];

	codecs[option->kind]->format(option, &low, from, sizeof from); /* as numbers: words are listed after them */
	codecs[option->kind]->format(option, &high, to, sizeof to);
	text_add(text, ", %s to %s", from, to);
}

/* "dont, want, do"; without the numbers: they are the kernel's. */
static void words_add(const struct option *option, const char *before, struct text *text)
{
	const char *words = option->words;
	struct word word;

	for (; words_next(&words, &word); before = ", ")
		text_add(text, "%s%.*s", before, word.length, word.name);
}

/* "or keepalive-idle/keepalive-interval/keepalive-count such as 40s/9s/5" */
static void parts_add(const struct option *option, struct text *text)
{
	size_t count = sizeof option->parts / sizeof *option->parts;

	for (size_t i = 0; i < count && option->parts[i]; i++)
		text_add(text, "%s%s", i ? "/" : ", or ", catalogue[option->parts[i]].name);
	for (size_t i = 0; i < count && option->parts[i]; i++)
		text_add(text, "%s%s", i ? "/" : " such as ", catalogue[option->parts[i]].example);
}

int value_expects(const struct option *option, char *text, size_t size)
{
	struct text out = {text, size, 0};

	text_add(&out, "%s", codecs[option->kind]->expects);
	if (option->on)
		text_add(&out, " (%s or %s)", option->on, option->off);
	fineness_add(option, &out);
	if (option->kind == KIND_NAME)
		text_add(&out, " of %s%d characters", option->min ? "1 to " : "up to ", (int)option->max);
	else if (option->kind == KIND_WORD || option->kind == KIND_FLAGS)
		words_add(option, " ", &out);
	else if (codecs[option->kind]->ranged)
		range_add(option, &out);
	if (option->kind == KIND_TXTIME)
		words_add(option, "; clocks: ", &out);
	else if (option->kind != KIND_WORD && option->kind != KIND_FLAGS)
		words_add(option, ", or ", &out);
	if (option->kind == KIND_NAME && !option->min)
		text_add(&out, ", or none");
	if (option->may_auto)
		text_add(&out, ", auto, or bdp:RATE:RTT such as bdp:1gbit:40ms");
	if (option->parts[0])
		parts_add(option, &out);
	return (int)out.length;
}
