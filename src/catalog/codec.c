/* One codec per kind: text to value, value to text, value to the bytes of setsockopt and back. Knows no option by name;
 * what differs between options of a kind (unit, range, extra words) is asked of the row. */
#include "catalog/value.h"
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "base/units.h"

static const int64_t unit_us[UNIT_COUNT] = {[UNIT_S] = 1000000, [UNIT_MS] = 1000, [UNIT_US] = 1};

static int range_check(const struct option *option, int64_t number)
{
	return number < option->min || number > option->max ? -ERANGE : 0;
}

static int measure_parse(const struct option *option, enum measure measure, const char *text, struct value *ret)
{
	int64_t number;
	int r = units_parse(measure, text, strlen(text), &number);

	r = r ? r : range_check(option, number);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = number};
	return r;
}

static void int_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->number;
	optval->number = (int)value->number;
}

static void int_decode(const struct option *option, const struct optval *optval, struct value *value)
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

static const struct codec codec_switch = {switch_parse, switch_format, int_encode, switch_decode, "on or off"};

/* --- number, bits -------------------------------------------------------------------------------------------------- */

static int number_parse(const struct option *option, const char *text, struct value *ret)
{
	return measure_parse(option, MEASURE_COUNT, text, ret);
}

static int number_format(const struct option *option, const struct value *value, char *text, size_t size)
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

static const struct codec codec_number = {number_parse, number_format, int_encode, int_decode, "a number"};

static const struct codec codec_bits = {number_parse, bits_format, int_encode, bits_decode,
					"a number such as 16 or 0x10"};

/* --- bytes: a size, and for buffers auto and bdp:RATE:RTT ---------------------------------------------------------- */

static int bdp_parse(const struct option *option, const char *text, struct value *ret)
{
	const char *colon = strchr(text, ':');
	int64_t rate_bps, rtt_us;
	int r;

	if (!colon)
		return -EINVAL;
	r = units_parse(MEASURE_RATE, text, (size_t)(colon - text), &rate_bps);
	r = r ? r : units_parse(MEASURE_TIME, colon + 1, strlen(colon + 1), &rtt_us);
	r = r ? r : range_check(option, sockctl_bdp_bytes(rate_bps, rtt_us));
	if (!r)
		*ret = (struct value){.form = FORM_BDP, .number = rate_bps, .second = rtt_us};
	return r;
}

static int bytes_parse(const struct option *option, const char *text, struct value *ret)
{
	if (option->may_auto && !strcasecmp(text, "auto")) {
		*ret = (struct value){.form = FORM_AUTO};
		return 0;
	}
	if (option->may_auto && !strncasecmp(text, "bdp:", 4))
		return bdp_parse(option, text + 4, ret);
	return measure_parse(option, MEASURE_SIZE, text, ret);
}

static int bytes_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	struct text out = {text, size, 0};
	char number[32];

	(void)option;
	if (value->form == FORM_AUTO)
		return snprintf(text, size, "auto");
	if (value->form != FORM_BDP)
		return units_format(MEASURE_SIZE, value->number, text, size);
	units_format(MEASURE_RATE, value->number, number, sizeof number);
	text_add(&out, "bdp:%s", number);
	units_format(MEASURE_TIME, value->second, number, sizeof number);
	text_add(&out, ":%s", number);
	return (int)out.length;
}

/* FORM_AUTO has no bytes of its own: it is not a value of the option but the absence of one. */
static void bytes_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	struct value plain = {.number = value->number};

	if (value->form == FORM_AUTO)
		return;
	if (value->form == FORM_BDP)
		plain.number = sockctl_bdp_bytes(value->number, value->second);
	int_encode(option, &plain, optval);
}

static const struct codec codec_bytes = {bytes_parse, bytes_format, bytes_encode, int_decode,
					 "a size such as 64K or 4M"};

/* --- time: in the row's unit --------------------------------------------------------------------------------------- */

static int time_parse(const struct option *option, const char *text, struct value *ret)
{
	int64_t us;
	int r = units_parse(MEASURE_TIME, text, strlen(text), &us);

	if (!r && us % unit_us[option->unit])
		r = -EINVAL;
	r = r ? r : range_check(option, us / unit_us[option->unit]);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = us / unit_us[option->unit]};
	return r;
}

static int time_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	return units_format(MEASURE_TIME, value->number * unit_us[option->unit], text, size);
}

static const struct codec codec_time = {time_parse, time_format, int_encode, int_decode, "a time such as 30s"};

/* --- rate: bit/s as people write it, byte/s for the kernel; off is its "unlimited" ---------------------------------- */

enum { RATE_UNLIMITED = -1 };

static int rate_parse(const struct option *option, const char *text, struct value *ret)
{
	int64_t bps;
	int r;

	if (!strcasecmp(text, "off")) {
		*ret = (struct value){.form = FORM_NUMBER, .number = RATE_UNLIMITED};
		return 0;
	}
	r = units_parse(MEASURE_RATE, text, strlen(text), &bps);
	if (!r && bps % 8)
		r = -EINVAL;
	r = r ? r : range_check(option, bps / 8);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = bps / 8};
	return r;
}

static int rate_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	int64_t bps;

	(void)option;
	if (value->number == RATE_UNLIMITED)
		return snprintf(text, size, "off");
	if (__builtin_mul_overflow(value->number, 8, &bps))
		bps = INT64_MAX / 8 * 8;
	return units_format(MEASURE_RATE, bps, text, size);
}

/* The kernel takes an unsigned long where it is given the room for one. */
static void rate_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof(long);
	if (sizeof(long) == sizeof optval->wide)
		optval->wide = (uint64_t)value->number;
	else
		optval->number = (int)value->number;
}

static void rate_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	if (optval->length == sizeof optval->wide)
		value->number = (int64_t)optval->wide;
	else
		value->number = optval->number == -1 ? RATE_UNLIMITED : (int64_t)(uint32_t)optval->number;
}

static const struct codec codec_rate = {rate_parse, rate_format, rate_encode, rate_decode,
					"off, or a rate in whole bytes per second such as 100mbit"};

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
	if (length >= sizeof value.text || range_check(option, (int64_t)length))
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

static const struct codec codec_name = {name_parse, name_format, name_encode, name_decode, "a name"};

/* --- linger: -1 is off --------------------------------------------------------------------------------------------- */

enum { LINGER_OFF = -1 };

static int linger_parse(const struct option *option, const char *text, struct value *ret)
{
	if (strcasecmp(text, "off"))
		return time_parse(option, text, ret);
	*ret = (struct value){.form = FORM_NUMBER, .number = LINGER_OFF};
	return 0;
}

static int linger_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	return value->number < 0 ? snprintf(text, size, "off") : time_format(option, value, text, size);
}

static void linger_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->linger;
	optval->linger.on = value->number != LINGER_OFF;
	optval->linger.seconds = value->number == LINGER_OFF ? 0 : (int)value->number;
}

static void linger_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = optval->linger.on ? optval->linger.seconds : LINGER_OFF;
}

static const struct codec codec_linger = {linger_parse, linger_format, linger_encode, linger_decode,
					  "off, or a time in whole seconds such as 3s"};

/* --- dscp: the upper six bits of the traffic class, by number or by the names of RFC 2474, 2597, 3246, 8622 ---------- */

enum { DSCP_SHIFT = 2 };

static const struct {
	const char *name;
	uint8_t dscp;
} dscp_names[] = {
	{"cs0", 0},   {"le", 1},    {"cs1", 8},  {"af11", 10}, {"af12", 12}, {"af13", 14}, {"cs2", 16}, {"af21", 18},
	{"af22", 20}, {"af23", 22}, {"cs3", 24}, {"af31", 26}, {"af32", 28}, {"af33", 30}, {"cs4", 32}, {"af41", 34},
	{"af42", 36}, {"af43", 38}, {"cs5", 40}, {"va", 44},   {"ef", 46},   {"cs6", 48},  {"cs7", 56},
};

static int dscp_parse(const struct option *option, const char *text, struct value *ret)
{
	for (size_t i = 0; i < sizeof dscp_names / sizeof *dscp_names; i++)
		if (!strcasecmp(text, dscp_names[i].name)) {
			*ret = (struct value){.form = FORM_NUMBER, .number = dscp_names[i].dscp};
			return 0;
		}
	return number_parse(option, text, ret);
}

static int dscp_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	for (size_t i = 0; i < sizeof dscp_names / sizeof *dscp_names; i++)
		if (value->number == dscp_names[i].dscp)
			return snprintf(text, size, "%s", dscp_names[i].name);
	return number_format(option, value, text, size);
}

static void dscp_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->number;
	optval->number = (int)value->number << DSCP_SHIFT;
}

static void dscp_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = optval->number >> DSCP_SHIFT;
}

static const struct codec codec_dscp = {dscp_parse, dscp_format, dscp_encode, dscp_decode,
					"a number, or a name such as ef or cs1"};

#define CODEC_OF(ID, id) [KIND_##ID] = &codec_##id,
const struct codec *const codecs[KIND_COUNT] = {KIND_LIST(CODEC_OF)};
