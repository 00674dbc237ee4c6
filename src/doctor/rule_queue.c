/* Rules about accept queues. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <stdio.h>
#include "base/text.h"
#include "doctor/rule.h"

enum { BACKLOG_MOST = 65535 };

static bool queue_read(const struct socket_fact *listener, uint64_t *ret_queue, uint64_t *ret_limit)
{
	*ret_queue = listener->tcp.unacked_segs; /* of a listener: include/uapi/linux/tcp.h, tcp_get_info() */
	*ret_limit = listener->tcp.sacked_segs;
	return tcp_fact_has(&listener->tcp, TCP_FACT_unacked_segs) &&
	       tcp_fact_has(&listener->tcp, TCP_FACT_sacked_segs);
}

/* The next power of two from twice what is there and what was lost: a guess that a second look confirms or refutes. */
static uint64_t backlog_wanted(uint64_t limit, uint64_t lost)
{
	uint64_t wanted = 2 * limit > limit + lost ? 2 * limit : limit + lost, power = 128;

	while (power < wanted && power < BACKLOG_MOST)
		power *= 2;
	return power < BACKLOG_MOST ? power : BACKLOG_MOST;
}

static void backlog_fix(const struct exam *exam, struct fix *fix, uint64_t wanted)
{
	int64_t cap;

	snprintf(fix->spec, sizeof fix->spec, "backlog=%" PRIu64, wanted);
	if (!exam_sysctl(exam, SYSCTL_somaxconn, 0, &cap))
		snprintf(fix->advice, sizeof fix->advice, "net.core.somaxconn caps it, and could not be read");
	else if ((uint64_t)cap < wanted)
		snprintf(fix->sysctl, sizeof fix->sysctl, "net.core.somaxconn=%" PRIu64, wanted);
	else
		snprintf(fix->advice, sizeof fix->advice, "net.core.somaxconn is %" PRId64 ", and allows it", cap);
}

enum opinion rule_accept_queue_overflow(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *listener = &exam->listener->fact;
	struct text evidence = TEXT(finding->evidence);
	uint64_t queue, limit, lost = 0;
	bool counted = exam->listener->had_before && exam->listener->before.drops_known &&
		       listener->skmem_count > SK_MEMINFO_DROPS;

	if (!queue_read(listener, &queue, &limit))
		return rule_unknown(finding, "this kernel tells no accept queue");
	if (counted)
		lost = listener->skmem[SK_MEMINFO_DROPS] - exam->listener->before.drops;
	if (queue <= limit && !(lost && exam->host->counted.listen_overflows))
		return counted ? OPINION_HEALTHY :
				 rule_unknown(finding, "a listener that was opened between the looks");
	text_add(&evidence, "%" PRIu64 " waiting, where the limit is %" PRIu64, queue, limit);
	if (counted)
		text_add(&evidence, "; %" PRIu64 " requests dropped in %.1f s (ListenOverflows +%" PRIu64 ")", lost,
			 exam_seconds(exam), exam->host->counted.listen_overflows);
	finding_number(finding, "queue", queue);
	finding_number(finding, "limit", limit);
	finding_number(finding, "dropped", lost);
	finding->weight = (double)lost + (double)queue;
	backlog_fix(exam, &finding->fix, backlog_wanted(limit, lost));
	return OPINION_SICK;
}
