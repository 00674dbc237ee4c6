/* Effects: a row that names one must show it where it honours the option, and not where it is too late. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include "check.h"
#include "fact/tcp_info.h"

typedef int64_t effect_pick(const struct tcp_info_kernel *);

static int64_t pick_window_scale(const struct tcp_info_kernel *info)
{
	return info->tcpi_rcv_wscale;
}

static int64_t pick_segment(const struct tcp_info_kernel *info)
{
	return info->tcpi_snd_mss;
}

/* bind() to a documentation address (RFC 5737, RFC 3849), which no host has. */
static bool binds_address(const struct subject *s, enum family family, const struct value *value)
{
	struct request request = {s, value};
	struct stage_hook hook = {SOCKCTL_CREATED, request_make, &request};

	return stage_bind_foreign(family, value ? &hook : NULL);
}

/* bind() to the port of a listener that is gone, while a connection of it remains. The listener had the option as well. */
static bool binds_time_wait(const struct subject *s, enum family family, const struct value *value)
{
	struct value had;
	struct request before = {s, &had}, now = {s, value};
	struct stage_hook server = {SOCKCTL_CREATED, request_make, &before};
	struct stage_hook again = {SOCKCTL_CREATED, request_make, &now};

	example_value(s->option, &had);
	return stage_bind_again(family, &server, value ? &again : NULL);
}

/* What an effect shows itself in, if it does: in TCP_INFO, or in whether bind() succeeds. And by when it is decided: in
 * these phases the option must be too late. */
struct effect_view {
	effect_pick *pick;
	bool (*binds)(const struct subject *, enum family, const struct value *);
	uint8_t decided;
};

enum { AT_BIND = AT_BOUND | AT_LISTENING | AT_CONNECTED };

static const struct effect_view view_none = {0};
static const struct effect_view view_backlog = {0}; /* reading the option back shows it */
static const struct effect_view view_window_scale = {.pick = pick_window_scale, .decided = AT_CONNECTED};
static const struct effect_view view_segment = {.pick = pick_segment, .decided = AT_CONNECTED};
static const struct effect_view view_time_wait = {.binds = binds_time_wait, .decided = AT_BIND};
static const struct effect_view view_address = {.binds = binds_address, .decided = AT_BIND};
static const struct effect_view view_handshake = {.decided = AT_CONNECTED}; /* seconds of retries: not watched here */

#define VIEW_OF(ID, id) [EFFECT_##ID] = &view_##id,
static const struct effect_view *const views[EFFECT_COUNT] = {EFFECT_LIST(VIEW_OF)};

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
		seen = info_read(fd, views[s->option->effect]->pick);
	stage_strike(&stage);
	return seen;
}

static void check_info(struct subject *s, enum family family, const struct value *asked)
{
	int64_t plain = effect_read(s, family, NULL, false);
	int64_t early = effect_read(s, family, asked, false);
	int64_t late = effect_read(s, family, asked, true);

	s->checks += 2;
	if (plain < 0 || early < 0 || early == plain)
		complain(s, "effect", family, "none: %lld without, %lld with it", (long long)plain, (long long)early);
	if ((late == plain) != !row_honours(s, SOCKCTL_ACCEPTED))
		complain(s, "effect", family, "set on the accepted socket: %lld, without it %lld", (long long)late,
			 (long long)plain);
}

void check_effect(struct subject *s, enum family family)
{
	const struct effect_view *view = views[s->option->effect];
	struct value asked;

	example_value(s->option, &asked);
	s->checks++;
	if (view->decided & ~(s->option->late | s->option->never))
		complain(s, "effect", family,
			 "it is decided before phases in which the row says that the option works");
	if (s->option->effect == EFFECT_NONE && row_is_late(s, SOCKCTL_ACCEPTED) && !option_is_pseudo(s->option))
		complain(s, "effect", family,
			 "row says too late for accepted sockets, but names no effect that would show it");
	if (view->pick)
		check_info(s, family, &asked);
	if (view->binds && (view->binds(s, family, NULL) || !view->binds(s, family, &asked)))
		complain(s, "effect", family, "bind() does not depend on it");
}
