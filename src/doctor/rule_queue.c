/* Rules about accept queues. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include "base/text.h"
#include "doctor/backlog.h"
#include "doctor/dialect.h"
#include "doctor/rule.h"

struct queue {
	uint64_t now, limit, lost;
	uint64_t before; /* at the first look */
	bool counted;    /* lost and before are known */
};

/* Of a listener: include/uapi/linux/tcp.h, tcp_get_info(). */
static bool queue_read(const struct listener *listener, struct queue *ret)
{
	const struct tcp_fact *tcp = &listener->fact.tcp;

	*ret = (struct queue){.now = tcp->unacked_segs, .limit = tcp->sacked_segs};
	ret->counted = listener->had_before && listener->before.drops_known &&
		       listener->before.have >> PAST_unacked_segs & 1 && listener->fact.skmem_count > SK_MEMINFO_DROPS;
	if (ret->counted) {
		ret->lost = listener->fact.skmem[SK_MEMINFO_DROPS] - listener->before.drops;
		ret->before = past_number(&listener->before, PAST_unacked_segs);
	}
	return tcp_fact_has(tcp, TCP_FACT_unacked_segs) && tcp_fact_has(tcp, TCP_FACT_sacked_segs);
}

static bool overflows(const struct exam *exam, const struct queue *queue)
{
	return queue->lost && exam->host->counted.listen_overflows;
}

static uint64_t waited_at_most(const struct listener *listener)
{
	struct queue queue;

	queue_read(listener, &queue);
	return queue.before < queue.now ? queue.before : queue.now;
}

/* A queue is first in, first out: if all that waited at the first look waits still, nothing was accepted in between.
 * Of listeners that share an address it is not known whose children they are: as many as the others can have are left
 * to these. */
static bool is_stuck(const struct listener *listener, const struct listener_group *group)
{
	uint64_t waited = 0, others = 0;
	struct queue queue;

	if (!queue_read(listener, &queue) || !queue.before)
		return false;
	for (unsigned i = 0; i < group->count; i++) {
		waited += group->member[i]->waited;
		if (group->member[i] != listener)
			others += waited_at_most(group->member[i]);
	}
	return waited >= queue.before + others;
}

static bool all_are_stuck(const struct listener_group *group)
{
	for (unsigned i = 0; i < group->count; i++)
		if (!is_stuck(group->member[i], group))
			return false;
	return true;
}

static uint64_t lost_per_s(const struct exam *exam, const struct queue *queue)
{
	double seconds = exam_seconds(exam);

	return seconds > 1 ? (uint64_t)((double)queue->lost / seconds) : queue->lost;
}

static void queue_numbers(struct finding *finding, const struct queue *queue)
{
	finding_number(finding, "queue", queue->now);
	finding_number(finding, "limit", queue->limit);
	finding_number(finding, "dropped", queue->lost);
}

/* A queue of a usual length that is full at both looks does not take up bursts: it is what comes in all the time. */
static bool is_behind(const struct queue *queue)
{
	enum { USUAL = 128 };

	return queue->limit >= USUAL && queue->before >= queue->limit && queue->now >= queue->limit;
}

static void overflow_fix(const struct exam *exam, const struct queue *queue, struct fix *fix)
{
	if (is_stuck(exam->listener, exam->group))
		snprintf(fix->advice, sizeof fix->advice,
			 "a longer queue mends nothing, as the program accepts nothing: see program-not-accepting");
	else if (is_behind(queue))
		snprintf(
			fix->advice, sizeof fix->advice,
			"it was full at both looks: the program accepts more slowly than clients come, and a longer queue only makes them wait "
			"longer. More workers, several accepts a turn, or less work between them");
	else
		backlog_fix(exam, fix, backlog_wanted(queue->limit, lost_per_s(exam, queue)));
}

enum opinion rule_accept_queue_overflow(const struct exam *exam, struct finding *finding)
{
	struct text evidence = TEXT(finding->evidence);
	struct queue queue;

	if (!queue_read(exam->listener, &queue))
		return rule_unknown(finding, "this kernel tells no accept queue");
	if (!queue.counted)
		return rule_unknown(finding, "a listener that was opened between the looks");
	if (queue.lost && !exam_counted(exam, HOST_FACT_listen_overflows))
		return rule_unknown(finding, "it has dropped some, and why was not to be read: ListenOverflows");
	if (!overflows(exam, &queue))
		return OPINION_HEALTHY;
	text_add(&evidence,
		 "%" PRIu64 " requests dropped in %.1f s (ListenOverflows +%" PRIu64 "); %" PRIu64
		 " waiting now, where the limit is %" PRIu64,
		 queue.lost, exam_seconds(exam), exam->host->counted.listen_overflows, queue.now, queue.limit);
	queue_numbers(finding, &queue);
	finding->weight = (double)queue.lost + (double)queue.now;
	overflow_fix(exam, &queue, &finding->fix);
	return OPINION_SICK;
}

static void clamped_fix(struct fix *fix, uint64_t wanted)
{
	snprintf(fix->spec, sizeof fix->spec, "backlog=%" PRIu64, wanted);
	snprintf(fix->sysctl, sizeof fix->sysctl, "net.core.somaxconn=%" PRIu64, wanted);
	snprintf(
		fix->advice, sizeof fix->advice,
		"the sysctl is asked at listen() only: restart the program afterwards; it is one of each network namespace, so "
		"of each container");
}

/* The cap was 128 where nobody had set it, up to Linux 5.3. A listener that has just that, of a program that asks for
 * more, was opened before the cap was raised, or is told to. */
static bool is_of_an_older_cap(const struct queue *queue, uint64_t asked, uint64_t cap)
{
	enum { FORMER_CAP = 128 };

	return queue->limit == FORMER_CAP && queue->limit < asked && queue->limit < cap;
}

static enum opinion older_cap_tell(struct finding *finding, const struct queue *queue, const char *command,
				   uint64_t asked, uint64_t cap)
{
	snprintf(finding->evidence, sizeof finding->evidence,
		 "the limit is %" PRIu64 "; %s asks for %" PRIu64
		 " unless it is told otherwise, and net.core.somaxconn is %" PRIu64
		 " now: it was raised later, or %" PRIu64 " is what the program is told",
		 queue->limit, command, asked, cap, queue->limit);
	queue_numbers(finding, queue);
	finding->severity = SEVERITY_NOTE;
	finding->weight = (double)asked;
	snprintf(finding->fix.advice, sizeof finding->fix.advice,
		 "the sysctl is asked at listen() only: restart the program, unless its configuration says %" PRIu64,
		 queue->limit);
	return OPINION_SICK;
}

/* That a limit equals the cap is no fault: Go asks for just that. It is one where the queue overflows at it, or where
 * the program is known to ask for more. */
enum opinion rule_backlog_clamped(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *listener = &exam->listener->fact;
	const char *command = listener->owners_count ? listener->owners[0].command : "";
	uint64_t asked = dialect_backlog(command);
	struct text evidence = TEXT(finding->evidence);
	struct queue queue;
	int64_t cap;

	if (!queue_read(exam->listener, &queue))
		return rule_unknown(finding, "this kernel tells no accept queue");
	if (!exam_sysctl(exam, SYSCTL_somaxconn, 0, &cap))
		return rule_unknown(finding, "net.core.somaxconn could not be read");
	if (is_of_an_older_cap(&queue, asked, (uint64_t)cap))
		return older_cap_tell(finding, &queue, command, asked, (uint64_t)cap);
	if (queue.limit != (uint64_t)cap || (queue.limit >= asked && !overflows(exam, &queue)))
		return OPINION_HEALTHY;
	text_add(&evidence, "the limit is %" PRIu64 ", which is net.core.somaxconn", queue.limit);
	if (queue.limit < asked)
		text_add(&evidence, "; %s asks for %" PRIu64 " unless it is told otherwise", command, asked);
	if (overflows(exam, &queue))
		text_add(&evidence, "; %" PRIu64 " requests dropped in %.1f s", queue.lost, exam_seconds(exam));
	queue_numbers(finding, &queue);
	finding->weight = (double)queue.lost + (double)asked;
	clamped_fix(&finding->fix, overflows(exam, &queue) ? backlog_wanted(queue.limit, lost_per_s(exam, &queue)) :
				   asked > BACKLOG_MOST    ? BACKLOG_MOST :
							     asked);
	return OPINION_SICK;
}

/* More wait than were seen: only a filter leaves out so many for sure. */
static bool is_missing_some(const struct listener_group *group)
{
	uint64_t waiting = 0, seen = 0;
	struct queue queue;

	for (unsigned i = 0; i < group->count; i++)
		if (queue_read(group->member[i], &queue)) {
			waiting += queue.now;
			seen += group->member[i]->waiting;
		}
	return seen < waiting;
}

/* What both rules about it have in common. False: OPINION is in *ret. */
static bool stuck_queue_read(const struct exam *exam, struct finding *finding, struct queue *queue, enum opinion *ret)
{
	*ret = OPINION_HEALTHY;
	if (!queue_read(exam->listener, queue))
		*ret = rule_unknown(finding, "this kernel tells no accept queue");
	else if (!queue->counted)
		*ret = rule_unknown(finding, "a listener that was opened between the looks");
	else if (is_stuck(exam->listener, exam->group) && exam->host->interval_us < RULE_SHORTEST_WAIT_US)
		*ret = rule_unknown(finding, "the looks were only %.1f s apart", exam_seconds(exam));
	else if (is_stuck(exam->listener, exam->group))
		*ret = OPINION_SICK;
	else if (exam->host->filtered && queue->before && is_missing_some(exam->group))
		*ret = rule_unknown(finding, "the filter leaves out what waits in the queue: nobody owns that yet");
	return *ret == OPINION_SICK;
}

enum opinion rule_not_accepting(const struct exam *exam, struct finding *finding)
{
	enum opinion opinion;
	struct queue queue;

	if (!stuck_queue_read(exam, finding, &queue, &opinion))
		return opinion;
	if (!all_are_stuck(exam->group))
		return OPINION_HEALTHY; /* shard_stuck's */
	snprintf(finding->evidence, sizeof finding->evidence,
		 "nothing accepted in %.1f s: the %" PRIu64 " that waited wait still; %" PRIu64
		 " now, where the limit is %" PRIu64,
		 exam_seconds(exam), queue.before, queue.now, queue.limit);
	queue_numbers(finding, &queue);
	finding_number(finding, "waited", queue.before);
	finding->weight = (double)queue.now;
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"no setting mends it: see where the program hangs (strace -p, a profiler), or whether it has reached its own limit "
		"of connections or of open files (RLIMIT_NOFILE)");
	return OPINION_SICK;
}

/* Closing a shard resets what waits in it, unless the kernel may hand that on (inet_csk_listen_stop()). */
static void shard_fix(const struct exam *exam, struct fix *fix)
{
	int64_t migrates;

	if (exam_sysctl(exam, SYSCTL_migrate_req, 0, &migrates) && !migrates)
		fix_by_sysctl(
			fix, "net.ipv4.tcp_migrate_req=1",
			"see where that worker hangs, or which process holds the listener without using it; when it is ended, what waits is "
			"reset unless tcp_migrate_req is 1");
}

enum opinion rule_shard_stuck(const struct exam *exam, struct finding *finding)
{
	enum opinion opinion;
	struct queue queue;
	unsigned stuck = 0;

	if (exam->group->count < 2)
		return OPINION_NOT_ITS_CASE;
	if (!stuck_queue_read(exam, finding, &queue, &opinion))
		return opinion;
	if (all_are_stuck(exam->group))
		return OPINION_HEALTHY; /* not_accepting's */
	for (unsigned i = 0; i < exam->group->count; i++)
		stuck += is_stuck(exam->group->member[i], exam->group);
	snprintf(finding->evidence, sizeof finding->evidence,
		 "nothing accepted from this queue in %.1f s: the %" PRIu64 " that waited wait still, %" PRIu64
		 " now, where the limit is %" PRIu64 "; %u of the %u listeners on this address keep nobody waiting so",
		 exam_seconds(exam), queue.before, queue.now, queue.limit, exam->group->count - stuck,
		 exam->group->count);
	queue_numbers(finding, &queue);
	finding_number(finding, "waited", queue.before);
	finding_number(finding, "shards", exam->group->count);
	finding->weight = (double)queue.now;
	shard_fix(exam, &finding->fix);
	return OPINION_SICK;
}
