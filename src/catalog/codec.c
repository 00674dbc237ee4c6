/* One codec per kind: text to value, value to text, value to the bytes of setsockopt and back. Knows no option by name;
 * what differs between options of a kind (unit, range, words) is asked of the row. Here: switches, numbers, words. */
#include "catalog/codec.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "catalog/words.h"

int codec_range_check(const struct option *option, int64_t number)
{
	return number < option->min || number > option->max ? -ERANGE : 0;
}

int codec_measure_parse(const struct option *option, enum measure measure, const char *text, struct value *ret)
{
	int64_t number;
	int r = units_parse(measure, text, strlen(text), &number);

	r = r ? r : codec_range_check(option, number);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = number};
	return r;
}

void codec_int_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->number;
	optval->number = (int)value->number;
}

void codec_int_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = optval->number;
}

/* --- switch: 0 or 1 ------------------------------------------------------------------------------------------------ */

static bool word_is(const char *word, const char *text)
{
	return word && !strcasecmp(word, text);
}

static int switch_parse(const struct option *option, const char *text, struct value *ret)
{
	size_t length = strlen(text);
	bool on = text_has_word("on yes true 1", text, length) || word_is(option->on, text);

	if (!on && !text_has_word("off no false 0", text, length) && !word_is(option->off, text))
		return -EINVAL;
	*ret = (struct value){.form = FORM_NUMBER, .number = on};
	return 0;
}

static int switch_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	(void)option;
	return snprintf(text, size, "%s", value->number ? "on" : "off");
}

static void switch_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = optval->number != 0;
}

const struct codec codec_switch = {switch_parse, switch_format, codec_int_encode, switch_decode, false, "on or off"};

/* --- number, word, bits -------------------------------------------------------------------------------------------- */

int codec_number_parse(const struct option *option, const char *text, struct value *ret)
{
	return codec_measure_parse(option, MEASURE_COUNT, text, ret);
}

int codec_number_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	(void)option;
	return snprintf(text, size, "%" PRId64, value->number);
}

static int bits_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	(void)option;
	return snprintf(text, size, "0x%" PRIx64, (uint64_t)value->number);
}

static void bits_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = (uint32_t)optval->number;
}

const struct codec codec_number = {codec_number_parse, codec_number_format, codec_int_encode, codec_int_decode, true,
				   "a number"};
const struct codec codec_bits = {codec_number_parse, bits_format, codec_int_encode,
				 bits_decode,        true,        "a number such as 16 or 0x10"};
/* Its words are everybody's: value.c. */
const struct codec codec_word = {
	codec_number_parse, codec_number_format, codec_int_encode, codec_int_decode, true, "one of"};

/* --- flags: words joined by +; what has no word, or would be too long, as a number --------------------------------- */

enum { FLAGS_TEXT_MAX = 31 }; /* a verdict's asked_text holds no more */

static int flag_parse(const struct option *option, const char *text, size_t length, int64_t *number)
{
	struct word word;
	int64_t more;
	int r = 0;

	if (words_find(option->words, text, length, &word))
		more = word.number;
	else
		r = units_parse(MEASURE_COUNT, text, length, &more);
	if (!r)
		*number |= more;
	return r;
}

static int flags_parse(const struct option *option, const char *text, struct value *ret)
{
	int64_t number = 0;
	int r = 0;

	for (size_t length; !r; text += length + 1) {
		length = strcspn(text, "+");
		r = flag_parse(option, text, length, &number);
		if (!text[length])
			break;
	}
	r = r ? r : codec_range_check(option, number);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = number};
	return r;
}

static int flags_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	char names[FLAGS_TEXT_MAX + 1] = "";
	struct text out = TEXT(names);
	const char *words = option->words;
	int64_t rest = value->number;
	struct word word;

	if (words_find_number(words, value->number, &word))
		return snprintf(text, size, "%.*s", word.length, word.name);
	while (words_next(&words, &word))
		if (word.number && (rest & word.number) == word.number) {
			text_add(&out, "%s%.*s", out.length ? "+" : "", word.length, word.name);
			rest &= ~word.number;
		}
	if (rest || !out.length || !text_fits(&out))
		return bits_format(option, value, text, size);
	return snprintf(text, size, "%s", names);
}

const struct codec codec_flags = {flags_parse, flags_format, codec_int_encode,
				  bits_decode, false,        "joined by +, some of"};

/* --- name ---------------------------------------------------------------------------------------------------------- */

static bool name_is_legal(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f || text[i] == ',' || text[i] == '/')
			return false;
	return true;
}

static int name_parse(const struct option *option, const char *text, struct value *ret)
{
	bool none = !option->min && !strcmp(text, "none");
	size_t length = none ? 0 : strlen(text);
	struct value value = {.form = FORM_TEXT};

	if (!name_is_legal(text, length))
		return -EINVAL;
	if (length >= sizeof value.text || codec_range_check(option, (int64_t)length))
		return -ERANGE;
	memcpy(value.text, text, length);
	*ret = value;
	return 0;
}

static int name_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	(void)option;
	return snprintf(text, size, "%.*s", (int)sizeof value->text, *value->text ? value->text : "none");
}

static void name_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->text;
	memcpy(optval->text, value->text, sizeof optval->text);
}

static void name_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	size_t length = optval->length < sizeof value->text ? optval->length : sizeof value->text - 1;

	(void)option;
	value->form = FORM_TEXT;
	memcpy(value->text, optval->text, length);
	value->text[length] = 0;
}

const struct codec codec_name = {name_parse, name_format, name_encode, name_decode, false, "a name"};

#define CODEC_OF(ID, id) [KIND_##ID] = &codec_##id,
const struct codec *const codecs[KIND_COUNT] = {KIND_LIST(CODEC_OF)};
