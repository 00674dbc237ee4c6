/* Codecs of what is measured: sizes, times, rates. Knows no option by name; unit and range are asked of the row. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "catalog/codec.h"

static const int64_t unit_us[UNIT_COUNT] = {[UNIT_S] = 1000000, [UNIT_MS] = 1000, [UNIT_US] = 1};

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
	r = r ? r : codec_range_check(option, sockctl_bdp_bytes(rate_bps, rtt_us));
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
	return codec_measure_parse(option, MEASURE_SIZE, text, ret);
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
	codec_int_encode(option, &plain, optval);
}

const struct codec codec_bytes = {bytes_parse,      bytes_format, bytes_encode,
				  codec_int_decode, true,         "a size such as 64K or 4M"};

/* --- time: in the row's unit --------------------------------------------------------------------------------------- */

static int time_parse(const struct option *option, const char *text, struct value *ret)
{
	int64_t us;
	int r = units_parse(MEASURE_TIME, text, strlen(text), &us);

	if (!r && us % unit_us[option->unit])
		r = -EINVAL;
	r = r ? r : codec_range_check(option, us / unit_us[option->unit]);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = us / unit_us[option->unit]};
	return r;
}

static int time_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	return units_format(MEASURE_TIME, value->number * unit_us[option->unit], text, size);
}

const struct codec codec_time = {time_parse,       time_format, codec_int_encode,
				 codec_int_decode, true,        "a time such as 30s"};

/* --- timeval: microseconds as two longs. The "old" numbers take what the kernel calls long, with 32-bit programs too
 * (net/core/sock.c sock_copy_user_timeval) ------------------------------------------------------------------------- */

enum { SECOND_US = 1000000 };

static void timeval_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->timeval;
	optval->timeval.seconds = (long)(value->number / SECOND_US);
	optval->timeval.us = (long)(value->number % SECOND_US);
}

static void timeval_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = (int64_t)((uint64_t)optval->timeval.seconds * SECOND_US + (uint64_t)optval->timeval.us);
}

const struct codec codec_timeval = {time_parse,     time_format, timeval_encode,
				    timeval_decode, true,        "a time such as 30s"};

/* --- rate: bit/s as people write it, byte/s for the kernel --------------------------------------------------------- */

enum { RATE_UNLIMITED = -1 };

static int rate_parse(const struct option *option, const char *text, struct value *ret)
{
	int64_t bps;
	int r = units_parse(MEASURE_RATE, text, strlen(text), &bps);

	if (!r && bps % 8)
		r = -EINVAL;
	r = r ? r : codec_range_check(option, bps / 8);
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = bps / 8};
	return r;
}

static int rate_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	int64_t bps;

	(void)option;
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

const struct codec codec_rate = {rate_parse,  rate_format, rate_encode,
				 rate_decode, true,        "a rate in whole bytes per second such as 100mbit"};

/* --- linger: -1 is off --------------------------------------------------------------------------------------------- */

enum { LINGER_OFF = -1 };

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

const struct codec codec_linger = {time_parse, time_format, linger_encode, linger_decode, true, "a time such as 3s"};
