/* Rules about what all sockets together may hold. */
#include <inttypes.h>
#include <stdio.h>
#include "base/text.h"
#include "doctor/rule.h"

enum { TCP_MEM_PRESSURE = 1, TCP_MEM_MOST = 2 };

static void pages_add(struct text *evidence, const struct exam *exam)
{
	int64_t pressure, most;

	if (exam->host->use.have >> HOST_USE_tcp_mem_pages & 1)
		text_add(evidence, "%sTCP holds %" PRIu64 " pages", evidence->length ? "; " : "",
			 exam->host->use.tcp_mem_pages);
	if (exam_sysctl(exam, SYSCTL_tcp_mem, TCP_MEM_PRESSURE, &pressure) &&
	    exam_sysctl(exam, SYSCTL_tcp_mem, TCP_MEM_MOST, &most))
		text_add(evidence, "; net.ipv4.tcp_mem: pressure from %" PRId64 ", at most %" PRId64, pressure, most);
}

static void pressure_evidence(const struct exam *exam, struct text *evidence)
{
	const struct host_fact *counted = &exam->host->counted;

	text_add(evidence, "entered pressure %" PRIu64 " times in %.1f s", counted->memory_pressures,
		 exam_seconds(exam));
	if (counted->memory_pressure_ms)
		text_add(evidence, ", left it after %" PRIu64 " ms, which may have begun before",
			 counted->memory_pressure_ms);
}

/* The kernel counts entries into pressure, and at its end how long it was (net/ipv4/tcp.c tcp_leave_memory_pressure());
 * a level above the mark is pressure that has not ended. Both are counted where it began and ended: in whatever
 * namespace the socket was that came upon it. So silence of this one's counters says nothing. */
enum opinion rule_tcp_memory(const struct exam *exam, struct finding *finding)
{
	const struct host_fact *counted = &exam->host->counted;
	struct text evidence = TEXT(finding->evidence);
	uint64_t pages = exam->host->use.tcp_mem_pages;
	bool known = exam->host->use.have >> HOST_USE_tcp_mem_pages & 1;
	int64_t pressure;

	known = known && exam_sysctl(exam, SYSCTL_tcp_mem, TCP_MEM_PRESSURE, &pressure);
	if (!counted->memory_pressures && !counted->memory_pressure_ms && !known)
		return rule_unknown(finding,
				    "net.ipv4.tcp_mem, which is of the host's first namespace, or what TCP holds is "
				    "not to be seen here");
	if (!counted->memory_pressures && !counted->memory_pressure_ms && pages <= (uint64_t)pressure)
		return OPINION_HEALTHY;
	pressure_evidence(exam, &evidence);
	pages_add(&evidence, exam);
	finding_number(finding, "memory_pressure_ms", counted->memory_pressure_ms);
	finding_number(finding, "tcp_mem_pages", pages);
	finding->weight = 1 + (double)counted->memory_pressures;
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"find who holds it (ss -tm): unread data or buffers that are too large; smaller "
		"tcp_rmem and tcp_wmem maxima (third number), or more memory; tcp_mem only where the host has memory to spare");
	return OPINION_SICK;
}

enum opinion rule_no_memory(const struct exam *exam, struct finding *finding)
{
	const struct host_fact *counted = &exam->host->counted;
	struct text evidence = TEXT(finding->evidence);
	uint64_t orphans = exam->host->use.tcp_orphans;
	bool known = exam->host->use.have >> HOST_USE_tcp_orphans & 1;
	int64_t most;

	if (!exam_counted(exam, HOST_FACT_abort_on_memory))
		return rule_unknown(finding, "this kernel does not count TCPAbortOnMemory");
	if (!counted->abort_on_memory)
		return OPINION_HEALTHY;
	text_add(&evidence, "%" PRIu64 " connections reset in %.1f s (TCPAbortOnMemory)", counted->abort_on_memory,
		 exam_seconds(exam));
	pages_add(&evidence, exam);
	known = known && exam_sysctl(exam, SYSCTL_max_orphans, 0, &most);
	if (known)
		text_add(&evidence, "; %" PRIu64 " connections closed and not over, at most %" PRId64, orphans, most);
	finding_number(finding, "aborted", counted->abort_on_memory);
	finding->weight = (double)counted->abort_on_memory;
	/* tcp_check_oom() counts orphans of hopeless connections double and more. */
	if (known && 4 * orphans >= (uint64_t)most)
		snprintf(finding->fix.sysctl, sizeof finding->fix.sysctl, "net.ipv4.tcp_max_orphans=%" PRId64,
			 2 * most);
	snprintf(finding->fix.advice, sizeof finding->fix.advice,
		 "net.ipv4.tcp_max_orphans and tcp_mem are of the host's first namespace; peers that vanish leave such "
		 "connections behind: tcp_orphan_retries, user-timeout");
	return OPINION_SICK;
}

static void prunes_evidence(const struct exam *exam, struct text *evidence)
{
	const struct host_fact *counted = &exam->host->counted;

	text_add(evidence,
		 "; meanwhile %" PRIu64 " queues pruned, %" PRIu64 " times in vain, %" PRIu64
		 " times by dropping what was out of order (PruneCalled, RcvPruned, OfoPruned), %" PRIu64
		 " segments collapsed",
		 counted->rcv_pruned, counted->rcv_prune_drops, counted->ofo_pruned, counted->rcv_collapsed);
}

/* Segments that had arrived, and were thrown away since the buffer was full of bookkeeping: small segments take a whole
 * buffer each. One or two in a burst are no fault; a share of what came in is. Of the kernel's counters only these two
 * are of segments (net/ipv4/tcp_input.c tcp_data_queue(), tcp_data_queue_ofo()); RcvPruned rises before either of them,
 * and also for a segment that is taken in all the same. */
enum opinion rule_receive_prunes(const struct exam *exam, struct finding *finding)
{
	enum { PER_MILLE = 1, LEAST = 10 };
	const struct host_fact *counted = &exam->host->counted;
	uint64_t dropped = counted->rcv_queue_drops + counted->ofo_queue_drops;
	struct text evidence = TEXT(finding->evidence);
	int64_t most;

	if (!exam_counted(exam, HOST_FACT_rcv_queue_drops) || !exam_counted(exam, HOST_FACT_ofo_queue_drops) ||
	    !exam_counted(exam, HOST_FACT_in_segs))
		return rule_unknown(finding, "this kernel does not count TCPRcvQDrop and TCPOFODrop");
	if (dropped < LEAST || 1000 * dropped < PER_MILLE * counted->in_segs)
		return OPINION_HEALTHY;
	text_add(&evidence,
		 "%" PRIu64 " segments dropped after they had arrived, of %" PRIu64 ", in %.1f s (TCPRcvQDrop +%" PRIu64
		 ", TCPOFODrop +%" PRIu64 "; from %u, and %u in 1000, on this speaks)",
		 dropped, counted->in_segs, exam_seconds(exam), counted->rcv_queue_drops, counted->ofo_queue_drops,
		 (unsigned)LEAST, (unsigned)PER_MILLE);
	prunes_evidence(exam, &evidence);
	finding_number(finding, "dropped", dropped);
	finding_number(finding, "in_segs", counted->in_segs);
	finding->weight = (double)dropped;
	snprintf(finding->fix.spec, sizeof finding->fix.spec, "rcvbuf=auto");
	if (exam_sysctl(exam, SYSCTL_tcp_rmem, 2, &most))
		snprintf(
			finding->fix.advice, sizeof finding->fix.advice,
			"for the program that fixes SO_RCVBUF, or reads slowly (unread-data); autotuning goes up to net.ipv4.tcp_rmem, "
			"%" PRId64 " bytes here",
			most);
	return OPINION_SICK;
}
