/* Scenes for rule_timer.c. */
#include "samples.h"

enum { TIMER_NONE, TIMER_RETRANSMIT, TIMER_KEEPALIVE };

static struct scene_socket *idle(struct scene *scene, uint8_t timer)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 5432);

	socket->first.tcp.last_data_sent_ms = socket->first.tcp.last_data_received_ms = 1200000;
	socket->first.timer = timer;
	scene_settle(scene);
	return socket;
}

static void watch(struct scene_socket *socket, int64_t idle_s, int64_t user_timeout_ms)
{
	scene_option(socket, OPTION_keepalive, 1);
	scene_option(socket, OPTION_keepalive_idle, idle_s);
	scene_option(socket, OPTION_keepalive_interval, 10);
	scene_option(socket, OPTION_keepalive_count, 3);
	scene_option(socket, OPTION_user_timeout, user_timeout_ms);
}

void sick_keepalive_off(struct scene *scene)
{
	idle(scene, TIMER_NONE);
}

void well_keepalive_off(struct scene *scene)
{
	idle(scene, TIMER_KEEPALIVE);
}

static struct scene_socket *abandoned(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 5432);

	socket->first.tcp.unacked_segs = 2;
	socket->first.tcp.retransmits = 4;
	socket->first.tcp.last_ack_received_ms = 130000;
	scene_settle(scene);
	return socket;
}

void sick_user_timeout(struct scene *scene)
{
	watch(abandoned(scene), 30, 0);
}

void well_user_timeout(struct scene *scene)
{
	watch(abandoned(scene), 30, 55000);
}

void sick_probe_count(struct scene *scene)
{
	watch(idle(scene, TIMER_KEEPALIVE), 30, 20000);
}

void well_probe_count(struct scene *scene)
{
	watch(idle(scene, TIMER_KEEPALIVE), 30, 55000);
}

void sick_keepalive_slow(struct scene *scene)
{
	watch(idle(scene, TIMER_KEEPALIVE), 7200, 0);
}

void well_keepalive_slow(struct scene *scene)
{
	watch(idle(scene, TIMER_KEEPALIVE), 30, 0);
}
