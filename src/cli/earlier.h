/* An earlier look: what a file of `show -j` or --ndjson says. The file may be anybody's: it is read with suspicion,
 * and kept small. */
#ifndef CLI_EARLIER_H
#define CLI_EARLIER_H
#include <stdio.h>
#include "base/units.h"
#include "cli/show_envelope.h"
#include "fact/socket_fact.h"

/* Numbers of a socket that are no facts of TCP: (name, the object of the record
 * that holds it or "", does it only count up, measure). */
#define EARLIER_LIST(X) \
	X(rqueue_bytes, "", false, MEASURE_SIZE) \
	X(wqueue_bytes, "", false, MEASURE_SIZE) \
	X(queue, "", false, MEASURE_COUNT) \
	X(queue_limit, "", false, MEASURE_COUNT) \
	X(rcvbuf_bytes, "skmem", false, MEASURE_SIZE) \
	X(sndbuf_bytes, "skmem", false, MEASURE_SIZE) \
	X(drops, "skmem", true, MEASURE_COUNT)
enum earlier_number {
#define EARLIER_VALUE(name, object, counts, measure) EARLIER_##name,
	EARLIER_LIST(EARLIER_VALUE)
#undef EARLIER_VALUE
	EARLIER_NUMBERS
};

struct earlier_option {
	uint16_t id;                 /* enum option_id */
	struct value value;
};

struct earlier_socket {
	uint64_t cookie, netns;      /* together they name it, within one boot */
	uint32_t place;              /* in the file: how many stand before it */
	bool seen;                   /* it is still there */
	char protocol[8], state[16];
	char *local, *peer;          /* owned: as socket_address_text() */
	uint32_t have;               /* bits of enum earlier_number */
	int64_t number[EARLIER_NUMBERS];
	struct tcp_fact tcp;
	unsigned options_count;
	struct earlier_option *options;      /* owned */
};

struct earlier {
	struct envelope envelope;
	bool complete;
	size_t count, room;
	struct earlier_socket *socket;       /* owned; by netns and cookie once it is read */
};

/* 0, or -errno: -EINVAL: the file is not of this kind, cut off or broken, with the place in error. *ret is to be
 * released anyway. */
int earlier_read(struct earlier *ret, FILE *, const char *name, struct sockctl_error *);
void earlier_release(struct earlier *);
/* About when the socket was read, since the boot: off by no more than the whole walk took. */
double earlier_socket_us(const struct earlier *, const struct earlier_socket *);
struct earlier_socket *earlier_find(struct earlier *, uint64_t netns, uint64_t cookie);

struct json_t;
/* One record, as socket_record() writes it; false if it is none. Without memory local or peer is NULL. For earlier_read(). */
bool earlier_socket_read(const struct json_t *, struct earlier_socket *ret);
#endif
