/* Effects: a row that names one must show it where it honours the option, and not where it is too late. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "check.h"
#include "fact/tcp_info.h"

/* What TCP_INFO shows of an effect; NULL: reading the option itself back shows it. */
typedef int64_t effect_pick(const struct tcp_info_kernel *);

static int64_t pick_window_scale(const struct tcp_info_kernel *info)
{
	return info->tcpi_rcv_wscale;
}

static int64_t pick_segment(const struct tcp_info_kernel *info)
{
	return info->tcpi_snd_mss;
}

static effect_pick *const pick_none = NULL, *const pick_backlog = NULL;

static effect_pick *effect_of(enum effect effect)
{
#define PICK_OF(ID, id) case EFFECT_##ID: return pick_##id;
	switch (effect) {
	EFFECT_LIST(PICK_OF)
	default: return NULL;
	}
}

static int64_t info_read(int fd, effect_pick *pick)
{
	struct tcp_info_kernel info = {0};
	socklen_t length = sizeof info;

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) ? -1 : pick(&info);
}

/* What the accepted socket shows when the value (or none: NULL) was set from the beginning, or at `late_phase` itself. */
static int64_t effect_read(const struct subject *s, enum family family, const struct value *value, bool late)
{
	struct request request = {s, value};
	struct stage stage;
	int64_t seen = -1;
	struct stage_hook hook = {SOCKCTL_CREATED, request_make, &request};
	int fd = stage_build(&stage, family, SOCKCTL_ACCEPTED, value && !late ? &hook : NULL);

	if (fd >= 0 && !(late && subject_set(s, fd, value)))
		seen = info_read(fd, effect_of(s->option->effect));
	stage_strike(&stage);
	return seen;
}

void check_effect(struct subject *s, enum family family)
{
	int64_t plain, early, late;
	struct value asked;

	if (!effect_of(s->option->effect))
		return;
	example_value(s->option, &asked);
	plain = effect_read(s, family, NULL, false);
	early = effect_read(s, family, &asked, false);
	late = effect_read(s, family, &asked, true);
	s->checks += 2;
	if (plain < 0 || early < 0 || early == plain)
		complain(s, "effect", family, "none: %lld without, %lld with it", (long long)plain, (long long)early);
	if ((late == plain) != !row_honours(s, SOCKCTL_ACCEPTED))
		complain(s, "effect", family, "set on the accepted socket: %lld, without it %lld", (long long)late, (long long)plain);
}
