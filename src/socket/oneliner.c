/* The calls for a socket that is at hand: the same accessors and relations as the rest, without spec and report. */
#include "socket/access.h"
#include "socket/relation.h"

/* 0: in effect; 1: the kernel granted something else; -errno. */
static int option_set(int fd, enum option_id id, int64_t number)
{
	const struct option *option = &catalogue[id];
	struct value asked = {.form = FORM_NUMBER, .number = number}, got = {0};
	struct sockctl_verdict verdict = {0};
	int r = access_set(fd, option, 0, &asked);

	if (!r)
		r = access_get(fd, option, 0, &got);
	if (r)
		return r;
	relation_judge(option, &asked, &got, &verdict);
	return verdict.outcome > SOCKCTL_ROUNDED;
}

int sockctl_set_nodelay(int fd, int on)
{
	return option_set(fd, OPTION_nodelay, on != 0);
}

int sockctl_set_buffers(int fd, int rcv_bytes, int snd_bytes)
{
	int rcv = rcv_bytes > 0 ? option_set(fd, OPTION_rcvbuf, rcv_bytes) : 0;
	int snd = rcv >= 0 && snd_bytes > 0 ? option_set(fd, OPTION_sndbuf, snd_bytes) : 0;

	return rcv < 0 || snd < 0 ? (rcv < 0 ? rcv : snd) : rcv | snd;
}

/* The switch comes last: a socket whose timers were refused is not probed with the system's. */
int sockctl_set_keepalive(int fd, int idle_s, int interval_s, int count)
{
	const struct {
		enum option_id id;
		int value;
	} steps[] = {
		{OPTION_keepalive_idle, idle_s},
		{OPTION_keepalive_interval, interval_s},
		{OPTION_keepalive_count, count},
		{OPTION_keepalive, 1},
	};
	int worst = 0;

	for (unsigned i = 0; i < sizeof steps / sizeof *steps; i++) {
		int r = option_set(fd, steps[i].id, steps[i].value);

		if (r < 0)
			return r;
		worst |= r;
	}
	return worst;
}
