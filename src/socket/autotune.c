/* Autotuning against a fixed size, for buffers that are asked for by what has to be under way. */
#include "socket/autotune.h"
#include <string.h>
#include "socket/relation.h"

/* About half of a buffer holds payload: the rest is the kernel's bookkeeping (net/ipv4/tcp_input.c,
 * tcp_win_from_space). */
enum { BUFFER_PER_PAYLOAD = 2 };

bool autotune_reaches(int64_t size_bytes, int64_t autotune_max_bytes, int64_t set_max_bytes)
{
	int64_t settable = set_max_bytes >= 0 && set_max_bytes < size_bytes ? set_max_bytes : size_bytes;

	return autotune_max_bytes / BUFFER_PER_PAYLOAD >= settable;
}

static bool is_remembered(const struct option *option, const struct sockctl_verdict *verdict)
{
	return verdict->limit && option->autotune && !strcmp(verdict->limit, option->autotune);
}

static int64_t maximum(const struct option *option, struct sockctl_verdict *verdict)
{
	if (is_remembered(option, verdict))
		return verdict->limit_value;
	verdict->limit = option->autotune;
	if (option_autotune_read(option, &verdict->limit_value))
		verdict->limit_value = -1;
	return verdict->limit_value;
}

bool autotune_prefers(const struct option *option, const struct value *value, struct sockctl_verdict *verdict)
{
	int64_t size = relation_asked(option, value), max = maximum(option, verdict), settable = -1;

	if (max < 0)
		return false;
	if (autotune_reaches(size, max, -1))
		return true;
	return !option_limit_read(option, &settable) && autotune_reaches(size, max, settable);
}

void autotune_recall(const struct option *option, const struct sockctl_verdict *from, struct sockctl_verdict *to)
{
	if (!is_remembered(option, from))
		return;
	to->limit = from->limit;
	to->limit_value = from->limit_value;
}

void autotune_judge(const struct option *option, int64_t asked, int64_t size_now, struct sockctl_verdict *verdict)
{
	int64_t max = maximum(option, verdict), payload = max / BUFFER_PER_PAYLOAD;

	verdict->granted = size_now;
	verdict->usable = max >= 0 && payload < asked ? payload : asked;
	verdict->outcome = max < 0 ? SOCKCTL_UNVERIFIABLE : payload < asked ? SOCKCTL_CLAMPED : SOCKCTL_AUTOTUNED;
}
