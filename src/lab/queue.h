/* One way of a link: what becomes of each segment (lost, dropped, or due when), and the frames on their way. Time comes
 * as an argument; knows no socket. A virtual clock says when the wire is free: a segment leaves at max(clock, arrival)
 * + its wire time, and arrives the delay later. */
#ifndef LAB_QUEUE_H
#define LAB_QUEUE_H
#include "lab/path.h"
#include "lab/ring.h"
#include "lab/stats.h"

/* Written by one process, read by others. */
struct queue_counters {
	uint64_t segments, bytes;            /* that entered: IP bytes, before losses */
	uint64_t drops, losses;              /* by the queue limit; on purpose */
	uint64_t overruns;                   /* no room in our memory: not a property of the link, the run is void */
};

struct queue {
	struct path_way way;
	uint64_t delay_ns;
	uint64_t limit_ns;                   /* of backlog, as wire time */
	uint64_t lump_ns;                    /* wire time that one frame may stand for */
	/* when the wire is free; rest in 1/rate_bps ns, so that no rounding adds up */
	uint64_t free_ns, free_rest;
	uint64_t arrival_ns;                 /* the latest: arrivals are made to ascend */
	struct stats_random random;
	struct ring ring;
	struct queue_counters *counters;     /* caller's */
};

int queue_init(struct queue *, const struct path_way *, uint64_t seed, struct queue_counters *);      /* 0 or -ENOMEM */
void queue_release(struct queue *);
/* A frame (see packet.h) enters at arrival_ns. What is to arrive is in queue->ring afterwards. */
void queue_push(struct queue *, const uint8_t *frame, size_t length, uint64_t arrival_ns);
/* Frames pass untouched and undelayed, so that the ring may be gone round (while it is empty). */
int queue_is_open(const struct queue *);
void queue_pass(struct queue *, const uint8_t *frame, size_t length);        /* counts a frame that goes round it */
/* counts a frame that is lost as a whole */
void queue_lose(struct queue *, const uint8_t *frame, size_t length);
#endif
