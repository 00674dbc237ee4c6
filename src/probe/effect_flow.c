/* Effects on an established connection: on what it sends and when, and on when it gives up. */
#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>
#include "base/clock.h"
#include "probe/effect.h"

enum {
	GLANCE_MS = 100, /* for what happens at once or not at all; a cork lasts 200 ms */
	TICKS_MS = 3500, /* for two timers of a second each */
	STEP_MS = 10,
};

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = {0};
	socklen_t length = sizeof info;

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length);
	return info;
}

/* --- settled by the handshake ---------------------------------------------------------------------------------- */

static struct probe_finding info_compare(const struct effect_case *c, int64_t (*pick)(const struct scene *))
{
	struct effect_case without = {c->subject, PROBE_PHASES, NULL};
	struct scene plain, with;
	bool differ, there;

	scene_build(&plain, &without);
	scene_build(&with, c);
	there = !plain.error && !with.error;
	differ = there && pick(&plain) != pick(&with);
	scene_strike(&plain);
	scene_strike(&with);
	return there ? EFFECT_FINDING(differ) : EFFECT_UNKNOWN("no connection came about");
}

static int64_t pick_window_scale(const struct scene *scene)
{
	return info_of(scene->fd).tcpi_rcv_wscale;
}

static int64_t pick_segment(const struct scene *scene)
{
	return info_of(scene->fd).tcpi_snd_mss;
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
/* It takes sockets on several processors: not watched here. */
const struct effect_probe effect_steering = {.decided = EFFECT_AFTER_HANDSHAKE};

/* --- what is sent, and when: to a peer that acknowledges nothing ----------------------------------------------- */

/* Waits until everything that was written was sent once. */
static bool all_leaves(int fd)
{
	uint64_t end_us = clock_us() + GLANCE_MS * 1000;
	int unsent = 1;

	while (!ioctl(fd, SIOCOUTQNSD, &unsent) && unsent && clock_us() < end_us)
		stage_wait(fd, 0, STEP_MS);
	return !unsent;
}

/* Of two small writes Nagle holds the second until the first is acknowledged. */
static struct probe_finding look_prompt(struct scene *scene)
{
	if (stage_silence(scene->peer, true) || !scene_send(scene->fd, 2))
		return EFFECT_UNKNOWN("nothing could be sent");
	return EFFECT_FINDING(all_leaves(scene->fd));
}

/* After 200 ms a cork lets go: whoever looks so late can say nothing. */
static struct probe_finding look_held(struct scene *scene)
{
	enum { CORK_US = 150000 };
	uint64_t start_us = clock_us();
	bool held;

	if (!scene_send(scene->fd, 1))
		return EFFECT_UNKNOWN("nothing could be sent");
	if (stage_is_udp(scene->stage.family))
		return EFFECT_FINDING(stage_wait(scene->peer, POLLIN, GLANCE_MS) == -ETIMEDOUT);
	held = !all_leaves(scene->fd);
	if (!held && clock_us() - start_us > CORK_US)
		return EFFECT_UNKNOWN("it was looked at too late");
	return EFFECT_FINDING(held);
}

/* More than the peer's first window, less than the send buffer. */
static struct probe_finding look_unsent(struct scene *scene)
{
	static const char bulk[192 << 10];

	if (stage_silence(scene->peer, true) || send(scene->fd, bulk, sizeof bulk, MSG_NOSIGNAL | MSG_DONTWAIT) <= 0)
		return EFFECT_UNKNOWN("nothing could be sent");
	return EFFECT_FINDING(stage_wait(scene->fd, POLLOUT, 0) == -ETIMEDOUT);
}

/* What the kernel takes for a peer that reads nothing. */
static int64_t pick_send_space(const struct scene *scene)
{
	static const char bulk[64 << 10];
	int64_t sum = 0;
	ssize_t n;

	if (stage_silence(scene->peer, true))
		return -1;
	while (sum < INT32_MAX && (n = send(scene->fd, bulk, sizeof bulk, MSG_NOSIGNAL | MSG_DONTWAIT)) > 0)
		sum += n;
	return sum / (int64_t)sizeof bulk / 4; /* its last part depends on how the pieces fall */
}

static struct probe_finding show_prompt(const struct effect_case *c)
{
	return scene_show(c, look_prompt);
}

static struct probe_finding show_held(const struct effect_case *c)
{
	return scene_show(c, look_held);
}

static struct probe_finding show_unsent(const struct effect_case *c)
{
	return scene_show(c, look_unsent);
}

static struct probe_finding show_send_space(const struct effect_case *c)
{
	return info_compare(c, pick_send_space);
}

const struct effect_probe effect_prompt = {.show = show_prompt};
const struct effect_probe effect_held = {.show = show_held, .udp = true};
const struct effect_probe effect_unsent = {.show = show_unsent, .has_number = true, .number = 16 << 10};
const struct effect_probe effect_send_space = {.show = show_send_space, .compares = true};

/* 4 MB in 300 ms are 100 Mbit/s: at one hundredth of that they do not get through, without a limit they do. */
static struct probe_finding look_pacing(struct scene *scene)
{
	enum { WINDOW_US = 300000, BULK = 4 << 20 };
	static char piece[64 << 10];
	uint64_t end_us = clock_us() + WINDOW_US;
	int64_t received = 0;

	while (received < BULK && clock_us() < end_us) {
		struct pollfd ready[] = {{.fd = scene->fd, .events = POLLOUT}, {.fd = scene->peer, .events = POLLIN}};
		ssize_t n;

		poll(ready, 2, STEP_MS);
		if (ready[0].revents & POLLOUT)
			(void)!send(scene->fd, piece, sizeof piece, MSG_NOSIGNAL | MSG_DONTWAIT);
		n = recv(scene->peer, piece, sizeof piece, MSG_DONTWAIT);
		received += n > 0 ? n : 0;
	}
	return EFFECT_FINDING(received < BULK / 4);
}

static struct probe_finding show_pacing(const struct effect_case *c)
{
	return scene_show(c, look_pacing);
}

const struct effect_probe effect_pacing = {.show = show_pacing, .has_number = true, .number = 1000000};

/* --- what wakes and what ends ---------------------------------------------------------------------------------- */

static struct probe_finding look_wake_up(struct scene *scene)
{
	int arrived = 0;
	uint64_t end_us = clock_us() + STAGE_PATIENCE_MS * 1000;

	if (!scene_send(scene->peer, 1))
		return EFFECT_UNKNOWN("the peer has said its last");
	while (!ioctl(scene->fd, FIONREAD, &arrived) && !arrived && clock_us() < end_us)
		stage_wait(scene->fd, POLLIN, 1);
	return arrived ? EFFECT_FINDING(stage_wait(scene->fd, POLLIN, GLANCE_MS) == -ETIMEDOUT) :
			 EFFECT_UNKNOWN("nothing arrived");
}

/* close() resets the connection: the peer sees an error, not an end. */
static struct probe_finding look_reset(struct scene *scene)
{
	int *fd = scene->fd == scene->stage.accepted ? &scene->stage.accepted : &scene->stage.client;
	char byte;

	close(*fd);
	*fd = -1;
	if (stage_wait(scene->peer, POLLIN | POLLRDHUP, STAGE_PATIENCE_MS))
		return EFFECT_UNKNOWN("the peer sees no end");
	return EFFECT_FINDING(recv(scene->peer, &byte, 1, MSG_DONTWAIT) < 0 && errno == ECONNRESET);
}

static struct probe_finding show_wake_up(const struct effect_case *c)
{
	return scene_show(c, look_wake_up);
}

static struct probe_finding show_reset(const struct effect_case *c)
{
	return scene_show(c, look_reset);
}

const struct effect_probe effect_wake_up = {.show = show_wake_up};
const struct effect_probe effect_reset = {.show = show_reset, .has_number = true, .number = 0};
