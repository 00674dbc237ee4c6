/* Scenes for rule_queue.c. */
#include <linux/sock_diag.h>
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
