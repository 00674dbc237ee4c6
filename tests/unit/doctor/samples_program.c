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
