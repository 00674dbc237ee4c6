/* Scenes for rule_program.c. */
#include <netinet/tcp.h>
#include "samples.h"

void sick_unread(struct scene *scene)
{
	struct scene_socket *socket = scene_connection(scene, 8080, 40000);

	socket->first.rqueue_bytes = 30000;
	socket->first.tcp.bytes_received = 30000;
	scene_settle(scene);
	socket->second.rqueue_bytes = 36000;
	socket->second.tcp.bytes_received = 36000;
}

/* As much waits as before, but it is other data; and the same of another connection, whose program waits for a peer of
 * its own. */
void well_unread(struct scene *scene)
{
	struct scene_socket *socket = scene_connection(scene, 8080, 40000),
			    *client = scene_connection(scene, 8080, 40001),
			    *server = scene_connection(scene, 40002, 80);

	socket->first.rqueue_bytes = server->first.rqueue_bytes = 50000;
	socket->first.tcp.bytes_received = server->first.tcp.bytes_received = 50000;
	client->first.wqueue_bytes = 9000;
	client->first.tcp.snd_wnd_bytes = 0;
	client->owner.pid = server->owner.pid = 200;
	scene_settle(scene);
	socket->second.tcp.bytes_received = 90000;
}

static void close_waits(struct scene *scene, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		struct scene_socket *socket = scene_connection(scene, 8080, (uint16_t)(40000 + i));

		socket->first.state = TCP_CLOSE_WAIT;
		socket->first.tcp.last_ack_received_ms = 65000;
	}
	scene_settle(scene);
}

void sick_close_wait(struct scene *scene)
{
	close_waits(scene, 12);
}

/* Half-closed connections over which the answer still flows, and a few that have not been closed yet. */
void well_close_wait(struct scene *scene)
{
	close_waits(scene, 12);
	for (unsigned i = 3; i < scene->count; i++)
		scene->socket[i].second.tcp.bytes_sent += 1000;
}

/* So many that the peer closed 12 s ago, all answered, and of which the program has read the end; then as many more. */
static void leaks(struct scene *scene, unsigned count)
{
	scene_listener(scene, 8080);
	for (unsigned i = 0; i < 2 * count; i++) {
		struct scene_socket *socket = scene_connection(scene, 8080, (uint16_t)(40000 + i));
		struct tcp_fact *tcp = &socket->first.tcp;

		socket->first.state = TCP_CLOSE_WAIT;
		socket->is_new = i >= count;
		tcp->bytes_received = tcp->bytes_sent = 100;
		tcp->last_data_sent_ms = tcp->last_data_received_ms = tcp->last_ack_received_ms = 12000;
	}
	scene_settle(scene);
}

void sick_close_wait_growth(struct scene *scene)
{
	leaks(scene, 12);
}

/* One of them has been closed: the others will be. */
void well_close_wait_growth(struct scene *scene)
{
	leaks(scene, 12);
	scene->socket[3].is_gone = true;
}
