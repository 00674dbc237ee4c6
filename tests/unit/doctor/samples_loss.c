/* Scenes for rule_loss.c. */
#include "samples.h"

/* An old connection that sent two seconds long at 2.9 Mbit/s, and lost so many segments. */
static struct scene_socket *loser(struct scene *scene, uint64_t lost)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	socket->first.tcp.bytes_acked = 10000000;
	socket->first.tcp.ssthresh_segs = 20;
	scene_settle(scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.bytes_sent = 730000;
	socket->second.tcp.bytes_acked += 720000;
	socket->second.tcp.data_segs_out = 500;
	socket->second.tcp.retrans_total_segs = lost;
	return socket;
}

void sick_retransmissions(struct scene *scene)
{
	loser(scene, 20);
}

/* The same losses in the first round trips of a connection: that is how slow start ends. */
void well_retransmissions(struct scene *scene)
{
	struct scene_socket *socket = loser(scene, 20);

	socket->first.tcp.bytes_acked = 50000;
	socket->second.tcp.bytes_acked = 770000;
}

void sick_cubic_on_loss(struct scene *scene)
{
	loser(scene, 10);
}

/* As many, while the RTT is three times the least: a queue is full, and cubic does what it is for. */
void well_cubic_on_loss(struct scene *scene)
{
	struct scene_socket *socket = loser(scene, 10);

	socket->first.tcp.rtt_us = socket->second.tcp.rtt_us = 60000;
}

/* 1.2 Mbyte/s over 20 ms, which would be 24 kB in flight. */
static struct scene_socket *filler(struct scene *scene, uint64_t rtt_us, uint64_t in_flight)
{
	struct scene_socket *socket = scene_remote(scene, 40000, 8080);

	socket->first.tcp.rtt_us = rtt_us;
	scene_settle(scene);
	socket->second.tcp.busy_time_us = 2000000;
	socket->second.tcp.bytes_sent = socket->second.tcp.bytes_acked = 2400000;
	socket->second.tcp.data_segs_out = 1660;
	socket->second.tcp.unacked_segs = in_flight;
	socket->second.tcp.notsent_bytes = 500000;
	return socket;
}

void sick_bufferbloat(struct scene *scene)
{
	filler(scene, 400000, 330);
}

/* The queue is somebody else's: this connection has little in flight. */
void well_bufferbloat(struct scene *scene)
{
	filler(scene, 400000, 30);
}
