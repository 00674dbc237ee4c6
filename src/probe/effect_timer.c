/* Effects that take time: timers of the kernel that count in seconds, and calls that wait. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/clock.h"
#include "probe/effect.h"

enum {
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

/* Waits until the socket's TCP_INFO satisfies; an error of the socket ends it, too. Whoever was kept from running
 * looks once more when the time is over. */
static bool info_await(int fd, int patience_ms, bool (*satisfies)(const struct tcp_info *))
{
	uint64_t end_us = clock_us() + (uint64_t)patience_ms * 1000;
	struct tcp_info info;
	bool waits = true;

	for (;;) {
		info = info_of(fd);
		if (satisfies(&info) || !waits)
			return satisfies(&info);
		waits = stage_wait(fd, 0, STEP_MS) == -ETIMEDOUT && clock_us() < end_us;
	}
}

/* Its end is the wait for a connection that nobody answers: 2 to 3 s with one retry, more than a minute without. */
static struct probe_finding show_syn_retries(const struct effect_case *c)
{
	static const enum stage_point points[PROBE_PHASES + 1] = {
		[PROBE_UNBOUND] = CLIENT_UNBOUND,       [PROBE_BOUND] = CLIENT_BOUND,  [PROBE_LISTENING] = STAGE_POINTS,
		[PROBE_CONNECTING] = CLIENT_CONNECTING, [PROBE_PHASES] = STAGE_POINTS,
	};
	struct effect_case copy = *c;
	struct stage_hook hook = {points[c->phase], effect_hook, &copy};
	struct probe_finding finding = EFFECT_UNKNOWN("no connection was begun");
	struct stage stage;

	if (c->phase == PROBE_LISTENING)
		return EFFECT_UNKNOWN("how often a listener repeats its SYN-ACK is not watched");
	if (stage_build(&stage, c->subject->family, CLIENT_CONNECTING, c->value ? &hook : NULL) >= 0)
		finding = EFFECT_FINDING(stage_wait(stage.client, 0, TICKS_MS + 1000) == 0);
	stage_strike(&stage);
	return finding;
}

const struct effect_probe effect_syn_retries = {
	.show = show_syn_retries, .has_number = true, .number = 1, .decided = EFFECT_AFTER_HANDSHAKE};

static struct probe_finding look_give_up(struct scene *scene)
{
	if (stage_silence(scene->peer, true) || !scene_send(scene->fd, 1))
		return EFFECT_UNKNOWN("nothing could be sent");
	return EFFECT_FINDING(stage_wait(scene->fd, 0, TICKS_MS) == 0);
}

static struct probe_finding show_give_up(const struct effect_case *c)
{
	return scene_show(c, look_give_up);
}

const struct effect_probe effect_give_up = {.show = show_give_up, .has_number = true, .number = 400};

/* --- keepalive: what is not under test is set to a second ------------------------------------------------------ */

static bool one_probe(const struct tcp_info *info)
{
	return info->tcpi_probes >= 1;
}

static bool two_probes(const struct tcp_info *info)
{
	return info->tcpi_probes >= 2;
}

/* Sets those of these options (ended by OPTION_NONE) to 1 that are not under test themselves, and silences the peer. */
static bool keepalive_arm(struct scene *scene, const enum option_id *others)
{
	bool armed = !stage_silence(scene->peer, true);

	for (; *others; others++)
		armed &= !scene_also(scene, *others, 1);
	return armed;
}

static struct probe_finding look_probes(struct scene *scene)
{
	static const enum option_id others[] = {OPTION_keepalive_idle, OPTION_NONE};

	return keepalive_arm(scene, others) ? EFFECT_FINDING(info_await(scene->fd, TICKS_MS, one_probe)) :
					      EFFECT_UNKNOWN("the other timers cannot be set");
}

static struct probe_finding look_idle(struct scene *scene)
{
	static const enum option_id others[] = {OPTION_keepalive, OPTION_NONE};

	return keepalive_arm(scene, others) ? EFFECT_FINDING(info_await(scene->fd, TICKS_MS, one_probe)) :
					      EFFECT_UNKNOWN("keepalive cannot be set");
}

static struct probe_finding look_interval(struct scene *scene)
{
	static const enum option_id others[] = {OPTION_keepalive_idle, OPTION_keepalive, OPTION_NONE};

	return keepalive_arm(scene, others) ? EFFECT_FINDING(info_await(scene->fd, TICKS_MS, two_probes)) :
					      EFFECT_UNKNOWN("the other timers cannot be set");
}

static struct probe_finding look_count(struct scene *scene)
{
	static const enum option_id others[] = {OPTION_keepalive_idle, OPTION_keepalive_interval, OPTION_keepalive,
						OPTION_NONE};

	return keepalive_arm(scene, others) ? EFFECT_FINDING(stage_wait(scene->fd, 0, TICKS_MS) == 0) :
					      EFFECT_UNKNOWN("the other timers cannot be set");
}

static struct probe_finding show_probes(const struct effect_case *c)
{
	return scene_show(c, look_probes);
}

static struct probe_finding show_probe_idle(const struct effect_case *c)
{
	return scene_show(c, look_idle);
}

static struct probe_finding show_probe_interval(const struct effect_case *c)
{
	return scene_show(c, look_interval);
}

static struct probe_finding show_probe_count(const struct effect_case *c)
{
	return scene_show(c, look_count);
}

const struct effect_probe effect_probes = {.show = show_probes};
const struct effect_probe effect_probe_idle = {.show = show_probe_idle, .has_number = true, .number = 1};
const struct effect_probe effect_probe_interval = {.show = show_probe_interval, .has_number = true, .number = 1};
const struct effect_probe effect_probe_count = {.show = show_probe_count, .has_number = true, .number = 1};

/* --- calls that wait ------------------------------------------------------------------------------------------- */

static void alarm_note(int signal)
{
	(void)signal; /* it only has to end the call */
}

/* Does the call end by itself, before a second is over? It is to have nothing to return but an error. */
static struct probe_finding waiting_end(struct scene *scene, ssize_t (*call)(int fd))
{
	struct sigaction wake = {.sa_handler = alarm_note}, before;
	struct itimerval second = {.it_interval = {1, 0}, .it_value = {1, 0}}, rest = {0};
	ssize_t n;
	int error;

	sigaction(SIGALRM, &wake, &before);
	setitimer(ITIMER_REAL, &second, &rest);
	n = call(scene->fd);
	error = errno;
	setitimer(ITIMER_REAL, &rest, NULL);
	sigaction(SIGALRM, &before, NULL);
	return n >= 0 ? EFFECT_UNKNOWN("nothing has to wait in this phase") : EFFECT_FINDING(error == EAGAIN);
}

static ssize_t receive_one(int fd)
{
	char byte;

	return recv(fd, &byte, 1, 0);
}

static ssize_t send_one(int fd)
{
	return send(fd, "s", 1, MSG_NOSIGNAL);
}

static struct probe_finding look_receive_timeout(struct scene *scene)
{
	return waiting_end(scene, receive_one);
}

static struct probe_finding look_send_timeout(struct scene *scene)
{
	static const char bulk[64 << 10];

	if (stage_silence(scene->peer, true))
		return EFFECT_UNKNOWN("the peer cannot be silenced");
	while (send(scene->fd, bulk, sizeof bulk, MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		;
	return waiting_end(scene, send_one);
}

static struct probe_finding show_receive_timeout(const struct effect_case *c)
{
	return scene_show(c, look_receive_timeout);
}

static struct probe_finding show_send_timeout(const struct effect_case *c)
{
	return scene_show(c, look_send_timeout);
}

const struct effect_probe effect_receive_timeout = {.show = show_receive_timeout, .text = "100ms", .udp = true};
const struct effect_probe effect_send_timeout = {.show = show_send_timeout, .text = "100ms"};
