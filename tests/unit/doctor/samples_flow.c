/* Scenes for rule_flow.c. */
#include <netinet/in.h>
#include <string.h>
#include "samples.h"

/* Two seconds of sending, all of them limited by the peer's window, which is used up in each round trip. */
void sick_peer_window(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	scene_settle(scene);
	socket->second.tcp.busy_time_us = socket->second.tcp.rwnd_limited_us = 2000000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 6000000;
}

/* The window limits, but grows. */
void well_peer_window(struct scene *scene)
{
	sick_peer_window(scene);
	scene->socket[0].second.tcp.snd_wnd_bytes = 200000;
}

/* A request in two writes every 42 ms, over a path of 1 ms. */
static struct scene_socket *asker(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	socket->first.tcp.min_rtt_us = 1000;
	socket->first.tcp.rtt_us = 21000;
	scene_settle(scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.data_segs_out = 90;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 9000;
	socket->second.tcp.unacked_segs = 1;
	socket->second.tcp.notsent_bytes = 100;
	return socket;
}

void sick_nagle(struct scene *scene)
{
	scene_option(asker(scene), OPTION_nodelay, 0);
}

/* Single writes to a server that answers after 42 ms: nothing is ever held. */
void well_nagle(struct scene *scene)
{
	struct scene_socket *socket = asker(scene);

	scene_option(socket, OPTION_nodelay, 0);
	socket->second.tcp.notsent_bytes = 0;
	socket->second.tcp.data_segs_in = 90;
}

static struct scene_socket *corked(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	scene_settle(scene);
	socket->second.tcp.busy_time_us = 1900000;
	socket->second.tcp.data_segs_out = 9;
	socket->second.tcp.bytes_sent = 900;
	socket->second.tcp.notsent_bytes = 100;
	scene_option(socket, OPTION_cork, 1);
	return socket;
}

void sick_cork(struct scene *scene)
{
	corked(scene);
}

/* Corked at the moment, but what was sent did not wait long. */
void well_cork(struct scene *scene)
{
	corked(scene)->second.tcp.busy_time_us = 200000;
}

/* Idle for 2.2 s, ten RTOs, with a window of 600; then a burst. */
static struct scene_socket *burster(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	socket->first.tcp.last_data_sent_ms = 2200;
	socket->first.tcp.cwnd_segs = 600;
	scene_settle(scene);
	socket->second.tcp.last_data_sent_ms = 500;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 900000;
	return socket;
}

void sick_idle_restart(struct scene *scene)
{
	burster(scene);
}

/* What was sent after the idle time fits the small window. */
void well_idle_restart(struct scene *scene)
{
	burster(scene)->second.tcp.bytes_sent = 5000;
}

static struct scene_socket *dual_stack(struct scene *scene, uint8_t tos, uint8_t tclass)
{
	struct scene_socket *socket = scene_listener(scene, 8080);

	socket->first.family = AF_INET6;
	memset(socket->first.source, 0, sizeof socket->first.source);
	socket->first.known |= KNOWN_TOS | KNOWN_TCLASS | KNOWN_V6ONLY;
	socket->first.tos = tos;
	socket->first.tclass = tclass;
	scene_settle(scene);
	return socket;
}

void sick_half_dscp(struct scene *scene)
{
	dual_stack(scene, 0xb8, 0);
}

/* One that takes IPv6 only needs but one of them. */
void well_half_dscp(struct scene *scene)
{
	dual_stack(scene, 0, 0xb8)->second.v6only = true;
}
