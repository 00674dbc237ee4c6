/* tcp_info to tcp_fact, field by field as tcp_fact.def lists them. */
#include "fact/tcp_fact.h"
#include <string.h>

const struct field tcp_fact_fields[TCP_FACT_COUNT] = {
#define FACT(name, member, field, value, help) FIELD(struct tcp_fact, name, help),
#include "fact/tcp_fact.def"
#undef FACT
};

#define BIT(name) (UINT64_C(1) << TCP_FACT_##name)

/* What was not measured yet is 0 in the kernel's struct: a smoothed RTT is at least 1 us (tcp_rtt_estimator()), no timeout
 * is 0; of a listener neither is filled in (tcp_get_info()). */
static inline void unmeasured_clear(struct tcp_fact *fact)
{
	enum { SSTHRESH_NONE = 0x7fffffff }; /* TCP_INFINITE_SSTHRESH, include/net/tcp.h */
	uint64_t absent = 0;

	absent |= fact->rtt_us ? 0 : BIT(rtt_us) | BIT(rttvar_us);
	/* tcp_min_rtt() before the first: all ones */
	absent |= fact->min_rtt_us && fact->min_rtt_us != UINT32_MAX ? 0 : BIT(min_rtt_us);
	absent |= fact->rcv_rtt_us ? 0 : BIT(rcv_rtt_us);
	absent |= fact->rto_us ? 0 : BIT(rto_us);
	absent |= fact->ssthresh_segs && fact->ssthresh_segs != SSTHRESH_NONE ? 0 : BIT(ssthresh_segs);
	fact->have &= ~absent;
}

/* All ones is the kernel's word for a rate without a limit. */
static inline __attribute__((always_inline)) void fact_copy(struct tcp_fact *fact, const void *tcp_info, size_t size)
{
	struct tcp_info_kernel info = {0};

	memset(fact, 0, sizeof *fact);
	memcpy(&info, tcp_info, size < sizeof info ? size : sizeof info);
#define FACT_BITS(name, member, witness, field, value, help) \
	if (size >= offsetof(struct tcp_info_kernel, witness) + sizeof info.witness) { \
		fact->name = info.member; \
		fact->have |= (uint64_t)(fact->name != UINT64_MAX) << TCP_FACT_##name; \
	}
#define FACT(name, member, field, value, help) FACT_BITS(name, member, member, field, value, help)
#include "fact/tcp_fact.def"
#undef FACT
	unmeasured_clear(fact);
}

/* Of a kernel that has them all the size is a constant: every comparison in the copy is decided by the compiler. */
void tcp_fact_read(struct tcp_fact *fact, const void *tcp_info, size_t size)
{
	if (size >= sizeof(struct tcp_info_kernel))
		fact_copy(fact, tcp_info, sizeof(struct tcp_info_kernel));
	else
		fact_copy(fact, tcp_info, size);
}

bool tcp_fact_has(const struct tcp_fact *fact, enum tcp_fact_id id)
{
	return fact->have >> id & 1;
}
