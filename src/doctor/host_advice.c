/* One rule for each limit. Never advises less than what is there: raising is what these limits are for. */
#include "doctor/host_advice.h"
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include "base/units.h"
#include "fact/port_range.h"
#include "sockctl.h"

/* A burst is what arrives while the program is not scheduled: at most everybody, and no listen() asks for more than this. */
enum { BACKLOG_MOST = 65535, BACKLOG_LEAST = 4096 };
/* tcp_rmem and tcp_wmem are ints, and as much fills the largest window that TCP can announce (65535 << 14), since half
 * of a buffer holds payload. */
static const int64_t autotuning_most = INT32_MAX;
/* fs/file.c sysctl_nr_open_max is a little below 2^31. */
static const int64_t nr_open_most = INT64_C(1) << 30;

struct builder {
	const struct host_goal *goal;
	const struct sysctl_facts *facts;
	struct host_advice *out;
	unsigned count;
};

static struct host_advice *advice_add(struct builder *b, enum sysctl_id id, bool enough)
{
	struct host_advice *advice = &b->out[b->count++];

	*advice = (struct host_advice){.sysctl = id, .enough = enough};
	return advice;
}

/* The next power of two: limits are written so, and 2 x BDP is no exact figure. */
static int64_t round_up(int64_t number)
{
	int64_t power = 1;

	while (power < number && power < INT64_MAX / 2)
		power *= 2;
	return power;
}

/* Half of a buffer holds payload (tcp_adv_win_scale), and a sender needs one window in flight and as much again queued: 2 x BDP. */
static void autotuning_advise(struct builder *b, enum sysctl_id id, int64_t bdp_bytes)
{
	const struct sysctl_fact *fact = &b->facts->fact[id];
	bool fillable = 2 * bdp_bytes <= autotuning_most;
	int64_t least = fillable ? 2 * bdp_bytes : autotuning_most;
	struct host_advice *advice;
	char bdp[24];

	if (!fact->known || fact->count != SYSCTL_NUMBERS)
		return;
	advice = advice_add(b, id, fact->number[2] >= least);
	units_round(MEASURE_SIZE, (double)bdp_bytes, bdp, sizeof bdp);
	snprintf(advice->value, sizeof advice->value, "%" PRId64 " %" PRId64 " %" PRId64, fact->number[0],
		 fact->number[1],
		 advice->enough                    ? fact->number[2] :
		 round_up(least) > autotuning_most ? autotuning_most :
						     round_up(least));
	snprintf(
		advice->why, sizeof advice->why,
		fillable ?
			"bandwidth x RTT is %s; autotuning needs twice that, as half of a buffer is bookkeeping or waits to be sent" :
			"bandwidth x RTT is %s, but a window is 1G at most: one connection cannot fill this path, and a larger "
			"buffer is of no use; use several",
		bdp);
}

static void memory_advise(struct builder *b, int64_t bdp_bytes)
{
	const struct sysctl_fact *fact = &b->facts->fact[SYSCTL_tcp_mem];
	int64_t page = b->goal->page_bytes, pages;
	struct host_advice *advice;

	if (!fact->known || fact->count != SYSCTL_NUMBERS || !b->goal->connections || page <= 0 ||
	    bdp_bytes > INT64_MAX / 4 / b->goal->connections)
		return;
	pages = 2 * bdp_bytes * b->goal->connections / page;
	advice = advice_add(b, SYSCTL_tcp_mem, fact->number[1] >= pages);
	advice->no_cure = !advice->enough; /* memory is not had by writing a number */
	if (advice->enough)
		snprintf(advice->value, sizeof advice->value, "%" PRId64 " %" PRId64 " %" PRId64, fact->number[0],
			 fact->number[1], fact->number[2]);
	else
		snprintf(advice->value, sizeof advice->value, "%" PRId64 " pages", pages);
	snprintf(advice->why, sizeof advice->why,
		 advice->enough ?
			 "if all %" PRId64 " connections fill their buffers, that is %" PRId64
			 " pages: below the pressure mark" :
			 "if all %" PRId64 " connections fill their buffers, that is %" PRId64
			 " pages: TCP would shrink windows; more memory, or smaller buffers, rather than this sysctl",
		 b->goal->connections, pages);
}

static void backlog_advise(struct builder *b, enum sysctl_id id)
{
	const struct sysctl_fact *fact = &b->facts->fact[id];
	int64_t wanted = b->goal->connections < BACKLOG_LEAST ? BACKLOG_LEAST :
			 b->goal->connections > BACKLOG_MOST  ? BACKLOG_MOST :
								round_up(b->goal->connections) - 1;
	struct host_advice *advice;

	if (!fact->known || !b->goal->connections)
		return;
	wanted = wanted > BACKLOG_MOST ? BACKLOG_MOST : wanted;
	advice = advice_add(b, id, fact->number[0] >= (b->goal->connections < wanted ? b->goal->connections : wanted));
	snprintf(advice->value, sizeof advice->value, "%" PRId64, advice->enough ? fact->number[0] : wanted);
	snprintf(
		advice->why, sizeof advice->why,
		"all %" PRId64
		" clients may come back at once; a full queue costs them a second or more, and the program must ask for it with "
		"its backlog",
		b->goal->connections);
}

static void ports_advise(struct builder *b)
{
	const struct sysctl_fact *fact = &b->facts->fact[SYSCTL_port_range];
	const struct sysctl_fact *reserved = &b->facts->fact[SYSCTL_reserved_ports];
	struct host_advice *advice;
	struct port_range range;

	if (!fact->known || fact->count < 2 || !b->goal->connections)
		return;
	if (!reserved->known && reserved->code == -EOVERFLOW) /* it has more of them than could be read */
		return;
	port_range_count(&range, (uint16_t)fact->number[0], (uint16_t)fact->number[1], reserved->text);
	advice = advice_add(b, SYSCTL_port_range, range.usable >= b->goal->connections);
	snprintf(advice->value, sizeof advice->value, "%" PRId64 " %" PRId64,
		 advice->enough ? fact->number[0] : (int64_t)1024, advice->enough ? fact->number[1] : (int64_t)65535);
	snprintf(advice->why, sizeof advice->why,
		 "%" PRIu32 " ports for %" PRId64 " outgoing connections to one destination%s", range.usable,
		 b->goal->connections,
		 advice->enough ?
			 "" :
		 b->goal->connections > 65535 - 1023 ?
			 "; no range is enough: several source addresses or destinations; and keep your services' own "
			 "ports out by ip_local_reserved_ports" :
			 "; keep your services' own ports out by ip_local_reserved_ports");
}

/* A process needs some more for its logs, libraries and pipes; the host as a whole runs others too. */
static void files_advise(struct builder *b, enum sysctl_id id, int64_t wanted, const char *why)
{
	const struct sysctl_fact *fact = &b->facts->fact[id];
	struct host_advice *advice;

	if (!fact->known || !fact->count || !b->goal->connections)
		return;
	advice = advice_add(b, id, fact->number[0] >= wanted);
	snprintf(advice->value, sizeof advice->value, "%" PRId64, advice->enough ? fact->number[0] : round_up(wanted));
	snprintf(advice->why, sizeof advice->why, "%s", why);
}

unsigned host_advise(const struct host_goal *goal, const struct sysctl_facts *facts,
		     struct host_advice ret[SYSCTL_COUNT])
{
	struct builder b = {.goal = goal, .facts = facts, .out = ret};

	if (goal->rate_bps && goal->rtt_us) {
		int64_t bdp_bytes = sockctl_bdp_bytes(goal->rate_bps, goal->rtt_us);

		if (bdp_bytes < INT64_MAX / 4) {
			autotuning_advise(&b, SYSCTL_tcp_rmem, bdp_bytes);
			autotuning_advise(&b, SYSCTL_tcp_wmem, bdp_bytes);
			memory_advise(&b, bdp_bytes);
		}
	}
	backlog_advise(&b, SYSCTL_somaxconn);
	backlog_advise(&b, SYSCTL_syn_backlog);
	ports_advise(&b);
	if (goal->connections < INT64_MAX / 4) {
		files_advise(
			&b, SYSCTL_nr_open,
			goal->connections < nr_open_most - 1024 ? goal->connections + 1024 : nr_open_most,
			"each connection is an open file of its program, whose own limit (RLIMIT_NOFILE, LimitNOFILE= of its "
			"unit) must allow as many too");
		files_advise(&b, SYSCTL_file_max, 2 * goal->connections,
			     "each connection is an open file of the host; half of them are left to others");
	}
	return b.count;
}
