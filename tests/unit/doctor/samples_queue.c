/* Scenes for rule_queue.c. */
#include <linux/sock_diag.h>
#include <string.h>
#include "samples.h"

void sick_accept_queue_overflow(struct scene *scene)
{
	struct scene_socket *listener = scene_listener(scene, 8080);

	scene_settle(scene);
	listener->second.tcp.unacked_segs = 129;
	listener->second.skmem[SK_MEMINFO_DROPS] = 40;
	scene->counted.listen_overflows = 40;
}

/* Drops, but of another kind: the queue never overflowed. */
void well_accept_queue_overflow(struct scene *scene)
{
	struct scene_socket *listener = scene_listener(scene, 8080);

	scene_settle(scene);
	listener->second.tcp.unacked_segs = 128;
	listener->second.skmem[SK_MEMINFO_DROPS] = 1;
}

/* nginx, which asks for 511, where the cap is 128. */
void sick_backlog_clamped(struct scene *scene)
{
	struct scene_socket *listener = scene_listener(scene, 80);

	strcpy(listener->owner.command, "nginx");
	scene_sysctl(scene, SYSCTL_somaxconn, 128);
	scene_settle(scene);
}

/* A program of which nothing is known has just what the cap is: it may have asked for that. */
void well_backlog_clamped(struct scene *scene)
{
	scene_listener(scene, 80);
	scene_sysctl(scene, SYSCTL_somaxconn, 128);
	scene_settle(scene);
}

static struct scene_socket *queue_of(struct scene *scene, uint16_t port, uint16_t peer, unsigned count)
{
	struct scene_socket *listener = scene_listener(scene, port);

	listener->first.tcp.unacked_segs = count;
	for (unsigned i = 0; i < count; i++)
		scene_waiting(scene, port, (uint16_t)(peer + i));
	return listener;
}

void sick_not_accepting(struct scene *scene)
{
	queue_of(scene, 8080, 40000, 3);
	scene_settle(scene);
}

/* As many wait as before, but one of them is another: the queue moves. */
void well_not_accepting(struct scene *scene)
{
	struct scene_socket *listener = queue_of(scene, 8080, 40000, 4);

	listener->first.tcp.unacked_segs = 3;
	scene_settle(scene);
	scene->socket[1].second.inode = 77;
	scene->socket[4].is_new = true;
}

void sick_shard_stuck(struct scene *scene)
{
	scene_sysctl(scene, SYSCTL_migrate_req, 0);
	queue_of(scene, 8080, 40000, 3);
	scene_listener(scene, 8080);
	scene_listener(scene, 8080);
	scene_settle(scene);
}

/* Three wait at two shards at both looks, three children have waited all the time: there is no knowing whose. */
void well_shard_stuck(struct scene *scene)
{
	struct scene_socket *one = queue_of(scene, 8080, 40000, 3), *other = scene_listener(scene, 8080);

	other->first.tcp.unacked_segs = 2;
	scene_settle(scene);
	one->second.tcp.unacked_segs = 4;
}
