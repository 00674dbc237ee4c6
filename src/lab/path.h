/* What is emulated between two hosts: `rtt=40ms,rate=100mbit,loss=0.1%,queue=256k`, one way with `up.` (client to
 * server) and `down.`. Plain data. */
#ifndef LAB_PATH_H
#define LAB_PATH_H
#include "sockctl.h"

struct path_way {
	int64_t delay_us;
	int64_t rate_bps;                    /* 0: unlimited */
	int64_t queue_bytes;                 /* backlog beyond which the link drops; 0: the default for the rate */
	double loss;                         /* probability, 0 to 1 */
};

struct path {
	struct path_way up, down;            /* client to server, server to client */
};

/* rtt= is split evenly; rate, loss and queue hold each way. On failure *path is untouched. An empty text is a path
 * without delay or limit. -EINVAL, -ERANGE. */
int path_parse(struct path *, const char *text, struct sockctl_error *);
int path_format(const struct path *, char *text, size_t size);       /* parse(format(path)) = path; as snprintf */
int64_t path_rtt_us(const struct path *);
/* the queue in force, with the default worked out */
int64_t path_queue_bytes(const struct path_way *);
#endif
