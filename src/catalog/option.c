/* The table itself, and finding a row by its name. */
#include "catalog/option.h"
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/sysctl.h"
#include "base/text.h"
#include "catalog/suggest.h"

const struct option catalogue[OPTION_COUNT] = {
#define OPTION(id, ...) [OPTION_##id] = {__VA_ARGS__},
#include "catalog/options.def"
#undef OPTION
};

#define KIND_NAME_OF(ID, id) [KIND_##ID] = #id,
#define UNIT_NAME_OF(ID, id) [UNIT_##ID] = #id,
#define READS_NAME_OF(ID, id) [READS_##ID] = #id,
const char *const kind_names[KIND_COUNT] = {KIND_LIST(KIND_NAME_OF)};
const char *const unit_names[UNIT_COUNT] = {UNIT_LIST(UNIT_NAME_OF)};
const char *const reads_names[READS_COUNT] = {READS_LIST(READS_NAME_OF)};

const struct option *option_find(const char *name, size_t length)
{
	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++)
		if (text_has_word(o->name, name, length) || text_has_word(o->aliases, name, length))
			return o;
	return NULL;
}

static unsigned words_distance(const char *words, const char *name, size_t length)
{
	unsigned best = SUGGEST_FAR;

	for (size_t n; words && *words; words += n, words += strspn(words, " ")) {
		unsigned distance;

		n = strcspn(words, " ");
		distance = suggest_distance(name, length, words, n);
		best = distance < best ? distance : best;
	}
	return best;
}

const struct option *option_nearest(const char *name, size_t length)
{
	const struct option *nearest = NULL;
	unsigned best = SUGGEST_FAR;

	for (const struct option *o = catalogue + 1; o < catalogue + OPTION_COUNT; o++) {
		unsigned own = words_distance(o->name, name, length), other = words_distance(o->aliases, name, length);
		unsigned distance = own < other ? own : other;

		if (distance < best) {
			best = distance;
			nearest = o;
		}
	}
	return nearest;
}

enum option_id option_id(const struct option *option)
{
	return (enum option_id)(option - catalogue);
}

bool option_is_readable(const struct option *option)
{
	return option->reads != READS_NEVER && option->reads != READS_OTHER;
}

bool option_is_dead(const struct option *option)
{
	return option->late == AT_ALL;
}

uint8_t option_protocols(const struct option *option)
{
	return option->protocols ? option->protocols : PROTOCOL_ALL;
}

#define GROUP_TITLE_OF(ID, title) [GROUP_##ID] = title,
const char *const group_titles[GROUP_COUNT] = {GROUP_LIST(GROUP_TITLE_OF)};

enum group option_group(const struct option *option)
{
	if (option_is_pseudo(option))
		return GROUP_OPENING;
	switch (option->place[0].level) {
	case SOL_SOCKET:
		return GROUP_SOCKET;
	case IPPROTO_TCP:
		return GROUP_TCP;
	case IPPROTO_UDP:
		return GROUP_UDP;
	default:
		return GROUP_IP;
	}
}

bool option_is_pseudo(const struct option *option)
{
	return option->via != VIA_SOCKOPT;
}

bool option_is_of_listeners(const struct option *option)
{
	return !option_is_pseudo(option) && option_protocols(option) & PROTOCOL_TCP && option->never != AT_ALL;
}

bool option_works(const struct option *option, uint8_t protocol, enum sockctl_phase phase)
{
	unsigned lost = option->late | option->never;

	if (protocol == PROTOCOL_UDP)
		lost &= ~(unsigned)option->udp_works;
	return !(lost & AT(phase));
}

int option_denied(const struct option *option)
{
	return option->denied ? option->denied : EPERM;
}

bool option_overrules(const struct option *option, const struct option *other)
{
	for (unsigned i = 0; i < sizeof other->overruled_by / sizeof *other->overruled_by; i++)
		if (other->overruled_by[i] == option_id(option))
			return true;
	return false;
}

bool option_of_group(const struct option *option)
{
	return option->via == VIA_SHARDS || option->via == VIA_STEER;
}

bool option_shares_place(const struct option *a, const struct option *b)
{
	return a != b && !option_is_pseudo(a) && !option_is_pseudo(b) && a->place[0].level == b->place[0].level &&
	       a->place[0].number == b->place[0].number;
}

int64_t option_min(const struct option *option)
{
	int64_t us = option->unit == UNIT_MS ? 1000 : 1;
	int64_t least = option->min_ticks ? (option->min_ticks - 1) * clock_tick_us() / us + 1 : option->min;

	return least > option->min ? least : option->min;
}

int option_limit_read(const struct option *option, int64_t *ret)
{
	int64_t value;
	int r = option->limit ? sysctl_read_number(option->limit, option->limit_index, &value) : -ENODATA;

	if (!r)
		*ret = value / (option->limit_divisor ? option->limit_divisor : 1);
	return r;
}

enum { TRIPLE_MAX = 2 }; /* "min default max": the third number of tcp_rmem and tcp_wmem */

int option_autotune_read(const struct option *option, int64_t *ret)
{
	int64_t gate;

	if (!option->autotune)
		return -ENODATA;
	if (option->autotune_gate && !sysctl_read_number(option->autotune_gate, 0, &gate) && !gate) {
		*ret = 0;
		return 0;
	}
	return sysctl_read_number(option->autotune, TRIPLE_MAX, ret);
}
