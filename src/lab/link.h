/* The emulated link: a process of its own between two devices, that reads frames from each, and sends them on from the
 * other when they are due. */
#ifndef LAB_LINK_H
#define LAB_LINK_H
#include <sys/types.h>
#include "lab/inbox.h"
#include "lab/queue.h"
#include "lab/world.h"

/* Memory that the link's process shares with whoever looks. */
struct link_shared {
	int blackhole;                /* set from outside */
	struct queue_counters way[2]; /* 0: up */
	uint64_t late[LATENESS_BUCKETS];
};

/* Starts the link between the client's device and the server's, whose inboxes stay the caller's. seed: of the losses. Ends with its
 * parent. Its pid or -errno. */
pid_t link_start(const struct inbox inboxes[HOSTS], const struct path *, uint64_t seed, struct link_shared *);
#endif
