/* Effects on an established connection that its own TCP_INFO tells. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include "probe/effect.h"

typedef int64_t info_pick(const struct tcp_info *);

static int64_t pick_window_scale(const struct tcp_info *info)
{
	return info->tcpi_rcv_wscale;
}

static int64_t pick_segment(const struct tcp_info *info)
{
	return info->tcpi_snd_mss;
}

/* -1 if the scene does not come about. */
static int64_t info_read(const struct effect_case *c, info_pick *pick)
{
	struct scene scene;
	struct tcp_info info = {0};
	socklen_t length = sizeof info;
	int64_t seen = -1;

	scene_build(&scene, c);
	if (!scene.error && !getsockopt(scene.fd, IPPROTO_TCP, TCP_INFO, &info, &length))
		seen = pick(&info);
	scene_strike(&scene);
	return seen;
}

static struct probe_finding info_compare(const struct effect_case *c, info_pick *pick)
{
	struct effect_case without = {c->subject, PROBE_PHASES, NULL};
	int64_t plain = info_read(&without, pick), with = info_read(c, pick);

	if (plain < 0 || with < 0)
		return EFFECT_UNKNOWN("no connection came about");
	return EFFECT_FINDING(with != plain);
}

static struct probe_finding show_window_scale(const struct effect_case *c)
{
	return info_compare(c, pick_window_scale);
}

static struct probe_finding show_segment(const struct effect_case *c)
{
	return info_compare(c, pick_segment);
}

const struct effect_probe effect_window_scale = {.show = show_window_scale, .compares = true};
const struct effect_probe effect_segment = {.show = show_segment, .compares = true};
const struct effect_probe effect_handshake = {.decided = EFFECT_AFTER_HANDSHAKE};
/* It takes sockets on several processors: not watched here. */
const struct effect_probe effect_steering = {.decided = EFFECT_AFTER_HANDSHAKE};
