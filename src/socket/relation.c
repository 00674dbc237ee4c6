/* One relation per `reads`: what getsockopt may answer to what was set. Knows no option by name, and touches no
 * socket. */
#include "socket/relation.h"
#include <stdlib.h>
#include <string.h>
#include "base/sysctl.h"
#include "catalog/words.h"
#include "socket/autotune.h"

/* SOCK_MIN_SNDBUF and SOCK_MIN_RCVBUF (include/net/sock.h) follow the kernel's own structures: 4608 and 2304 on most
 * 64-bit builds, never above this. */
enum { BUFFER_FLOOR_BYTES = 8192 };
/* TCP_RTO_MAX in include/net/tcp.h: net/ipv4/inet_connection_sock.c doubles the SYN-ACK timeout from 1 s up to it. */
enum { SYNACK_TIMEOUT_MAX_S = 120 };

static enum sockctl_outcome relate_same(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	return got == asked ? SOCKCTL_GRANTED : SOCKCTL_DIFFERS;
}

static enum sockctl_outcome relate_doubled(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	if (got == 2 * asked)
		return SOCKCTL_GRANTED;
	return got > 2 * asked && got <= BUFFER_FLOOR_BYTES ? SOCKCTL_ROUNDED : SOCKCTL_DIFFERS;
}

static enum sockctl_outcome relate_masked(const struct option *option, int64_t asked, int64_t got)
{
	if ((got & option->mask) != (asked & option->mask))
		return SOCKCTL_DIFFERS;
	/* UDP masks nothing: what it was asked for is all there */
	return got == asked || (asked & option->mask) == asked ? SOCKCTL_GRANTED : SOCKCTL_ROUNDED;
}

/* Time until the SYN-ACK retransmission that is the first not before `asked`. */
static int64_t backoff_ceiling(int64_t asked)
{
	int64_t total = 1, timeout = 1;

	while (total < asked) {
		timeout = timeout * 2 < SYNACK_TIMEOUT_MAX_S ? timeout * 2 : SYNACK_TIMEOUT_MAX_S;
		total += timeout;
	}
	return asked ? total : 0;
}

static enum sockctl_outcome relate_backoff(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	if (got == asked)
		return SOCKCTL_GRANTED;
	return got == backoff_ceiling(asked) ? SOCKCTL_ROUNDED : SOCKCTL_DIFFERS;
}

static enum sockctl_outcome relate_at_most(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	if (got == asked)
		return SOCKCTL_GRANTED;
	return got < asked && got > 0 ? SOCKCTL_ROUNDED : SOCKCTL_DIFFERS;
}

static enum sockctl_outcome relate_raised(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	if (got == asked)
		return SOCKCTL_GRANTED;
	return got > asked && got <= BUFFER_FLOOR_BYTES ? SOCKCTL_ROUNDED : SOCKCTL_DIFFERS;
}

/* CONFIG_HZ is 100 to 1000. What is off (0) stays off. */
static enum sockctl_outcome relate_jiffies(const struct option *option, int64_t asked, int64_t got)
{
	int64_t tick = option->unit == UNIT_MS ? 10 : 10000;

	if (got == asked)
		return SOCKCTL_GRANTED;
	return asked && got > asked && got - asked < tick ? SOCKCTL_ROUNDED : SOCKCTL_DIFFERS;
}

static enum sockctl_outcome relate_never(const struct option *option, int64_t asked, int64_t got)
{
	(void)option;
	(void)asked;
	(void)got;
	return SOCKCTL_UNVERIFIABLE;
}

static enum sockctl_outcome (*const relations[])(const struct option *, int64_t asked, int64_t got) = {
	[READS_SAME] = relate_same,       [READS_DOUBLED] = relate_doubled, [READS_MASKED] = relate_masked,
	[READS_BACKOFF] = relate_backoff, [READS_AT_MOST] = relate_at_most, [READS_RAISED] = relate_raised,
	[READS_JIFFIES] = relate_jiffies, [READS_OTHER] = relate_never,     [READS_NEVER] = relate_never,
};
_Static_assert(sizeof relations / sizeof *relations == READS_COUNT, "a row's `reads` without its relation");

int64_t relation_asked(const struct option *option, const struct value *value)
{
	struct optval optval = {0};
	struct value sent = {0};

	if (value->form == FORM_AUTO || value->form == FORM_TEXT)
		return 0;
	if (option_is_pseudo(option))
		return value->number;
	value_encode(option, value, &optval);
	value_decode(option, &optval, &sent);
	return sent.number;
}

/* "default" leaves the choice to the kernel: whatever it chose is what was asked for. */
static bool asks_for_default(const struct option *option, const struct value *asked)
{
	static const char name[] = "default";
	struct word word;

	return asked->form == FORM_NUMBER && words_find(option->words, name, strlen(name), &word) &&
	       word.number == asked->number;
}

static enum sockctl_outcome value_relate(const struct option *option, const struct value *asked,
					 const struct value *got)
{
	if (asked->form == FORM_AUTO)
		return got->form == FORM_AUTO ? SOCKCTL_GRANTED : SOCKCTL_DIFFERS;
	if (asked->form == FORM_TEXT)
		return !strncmp(asked->text, got->text, sizeof asked->text) ? SOCKCTL_GRANTED : SOCKCTL_DIFFERS;
	if (asks_for_default(option, asked) && option_is_readable(option))
		return SOCKCTL_GRANTED;
	return relations[option->reads](option, relation_asked(option, asked), got->number);
}

/* Only what the limit explains is a clamp: asked for more, and got exactly the limit (or the limit is out of
 * sight). */
static void limit_judge(const struct option *option, int64_t asked, struct sockctl_verdict *verdict)
{
	int64_t factor = option->reads == READS_DOUBLED ? 2 : 1, limit;
	bool seen = !option_limit_read(option, &limit);

	if (verdict->granted >= factor * asked || (seen && verdict->granted != factor * limit))
		return;
	verdict->outcome = SOCKCTL_CLAMPED;
	verdict->limit = option->limit;
	verdict->limit_value = seen ? limit : -1;
}

static void gate_judge(const struct option *option, struct sockctl_verdict *verdict)
{
	int64_t gate = -1;
	int r = sysctl_read_number(option->gate, 0, &gate);

	if (!r && gate & option->gate_bit)
		return;
	verdict->outcome = r ? SOCKCTL_UNVERIFIABLE : SOCKCTL_INERT;
	verdict->limit = option->gate;
	verdict->limit_value = r ? -1 : gate;
}

/* net/ipv4/inet_connection_sock.c inet_sk_get_local_port_range(): each end counts only if it lies inside the host's. */
static void range_judge(const struct option *option, int64_t asked, struct sockctl_verdict *verdict)
{
	enum { END_BITS = 16, END_MAX = UINT16_MAX };
	int64_t from = asked & END_MAX, to = asked >> END_BITS, low = 0, high = 0;
	char text[48], *end = text;
	int r = sysctl_read(option->within, text, sizeof text); /* once: a call for each end would cost twice */

	if (!r) {
		low = strtoll(text, &end, 10);
		high = strtoll(end, NULL, 10);
	}
	verdict->limit = option->within;
	verdict->limit_value = r ? -1 : high << END_BITS | low;
	if (r)
		verdict->outcome = SOCKCTL_UNVERIFIABLE;
	else if ((from && (from < low || from > high)) || (to && (to < low || to > high)))
		verdict->outcome = from <= high && (!to || to >= low) ? SOCKCTL_CLAMPED : SOCKCTL_INERT;
}

void relation_judge(const struct option *option, const struct value *asked, const struct value *got,
		    struct sockctl_verdict *verdict)
{
	int64_t wanted = relation_asked(option, asked);

	if (asked->form == FORM_BDP && got->form == FORM_AUTO) {
		autotune_judge(option, wanted, got->number, verdict);
		return;
	}
	verdict->outcome = value_relate(option, asked, got);
	verdict->granted = got->number;
	verdict->usable = option->reads == READS_DOUBLED ? got->number / 2 : got->number;
	verdict->limit = NULL;
	verdict->limit_value = -1;
	if (verdict->outcome == SOCKCTL_DIFFERS && option->limit && asked->form != FORM_AUTO &&
	    asked->form != FORM_TEXT)
		limit_judge(option, wanted, verdict);
	if (option->gate && wanted && verdict->outcome <= SOCKCTL_CLAMPED)
		gate_judge(option, verdict);
	if (option->within && wanted && verdict->outcome == SOCKCTL_GRANTED)
		range_judge(option, wanted, verdict);
}

bool relation_repeats(const struct option *option, const struct value *got, const struct sockctl_verdict *known,
		      struct sockctl_verdict *verdict)
{
	bool explained = known->limit &&
			 (known->limit == option->limit || known->limit == option->gate ||
			  known->limit == option->within) &&
			 known->limit_value >= 0;

	if (!explained || got->form != FORM_NUMBER || known->granted != got->number)
		return false;
	verdict->outcome = known->outcome;
	verdict->granted = known->granted;
	verdict->usable = known->usable;
	verdict->limit = known->limit;
	verdict->limit_value = known->limit_value;
	return true;
}
