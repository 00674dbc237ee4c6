/* Effects on single messages: what comes with them, how they are cut, and where their errors go. */
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include "base/clock.h"
#include "probe/effect.h"

enum { GLANCE_MS = 100, PATIENCE_MS = 1000, PIECE = 500 };

/* The peer says a byte, with these flags. A datagram socket's peer knows it only once it has spoken. */
static bool peer_says(struct scene *scene, int flags)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof address;
	char byte;

	if (!stage_is_udp(scene->stage.family))
		return send(scene->peer, "y", 1, MSG_NOSIGNAL | flags) == 1;
	return scene_send(scene->fd, 1) && !stage_wait(scene->peer, POLLIN, PATIENCE_MS) &&
	       recvfrom(scene->peer, &byte, 1, 0, (struct sockaddr *)&address, &length) == 1 &&
	       sendto(scene->peer, "y", 1, flags, (struct sockaddr *)&address, length) == 1;
}

/* The first control message of what arrives at fd, as an int; -1: none. false: nothing arrives. */
static bool control_read(int fd, bool *ret_some, int *ret_number)
{
	union {
		char bytes[512];
		struct cmsghdr align;
	} control;
	char byte;
	struct iovec iov = {&byte, 1};
	struct msghdr message = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};

	if (stage_wait(fd, POLLIN, PATIENCE_MS) || recvmsg(fd, &message, MSG_DONTWAIT) < 0)
		return false;
	*ret_some = CMSG_FIRSTHDR(&message) != NULL;
	if (*ret_some)
		memcpy(ret_number, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof *ret_number);
	return true;
}

/* The kernel begins to note the times of packets some time after it was asked to (net/core/dev.c
 * net_enable_timestamp). */
static struct probe_finding ancillary_await(struct scene *scene, unsigned patience_ms)
{
	uint64_t end_us = clock_us() + patience_ms * 1000;
	bool some = false;
	int number;

	do
		if (!peer_says(scene, 0) || !control_read(scene->fd, &some, &number))
			return EFFECT_UNKNOWN("nothing arrives");
	while (!some && stage_wait(scene->fd, 0, 1) && clock_us() < end_us);
	return EFFECT_FINDING(some);
}

static struct probe_finding look_ancillary(struct scene *scene)
{
	return ancillary_await(scene, PATIENCE_MS);
}

static struct probe_finding glance_ancillary(struct scene *scene)
{
	return ancillary_await(scene, GLANCE_MS);
}

/* Where it was asked for it comes in the end, on a busy machine too; where it was not, nothing is waited for. */
static struct probe_finding show_ancillary(const struct effect_case *c)
{
	if (c->phase == PROBE_CLOSE_WAIT)
		return EFFECT_UNKNOWN("the peer has said its last");
	return scene_show(c, c->value ? look_ancillary : glance_ancillary);
}

/* The receiver of a datagram is told the priority of its packet, since Linux 6.14. */
static struct probe_finding show_priority(const struct effect_case *c)
{
	struct probe_finding finding = EFFECT_UNKNOWN("no receiver is told it here");
	struct subject receiver = {&catalogue[OPTION_rcvpriority], 0, c->subject->family};
	struct value on = {.form = FORM_NUMBER, .number = 1}, example;
	struct scene scene;
	bool some;
	int number;

	subject_value(c->subject, &example);
	scene_build(&scene, c);
	if (!scene.error && !subject_set(&receiver, scene.peer, &on) && scene_send(scene.fd, 1) &&
	    control_read(scene.peer, &some, &number) && some)
		finding = EFFECT_FINDING(number == example.number);
	scene_strike(&scene);
	return finding;
}

/* One call sends two pieces; they arrive as two datagrams. */
static struct probe_finding look_segments(struct scene *scene)
{
	char pieces[2 * PIECE] = "";

	if (send(scene->fd, pieces, sizeof pieces, MSG_NOSIGNAL) != sizeof pieces ||
	    stage_wait(scene->peer, POLLIN, PATIENCE_MS))
		return EFFECT_UNKNOWN("nothing arrives");
	return EFFECT_FINDING(recv(scene->peer, pieces, sizeof pieces, MSG_DONTWAIT) == PIECE);
}

static struct probe_finding show_segments(const struct effect_case *c)
{
	return scene_show(c, look_segments);
}

static struct probe_finding show_broadcast(const struct effect_case *c)
{
	struct sockaddr_in all = {.sin_family = AF_INET, .sin_port = htons(9), .sin_addr.s_addr = htonl(0x7fffffff)};
	struct probe_finding finding = EFFECT_UNKNOWN("no connection came about");
	struct scene scene;

	if (c->subject->family != PROBE_UDP4)
		return EFFECT_UNKNOWN("IPv6 has no broadcast");
	scene_build(&scene, c);
	if (!scene.error)
		finding = EFFECT_FINDING(sendto(scene.fd, "x", 1, 0, (struct sockaddr *)&all, sizeof all) == 1);
	scene_strike(&scene);
	return finding;
}

/* Urgent data is read like the rest. */
static struct probe_finding look_inline(struct scene *scene)
{
	char byte;

	if (!peer_says(scene, MSG_OOB) || stage_wait(scene->fd, POLLIN | POLLPRI, PATIENCE_MS))
		return EFFECT_UNKNOWN("nothing arrives");
	return EFFECT_FINDING(recv(scene->fd, &byte, 1, MSG_DONTWAIT) == 1);
}

static struct probe_finding show_inline(const struct effect_case *c)
{
	if (c->phase == PROBE_CLOSE_WAIT)
		return EFFECT_UNKNOWN("the peer has said its last");
	return scene_show(c, look_inline);
}

/* The error queue says when the program may touch its buffer again. */
static struct probe_finding look_completion(struct scene *scene)
{
	if (send(scene->fd, "z", 1, MSG_NOSIGNAL | MSG_ZEROCOPY) != 1)
		return EFFECT_UNKNOWN("nothing could be sent");
	return EFFECT_FINDING(!stage_wait(scene->fd, 0, PATIENCE_MS));
}

static struct probe_finding show_completion(const struct effect_case *c)
{
	return scene_show(c, look_completion);
}

/* Nobody is at the port any more: the datagram itself comes back. */
static struct probe_finding look_error_queue(struct scene *scene)
{
	char byte;

	stage_close(&scene->stage.listener);
	if (!scene_send(scene->fd, 1) || stage_wait(scene->fd, 0, PATIENCE_MS))
		return EFFECT_UNKNOWN("no error comes back");
	return EFFECT_FINDING(recv(scene->fd, &byte, 1, MSG_ERRQUEUE | MSG_DONTWAIT) >= 0);
}

static struct probe_finding show_error_queue(const struct effect_case *c)
{
	if (!stage_is_udp(c->subject->family))
		return EFFECT_UNKNOWN("of TCP, errors come back in other ways");
	return scene_show(c, look_error_queue);
}

static struct probe_finding look_locked(struct scene *scene)
{
	return EFFECT_FINDING(stage_silence(scene->fd, true) == -EPERM);
}

static struct probe_finding show_locked(const struct effect_case *c)
{
	return scene_show(c, look_locked);
}

const struct effect_probe effect_ancillary = {.show = show_ancillary, .udp = true};
const struct effect_probe effect_priority = {.show = show_priority, .udp = true};
const struct effect_probe effect_segments = {.show = show_segments, .has_number = true, .number = PIECE, .udp = true};
const struct effect_probe effect_broadcast = {.show = show_broadcast, .udp = true};
const struct effect_probe effect_inline = {.show = show_inline};
const struct effect_probe effect_completion = {.show = show_completion, .udp = true};
const struct effect_probe effect_error_queue = {.show = show_error_queue, .udp = true};
const struct effect_probe effect_locked = {.show = show_locked, .udp = true};
