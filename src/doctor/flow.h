/* What a TCP connection did between the looks, as differences of the kernel's counters; what rules about its speed have
 * in common. */
#ifndef DOCTOR_FLOW_H
#define DOCTOR_FLOW_H
#include "base/text.h"
#include "doctor/exam.h"
#include "doctor/finding.h"

struct flow {
	double seconds;                                     /* between the looks */
	double busy_us, rwnd_limited_us, sndbuf_limited_us; /* the latter two are parts of the first */
	double sent_bytes, acked_bytes, received_bytes;
	double data_segs, retrans_segs, dsack_dups;
	double path_us, rtt_us;           /* the shortest RTT of the last minutes; the smoothed one */
	double least_rtt_us, most_rtt_us; /* the smoothed one, of both looks */
	double rate_bytes_per_s;          /* acknowledged while busy */
};

/* Shorter paths are the host itself, or a neighbour: CPUs limit what goes over them, not settings. */
enum { FLOW_FAR_US = 1000 };

/* Is it a connection that some program has open? */
bool flow_is_open(const struct socket_fact *);
/* False: this kernel does not tell enough, no round trip was measured yet (after a SYN cookie), or the connection is new. */
bool flow_read(const struct exam *, struct flow *ret);
extern const char flow_untold[]; /* says so, for rule_unknown() */
/* Had it something to send for so much of the interval that the rest of the numbers means something? */
bool flow_is_busy(const struct flow *);
/* Was the RTT near its least at one look or the other? Else a queue on the way is full already, and more in flight would
 * only lengthen it. */
bool flow_path_is_empty(const struct flow *);
/* Evidence begins with the share of the busy time in which something was the limit, and names that next; key: of limited_us. */
void flow_limit_tell(const struct flow *, const char *key, double limited_us, struct text *evidence, struct finding *);
/* "; 3.2 Mbit/s over an RTT of 20 ms". */
void flow_rate_tell(const struct flow *, struct text *evidence, struct finding *);
/* Are both ends of the connection on this host? Its addresses are known by the sockets that were seen. */
bool flow_is_local(const struct exam *);
/* The congestion control is of the kind that takes every loss for congestion, and backs off. */
bool flow_backs_off_on_loss(const struct socket_fact *);
#endif
