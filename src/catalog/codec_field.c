/* Codecs of what is packed into fields: the traffic class, interface numbers, ranges of ports, transmit times. Knows no option by name. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"
#include "catalog/codec.h"
#include "catalog/words.h"

/* --- dscp: the upper six bits of the traffic class, by number or by the names of RFC 2474, 2597, 3246, 8622 ---------- */

enum { DSCP_SHIFT = 2 };

static const char dscp_names[] =
	"cs0=0 le=1 cs1=8 af11=10 af12=12 af13=14 cs2=16 af21=18 af22=20 af23=22 cs3=24 af31=26 "
	"af32=28 af33=30 cs4=32 af41=34 af42=36 af43=38 cs5=40 va=44 ef=46 cs6=48 cs7=56";

static int dscp_parse(const struct option *option, const char *text, struct value *ret)
{
	struct word word;

	if (!words_find(dscp_names, text, strlen(text), &word))
		return codec_number_parse(option, text, ret);
	*ret = (struct value){.form = FORM_NUMBER, .number = word.number};
	return 0;
}

static int dscp_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	struct word word;

	if (!words_find_number(dscp_names, value->number, &word))
		return codec_number_format(option, value, text, size);
	return snprintf(text, size, "%.*s", word.length, word.name);
}

static void dscp_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->number;
	optval->number = (int)((unsigned)value->number << DSCP_SHIFT);
}

static void dscp_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = optval->number >> DSCP_SHIFT;
}

const struct codec codec_dscp = {dscp_parse,  dscp_format, dscp_encode,
				 dscp_decode, true,        "a number, or a name such as ef or cs1"};

/* --- index: the kernel takes it in network byte order -------------------------------------------------------------- */

static void index_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->number;
	optval->number = (int)htonl((uint32_t)value->number);
}

static void index_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = (int32_t)ntohl((uint32_t)optval->number);
}

const struct codec codec_index = {codec_number_parse,
				  codec_number_format,
				  index_encode,
				  index_decode,
				  false,
				  "the number of an interface of this host"};

/* --- mreqn: IPv4 takes a struct ip_mreqn and looks at its end, IPv6 an int and looks at the beginning of the same bytes -------- */

static void mreqn_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	memset(optval->raw, 0, sizeof optval->raw);
	optval->length = sizeof optval->mreqn;
	optval->mreqn.first = optval->mreqn.index = (int32_t)value->number;
}
const struct codec codec_mreqn = {codec_number_parse,
				  codec_number_format,
				  mreqn_encode,
				  codec_int_decode,
				  false,
				  "the number of an interface of this host"};

/* --- ports: LOW-HIGH; 0 on one side leaves that side to the sysctl ------------------------------------------------- */

enum { PORT_BITS = 16, PORT_MAX = UINT16_MAX };

static int ports_parse(const struct option *option, const char *text, struct value *ret)
{
	const char *dash = strchr(text, '-');
	int64_t low, high;
	int r;

	(void)option;
	if (!dash)
		return -EINVAL;
	r = units_parse(MEASURE_COUNT, text, (size_t)(dash - text), &low);
	r = r ? r : units_parse(MEASURE_COUNT, dash + 1, strlen(dash + 1), &high);
	if (!r && (low > PORT_MAX || high > PORT_MAX || (low && high && low > high)))
		r = -ERANGE;
	if (!r)
		*ret = (struct value){.form = FORM_NUMBER, .number = high << PORT_BITS | low};
	return r;
}

static int ports_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	(void)option;
	return snprintf(text, size, "%d-%d", (int)(value->number & PORT_MAX),
			(int)(value->number >> PORT_BITS & PORT_MAX));
}

static void ports_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = (uint32_t)optval->number;
}

const struct codec codec_ports = {ports_parse,  ports_format, codec_int_encode,
				  ports_decode, false,        "a range of ports such as 10000-20000"};

/* --- txtime: the row's word for a clock, then flags; as flags << 32 | clock ---------------------------------------- */

enum { FLAGS_SHIFT = 32 };
static const char txtime_flags[] = "deadline=1 report=2"; /* include/uapi/linux/net_tstamp.h SOF_TXTIME_* */

static int txtime_parse(const struct option *option, const char *text, struct value *ret)
{
	size_t length = strcspn(text, "/");
	struct word word;
	int64_t number;

	if (!words_find(option->words, text, length, &word))
		return -EINVAL;
	for (number = word.number; text[length]; number |= word.number << FLAGS_SHIFT) {
		text += length + 1;
		length = strcspn(text, "/");
		if (!words_find(txtime_flags, text, length, &word))
			return -EINVAL;
	}
	*ret = (struct value){.form = FORM_NUMBER, .number = number};
	return 0;
}

static int txtime_format(const struct option *option, const struct value *value, char *text, size_t size)
{
	struct text out = {text, size, 0};
	const char *flags = txtime_flags;
	struct word word;

	if (words_find_number(option->words, (int32_t)value->number, &word))
		text_add(&out, "%.*s", word.length, word.name);
	else
		text_add(&out, "clock %d", (int)value->number);
	while (words_next(&flags, &word))
		if (value->number >> FLAGS_SHIFT & word.number)
			text_add(&out, "/%.*s", word.length, word.name);
	return (int)out.length;
}

static void txtime_encode(const struct option *option, const struct value *value, struct optval *optval)
{
	(void)option;
	optval->length = sizeof optval->txtime;
	optval->txtime.clock = (int32_t)value->number;
	optval->txtime.flags = (uint32_t)(value->number >> FLAGS_SHIFT);
}

static void txtime_decode(const struct option *option, const struct optval *optval, struct value *value)
{
	(void)option;
	value->form = FORM_NUMBER;
	value->number = (int64_t)((uint64_t)optval->txtime.flags << FLAGS_SHIFT | (uint32_t)optval->txtime.clock);
}

const struct codec codec_txtime = {
	txtime_parse,  txtime_format, txtime_encode,
	txtime_decode, false,         "a clock, and flags after a / (deadline, report), such as tai/deadline"};
