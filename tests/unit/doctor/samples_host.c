/* Scenes for rule_listener.c, rule_datagram.c, rule_port.c and rule_memory.c. */
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include "samples.h"

void sick_fastopen_inert(struct scene *scene)
{
	scene_option(scene_listener(scene, 8080), OPTION_fastopen, 16);
	scene_settle(scene);
}

void well_fastopen_inert(struct scene *scene)
{
	sick_fastopen_inert(scene);
	scene_sysctl(scene, SYSCTL_fastopen, 3);
}

static struct scene_socket *child_of_a_listener_with_keepalive(struct scene *scene)
{
	struct scene_socket *listener = scene_listener(scene, 8080), *child = scene_connection(scene, 8080, 40000);

	scene_sysctl(scene, SYSCTL_keepalive_time, 7200);
	scene_option(listener, OPTION_keepalive, 1);
	scene_option(listener, OPTION_keepalive_idle, 30);
	scene_option(listener, OPTION_nodelay, 0);
	scene_option(child, OPTION_keepalive_idle, 7200);
	scene_settle(scene);
	return child;
}

void sick_children_lack(struct scene *scene)
{
	scene_option(child_of_a_listener_with_keepalive(scene), OPTION_keepalive, 0);
}

/* The program has chosen other times for the connection, and nodelay besides. */
void well_children_lack(struct scene *scene)
{
	struct scene_socket *child = child_of_a_listener_with_keepalive(scene);

	scene_option(child, OPTION_keepalive, 1);
	scene_option(child, OPTION_keepalive_idle, 15);
	scene_option(child, OPTION_nodelay, 1);
}

void sick_syn_queue(struct scene *scene)
{
	struct scene_socket *listener = scene_listener(scene, 80);

	scene_connection(scene, 80, 40000)->first.state = TCP_SYN_RECV;
	listener->first.tcp.sacked_segs = 1;
	scene_settle(scene);
	scene->counted.syncookies_sent = 50;
}

void well_syn_queue(struct scene *scene)
{
	sick_syn_queue(scene);
	scene->counted.syncookies_sent = 0;
}

void sick_udp_drops(struct scene *scene)
{
	struct scene_socket *socket = scene_udp(scene, 53);

	scene_settle(scene);
	socket->second.skmem[SK_MEMINFO_DROPS] = 100;
	scene->counted.udp_rcvbuf_errors = 100;
}

/* A filter drops as well, and means to. */
void well_udp_drops(struct scene *scene)
{
	sick_udp_drops(scene);
	scene->counted.udp_rcvbuf_errors = 0;
}

/* Connections to two destinations, with a range of a hundred ports. */
static void connections_from(struct scene *scene, unsigned to_one, unsigned to_other, uint16_t other_port)
{
	port_range_count(&scene->host.ports, 40000, 40099, "");
	scene->host.sysctls.fact[SYSCTL_port_range].number[0] = 40000;
	scene->host.sysctls.fact[SYSCTL_port_range].number[1] = 40099;
	for (unsigned i = 0; i < to_one; i++)
		scene_connection(scene, (uint16_t)(40000 + i), 80);
	for (unsigned i = 0; i < to_other; i++)
		scene_connection(scene, (uint16_t)(other_port + i), 81);
	scene_settle(scene);
}

void sick_ports(struct scene *scene)
{
	connections_from(scene, 85, 0, 0);
}

/* Those in TIME_WAIT over loopback are used again. */
void well_ports(struct scene *scene)
{
	scene_sysctl(scene, SYSCTL_tw_reuse, 2);
	scene_sysctl(scene, SYSCTL_timestamps, 1);
	connections_from(scene, 85, 0, 0);
	for (unsigned i = 0; i < 50; i++)
		scene->socket[i].second.state = TCP_TIME_WAIT;
}

void sick_bound_ports(struct scene *scene)
{
	connections_from(scene, 45, 45, 40050);
}

/* The same number of connections, but they share ports: connect() has chosen. */
void well_bound_ports(struct scene *scene)
{
	connections_from(scene, 45, 45, 40030);
}

void sick_no_memory(struct scene *scene)
{
	scene->counted.abort_on_memory = 3;
	scene_sysctl(scene, SYSCTL_max_orphans, 100);
	scene->use = (struct host_use){.have = UINT64_MAX, .tcp_orphans = 90, .tcp_mem_pages = 10};
}

void well_no_memory(struct scene *scene)
{
	sick_no_memory(scene);
	scene->counted.abort_on_memory = 0;
}

static void pages_set(struct scene *scene, uint64_t pages)
{
	scene->host.sysctls.fact[SYSCTL_tcp_mem] = (struct sysctl_fact){
		.known = true, .count = 3, .number = {100, 200, 300}};
	scene->use = (struct host_use){.have = UINT64_MAX, .tcp_mem_pages = pages};
}

void sick_tcp_memory(struct scene *scene)
{
	pages_set(scene, 250);
}

void well_tcp_memory(struct scene *scene)
{
	pages_set(scene, 150);
}

void sick_receive_prunes(struct scene *scene)
{
	scene->counted = (struct host_fact){
		.have = UINT64_MAX, .in_segs = 5000, .rcv_pruned = 60, .rcv_queue_drops = 30, .ofo_queue_drops = 20};
}

/* Pruned, and that made room, or the segment was taken in all the same; a few lost of very many. */
void well_receive_prunes(struct scene *scene)
{
	scene->counted = (struct host_fact){.have = UINT64_MAX,
					    .in_segs = 500000,
					    .rcv_pruned = 6000,
					    .rcv_prune_drops = 2000,
					    .ofo_pruned = 900,
					    .rcv_queue_drops = 20};
}
