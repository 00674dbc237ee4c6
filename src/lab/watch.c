/* Sampled connections, by cookie. What lives and dies between two samples is not seen. */
#include "lab/watch.h"
#include <linux/sock_diag.h>
#include <math.h>
#include <netinet/tcp.h>
#include <string.h>

/* Fewer samples say nothing of a share. */
enum { WATCH_ENOUGH = 5 };

struct sampling {
	struct watch *watch;
	enum host host;
	bool both; /* one namespace for both hosts */
};

static struct watched *watched_find(struct watch *watch, uint64_t cookie, enum host host)
{
	for (unsigned i = 0; i < watch->count; i++)
		if (watch->connection[i].cookie == cookie && watch->connection[i].host == host)
			return &watch->connection[i];
	return NULL;
}

/* A place for a new connection; where all are taken, that of the one which has sent least, if it sent less. */
static struct watched *watched_place(struct watch *watch, uint64_t bytes_sent)
{
	struct watched *least = watch->connection;

	if (watch->count < WATCH_CONNECTIONS)
		return &watch->connection[watch->count++];
	for (unsigned i = 1; i < watch->count; i++)
		if (watch->connection[i].last.bytes_sent < least->last.bytes_sent)
			least = &watch->connection[i];
	return least->last.bytes_sent < bytes_sent ? least : NULL;
}

/* Full as the kernel sees it: until a third is free again, it wakes no writer (sk_stream_write_space). With whole segments
 * unsent, something else is the limit: the congestion window or the peer's. */
static bool buffer_is_flying(const struct socket_fact *socket)
{
	uint64_t queued, room;

	if (socket->skmem_count <= SK_MEMINFO_WMEM_QUEUED || !tcp_fact_has(&socket->tcp, TCP_FACT_notsent_bytes))
		return false;
	queued = socket->skmem[SK_MEMINFO_WMEM_QUEUED];
	room = socket->skmem[SK_MEMINFO_SNDBUF];
	return socket->tcp.unacked_segs && socket->tcp.notsent_bytes < socket->tcp.mss_bytes && 3 * queued >= 2 * room;
}

static int connection_sampled(void *arg, struct socket_fact *socket)
{
	struct sampling *sampling = arg;
	enum host host = !sampling->both                                     ? sampling->host :
			 socket->source_port == sampling->watch->server_port ? HOST_SERVER :
									       HOST_CLIENT;
	struct watched *watched = watched_find(sampling->watch, socket->cookie, host);

	if (!watched) {
		watched = watched_place(sampling->watch, socket->tcp.bytes_sent);
		if (!watched)
			return 0;
		*watched = (struct watched){.cookie = socket->cookie, .host = host, .first = socket->tcp};
	}
	watched->samples++;
	watched->full += buffer_is_flying(socket);
	watched->last = socket->tcp;
	return 0;
}

void watch_sample(struct watch *watch, const struct gauge *gauge)
{
	static const struct diag_filter open = {
		.states = 1 << TCP_ESTABLISHED | 1 << TCP_FIN_WAIT1 | 1 << TCP_FIN_WAIT2 | 1 << TCP_CLOSE_WAIT |
			  1 << TCP_LAST_ACK,
	};

	for (enum host host = 0; host < (gauge->world->linked ? HOSTS : 1); host++) {
		struct sampling sampling = {watch, host, !gauge->world->linked};

		diag_dump_from(gauge->diag[host], &open, connection_sampled, &sampling, NULL);
	}
}

const struct watched *watch_sender(const struct watch *watch)
{
	const struct watched *most = NULL;

	for (unsigned i = 0; i < watch->count; i++)
		if (!most || watch->connection[i].last.bytes_sent > most->last.bytes_sent)
			most = &watch->connection[i];
	return most;
}

double watch_sndbuf_full_share(const struct watch *watch)
{
	const struct watched *sender = watch_sender(watch);

	return sender && sender->samples >= WATCH_ENOUGH ? (double)sender->full / (double)sender->samples : NAN;
}
