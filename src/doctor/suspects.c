/* A short list. Who sends small segments, each of which has taken long so far, may be held back by Nagle's algorithm or a
 * cork; who has a part of a segment waiting is, at this moment. */
#include "doctor/suspects.h"
#include <stdlib.h>
#include "doctor/flow.h"

/* What it has sent since it was opened, however long ago that is: half of what the rules ask for. */
static bool sends_slowly(const struct tcp_fact *tcp)
{
	const uint64_t long_us = 5000;

	return tcp->data_segs_out >= 4 && tcp->bytes_sent / tcp->data_segs_out < tcp->mss_bytes / 2 &&
	       tcp->busy_time_us / tcp->data_segs_out >= tcp->min_rtt_us / 4 + long_us;
}

static bool is_told(const struct tcp_fact *tcp)
{
	static const enum tcp_fact_id facts[] = {
		TCP_FACT_data_segs_out, TCP_FACT_bytes_sent,    TCP_FACT_mss_bytes,    TCP_FACT_busy_time_us,
		TCP_FACT_min_rtt_us,    TCP_FACT_notsent_bytes, TCP_FACT_unacked_segs, TCP_FACT_last_data_sent_ms};
	bool told = true;

	for (unsigned i = 0; i < sizeof facts / sizeof *facts; i++)
		told &= tcp_fact_has(tcp, facts[i]);
	return told;
}

static enum rest rest_now(const struct socket_fact *socket)
{
	return rest_of(socket->tcp.notsent_bytes, socket->tcp.unacked_segs, socket->tcp.mss_bytes);
}

/* The place for one more: a new one, or that of one without a rest if this one has one. */
static struct suspect *place_find(struct suspects *suspects, enum rest rest)
{
	if (suspects->count < SUSPECTS_MOST)
		return &suspects->entry[suspects->count++];
	for (unsigned i = 0; i < SUSPECTS_MOST && rest != REST_NONE; i++)
		if (rest_now(&suspects->entry[i].socket) == REST_NONE)
			return &suspects->entry[i];
	return NULL;
}

void suspects_consider(struct suspects *suspects, const struct socket_fact *socket)
{
	const uint64_t lately_ms = 2000;
	struct suspect *place;
	enum rest rest;

	if (!flow_is_open(socket) || !is_told(&socket->tcp) || !socket->cookie)
		return;
	rest = rest_now(socket);
	if (rest == REST_NONE && (socket->tcp.last_data_sent_ms > lately_ms || !sends_slowly(&socket->tcp)))
		return;
	place = place_find(suspects, rest);
	if (!place)
		return;
	*place = (struct suspect){.socket = *socket};
	/* What these point to is gone after this look. */
	place->socket.owners_count = 0;
	place->socket.owners = NULL;
	place->socket.options = NULL;
	place->socket.netns = NULL;
}

static int cookie_compare(const void *left, const void *right)
{
	uint64_t a = ((const struct suspect *)left)->socket.cookie, b = ((const struct suspect *)right)->socket.cookie;

	return a < b ? -1 : a > b;
}

static int key_compare(const void *key, const void *suspect)
{
	uint64_t a = *(const uint64_t *)key, b = ((const struct suspect *)suspect)->socket.cookie;

	return a < b ? -1 : a > b;
}

const struct suspect *suspects_find(struct suspects *suspects, uint64_t cookie)
{
	if (!suspects->sorted)
		qsort(suspects->entry, suspects->count, sizeof *suspects->entry, cookie_compare);
	suspects->sorted = true;
	return bsearch(&cookie, suspects->entry, suspects->count, sizeof *suspects->entry, key_compare);
}
