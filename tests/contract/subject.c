/* Setting and reading an option in one of its places, and what its row says of the outcome. */
#include "subject.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "fact/tcp_info.h"

int64_t limits[OPTION_COUNT];

const enum sockctl_phase phases[PHASES] = {
	SOCKCTL_CREATED, SOCKCTL_PRE_LISTEN, SOCKCTL_LISTENING, SOCKCTL_CONNECTED, SOCKCTL_ACCEPTED,
};

void complain(struct subject *s, const char *where, enum family family, const char *format, ...)
{
	va_list args;

	s->wrong++;
	printf("# %s (%s) %s, %s: ", s->option->name, s->place->symbol ? s->place->symbol : "listen", where,
	       family_names[family]);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

const char *errno_name(int error)
{
	return error ? strerrorname_np(error) : "success";
}

/* --- setting and reading: one pair per via ------------------------------------------------------------------------- */

static int sockopt_set(const struct subject *s, int fd, const struct value *value)
{
	struct optval raw;

	value_encode(s->option, value, &raw);
	return setsockopt(fd, s->place->level, s->place->number, raw.raw, raw.length) ? errno : 0;
}

static int sockopt_get(const struct subject *s, int fd, struct value *ret)
{
	struct optval raw = {.length = sizeof raw.raw};

	if (getsockopt(fd, s->place->level, s->place->number, raw.raw, &raw.length))
		return errno;
	value_decode(s->option, &raw, ret);
	return 0;
}

static int listen_set(const struct subject *s, int fd, const struct value *value)
{
	(void)s;
	return listen(fd, (int)value->number) ? errno : 0;
}

/* Of a listener TCP_INFO tells the limit of the accept queue in tcpi_sacked. */
static int listen_get(const struct subject *s, int fd, struct value *ret)
{
	struct tcp_info_kernel info = {0};
	socklen_t length = sizeof info;

	(void)s;
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		return errno;
	*ret = (struct value){.number = info.tcpi_sacked};
	return 0;
}

struct accessor {
	int (*set)(const struct subject *, int fd, const struct value *); /* errno */
	int (*get)(const struct subject *, int fd, struct value *);
};
static const struct accessor access_sockopt = {sockopt_set, sockopt_get};
static const struct accessor access_listen = {listen_set, listen_get};
static const struct accessor access_shards = {NULL, NULL}; /* no property of one socket */

#define ACCESSOR_OF(ID, id) [VIA_##ID] = &access_##id,
static const struct accessor *const accessors[VIA_COUNT] = {VIA_LIST(ACCESSOR_OF)};

bool subject_is_settable(const struct subject *s)
{
	return accessors[s->option->via]->set;
}

int subject_set(const struct subject *s, int fd, const struct value *value)
{
	return accessors[s->option->via]->set(s, fd, value);
}

int subject_get(const struct subject *s, int fd, struct value *ret)
{
	return accessors[s->option->via]->get(s, fd, ret);
}

int request_make(int fd, void *arg)
{
	const struct request *request = arg;

	return -subject_set(request->subject, fd, request->value);
}

/* --- what the row says --------------------------------------------------------------------------------------------- */

bool row_refuses(const struct subject *s, enum sockctl_phase phase)
{
	return s->option->never & AT(phase);
}

bool row_is_late(const struct subject *s, enum sockctl_phase phase)
{
	return s->option->late & AT(phase);
}

bool row_honours(const struct subject *s, enum sockctl_phase phase)
{
	return !((s->option->never | s->option->late) & AT(phase));
}

bool row_governs(const struct subject *s, enum family family)
{
	static const uint8_t traffic[FAMILIES] = {TRAFFIC_V4, TRAFFIC_V6, TRAFFIC_V6 | TRAFFIC_MAPPED};

	return (s->place->traffic ? s->place->traffic : TRAFFIC_ALL) & traffic[family];
}

static int64_t after_limit(const struct subject *s, int64_t asked)
{
	int64_t limit = limits[option_id(s->option)];

	return limit >= 0 && asked > limit ? limit : asked;
}

static bool reads_same(const struct subject *s, int64_t asked, int64_t got)
{
	return got == after_limit(s, asked);
}

/* net/core/sock.c never lets a buffer get smaller than SOCK_MIN_RCVBUF and SOCK_MIN_SNDBUF: a few KB, by architecture. */
static bool reads_doubled(const struct subject *s, int64_t asked, int64_t got)
{
	enum { SMALLEST_KNOWN = 8192 };
	int64_t doubled = 2 * after_limit(s, asked);

	return got == doubled || (got > doubled && got < SMALLEST_KNOWN);
}

static bool reads_masked(const struct subject *s, int64_t asked, int64_t got)
{
	return got == (after_limit(s, asked) & s->option->mask);
}

static bool reads_backoff(const struct subject *s, int64_t asked, int64_t got)
{
	int64_t step = 1, sum = asked ? 1 : 0, cap_s = 120; /* tcp_retransmit wait doubles up to TCP_RTO_MAX */

	(void)s;
	while (sum < asked) {
		step = 2 * step < cap_s ? 2 * step : cap_s;
		sum += step;
	}
	return got == sum;
}

static bool reads_at_most(const struct subject *s, int64_t asked, int64_t got)
{
	return got > 0 && got <= after_limit(s, asked);
}

static bool reads_raised(const struct subject *s, int64_t asked, int64_t got)
{
	enum { SMALLEST_KNOWN = 8192 };

	return got == after_limit(s, asked) || (got > asked && got < SMALLEST_KNOWN);
}

static bool reads_jiffies(const struct subject *s, int64_t asked, int64_t got)
{
	int64_t tick = s->option->unit == UNIT_MS ? 10 : 10000; /* of a kernel with HZ=100 */

	return got == asked || (asked && got > asked && got < asked + tick);
}

static bool reads_never(const struct subject *s, int64_t asked, int64_t got)
{
	(void)s, (void)asked, (void)got;
	return false;
}

#define RELATION_OF(ID, id) [READS_##ID] = reads_##id,
static bool (*const relations[READS_COUNT])(const struct subject *, int64_t asked,
					    int64_t got) = {READS_LIST(RELATION_OF)};

bool reads_as_row_says(const struct subject *s, const struct value *asked, const struct value *got)
{
	if (got->form == FORM_TEXT)
		return value_equal(asked, got);
	return relations[s->option->reads](s, asked->number, got->number);
}

enum sockctl_phase first_honoured(const struct subject *s)
{
	for (size_t i = 0; i < COUNT(phases); i++)
		if (row_honours(s, phases[i]))
			return phases[i];
	return SOCKCTL_PHASES;
}

void example_value(const struct option *option, struct value *ret)
{
	if (value_parse(option, option->example ? option->example : "on", ret)) {
		printf("Bail out! %s: its example does not parse\n", option->name);
		exit(1);
	}
}
