/* Scenes for rule_buffer.c. */
#include <linux/sock_diag.h>
#include "samples.h"

/* Two seconds of sending, all of them limited by a buffer of 64 KiB. */
static struct scene_socket *sender(struct scene *scene)
{
	struct scene_socket *socket = scene_remote(scene, 8080, 40000);

	socket->first.skmem[SK_MEMINFO_SNDBUF] = 65536;
	scene_settle(scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.sndbuf_limited_us = 1900000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 6000000;
	socket->second.tcp.data_segs_out = 4200;
	return socket;
}

void sick_send_buffer(struct scene *scene)
{
	scene_option(sender(scene), OPTION_sndbuf, 65536);
}

/* As limited, but the path is full: the RTT is three times the least. */
void well_send_buffer(struct scene *scene)
{
	struct scene_socket *socket = sender(scene);

	scene_option(socket, OPTION_sndbuf, 65536);
	socket->first.tcp.rtt_us = socket->second.tcp.rtt_us = 60000;
}

/* 60 kB arrive in each of a hundred round trips. */
static struct scene_socket *receiver(struct scene *scene, uint64_t window_bytes)
{
	struct scene_socket *socket = scene_remote(scene, 8080, 40000);

	socket->first.skmem[SK_MEMINFO_RCVBUF] = 131072;
	socket->first.tcp.rcv_rtt_us = 20500;
	socket->first.tcp.rcv_wnd_bytes = window_bytes;
	socket->first.tcp.negotiated_bits = 7;
	scene_settle(scene);
	socket->second.tcp.bytes_received = 6000000;
	return socket;
}

void sick_receive_buffer(struct scene *scene)
{
	scene_option(receiver(scene, 65000), OPTION_rcvbuf, 131072);
}

/* The same buffer, and a sender that is in no hurry. */
void well_receive_buffer(struct scene *scene)
{
	struct scene_socket *socket = receiver(scene, 65000);

	scene_option(socket, OPTION_rcvbuf, 131072);
	socket->second.tcp.bytes_received = 600000;
}

void sick_window_scale(struct scene *scene)
{
	struct scene_socket *socket = receiver(scene, 65000);

	socket->second.skmem[SK_MEMINFO_RCVBUF] = 425984;
	socket->second.tcp.rcv_wscale = 0;
}

/* The same buffer, known to the handshake. */
void well_window_scale(struct scene *scene)
{
	struct scene_socket *socket = receiver(scene, 65000);

	socket->second.skmem[SK_MEMINFO_RCVBUF] = 425984;
	socket->second.tcp.rcv_wscale = 2;
}
