/* Rules about UDP. */
#include <inttypes.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include "base/text.h"
#include "base/units.h"
#include "doctor/rule.h"

/* What is passed to setsockopt() for a buffer: half of what the kernel then grants (net/core/sock.c
 * __sock_set_rcvbuf()). Four times as much as there is, so that a burst of that length fits. */
static uint64_t rcvbuf_wanted(const struct socket_fact *socket)
{
	uint64_t wanted = 4ull * (socket->skmem[SK_MEMINFO_RCVBUF] / 2), power = 65536;

	while (power < wanted && power < 1u << 30)
		power *= 2;
	return power;
}

static void rcvbuf_fix(const struct exam *exam, struct fix *fix)
{
	uint64_t wanted = rcvbuf_wanted(exam->now);
	int64_t cap;

	snprintf(fix->spec, sizeof fix->spec, "rcvbuf=%" PRIu64 "K", wanted / 1024);
	if (!exam_sysctl(exam, SYSCTL_rmem_max, 0, &cap)) {
		snprintf(fix->advice, sizeof fix->advice,
			 "net.core.rmem_max of the host's first namespace caps it, and is not to be seen in this one");
	} else if ((uint64_t)cap < wanted) {
		snprintf(fix->sysctl, sizeof fix->sysctl, "net.core.rmem_max=%" PRIu64, wanted);
		snprintf(fix->advice, sizeof fix->advice,
			 "net.core.rmem_max is %" PRId64 " here: without raising it, no more than that is granted",
			 cap);
	} else {
		snprintf(fix->advice, sizeof fix->advice, "net.core.rmem_max is %" PRId64 ", and allows it", cap);
	}
}

/* Full at both looks: no buffer is long enough for a program that does not keep up. */
static bool is_full(uint64_t waiting_bytes, const struct socket_fact *socket)
{
	return 4 * waiting_bytes >= 3ull * socket->skmem[SK_MEMINFO_RCVBUF];
}

/* Why datagrams found no room, as the namespace counts it. */
struct refusals {
	uint64_t by_buffer, by_memory; /* RcvbufErrors; MemErrors: all of UDP had too much */
};

static bool refusals_read(const struct exam *exam, struct refusals *ret)
{
	const struct host_fact *counted = &exam->host->counted;

	ret->by_buffer = counted->udp_rcvbuf_errors + counted->udp6_rcvbuf_errors;
	ret->by_memory = counted->udp_memory_errors + counted->udp6_memory_errors;
	return exam_counted(exam, HOST_FACT_udp_rcvbuf_errors);
}

/* Three numbers, each twice what it is. */
static void memory_fix(const struct exam *exam, struct fix *fix)
{
	int64_t pages[3];
	bool known = true;

	for (unsigned i = 0; i < 3; i++)
		known = exam_sysctl(exam, SYSCTL_udp_mem, i, &pages[i]) && known;
	if (known)
		snprintf(fix->sysctl, sizeof fix->sysctl, "net.ipv4.udp_mem=%" PRId64 " %" PRId64 " %" PRId64,
			 2 * pages[0], 2 * pages[1], 2 * pages[2]);
	snprintf(
		fix->advice, sizeof fix->advice,
		"all UDP sockets of the host together hold more than net.ipv4.udp_mem allows%s: find which one is full (ss -um); raise "
		"it where the host has memory to spare",
		known ? "" : ", which is of its first namespace, and not to be seen in this one");
}

static void evidence_write(const struct exam *exam, struct finding *finding, uint64_t lost,
			   const struct refusals *refusals)
{
	struct text evidence = TEXT(finding->evidence);
	char waiting[24], buffer[24];

	units_round(MEASURE_SIZE, exam->now->rqueue_bytes, waiting, sizeof waiting);
	units_round(MEASURE_SIZE, exam->now->skmem[SK_MEMINFO_RCVBUF], buffer, sizeof buffer);
	text_add(&evidence,
		 "%" PRIu64 " datagrams dropped in %.1f s (%.0f a second); %s of its receive buffer of %s taken", lost,
		 exam_seconds(exam), (double)lost / exam_seconds(exam), waiting, buffer);
	if (refusals->by_memory)
		text_add(&evidence, "; %" PRIu64 " in all for want of UDP's memory (MemErrors)", refusals->by_memory);
	finding_number(finding, "dropped", lost);
	finding_number(finding, "rqueue_bytes", exam->now->rqueue_bytes);
	finding_number(finding, "rcvbuf_bytes", exam->now->skmem[SK_MEMINFO_RCVBUF]);
}

static void drops_fix(const struct exam *exam, const struct refusals *refusals, struct fix *fix)
{
	if (!refusals->by_buffer)
		memory_fix(exam, fix);
	else if (is_full(exam->before->rqueue_bytes, exam->now) && is_full(exam->now->rqueue_bytes, exam->now))
		snprintf(
			fix->advice, sizeof fix->advice,
			"no buffer mends it: it was full at both looks, the program does not keep up (recvmmsg, several sockets with "
			"SO_REUSEPORT, udp-gro, less work between reads)");
	else
		rcvbuf_fix(exam, fix);
}

/* sk_drops counts bad checksums and filters too: what found no room is in the namespace's counters as well
 * (net/ipv4/udp.c __udp_queue_rcv_skb()). */
enum opinion rule_udp_drops(const struct exam *exam, struct finding *finding)
{
	const struct socket_fact *socket = exam->now;
	struct refusals refusals;
	uint64_t lost;

	if (socket->protocol != IPPROTO_UDP || socket->skmem_count <= SK_MEMINFO_DROPS)
		return OPINION_NOT_ITS_CASE;
	if (!exam->before || !exam->before->drops_known)
		return rule_unknown(finding, "a socket that was opened between the looks");
	lost = socket->skmem[SK_MEMINFO_DROPS] - exam->before->drops;
	if (!lost)
		return OPINION_HEALTHY;
	if (!refusals_read(exam, &refusals))
		return rule_unknown(finding,
				    "it has dropped some, and why was not to be read: RcvbufErrors, MemErrors");
	if (!refusals.by_buffer && !refusals.by_memory)
		return OPINION_HEALTHY;
	evidence_write(exam, finding, lost, &refusals);
	finding->weight = (double)lost;
	drops_fix(exam, &refusals, &finding->fix);
	return OPINION_SICK;
}
