/* What the kernel says of one TCP socket: plain data, with what an older kernel does not have marked as absent. */
#ifndef FACT_TCP_FACT_H
#define FACT_TCP_FACT_H
#include <stddef.h>
#include "fact/tcp_info.h"
#include "record/field.h"

struct tcp_fact {
	uint64_t have;               /* bit i: the i-th line of tcp_fact.def was there */
#define FACT(name, member, field, value, help) uint64_t name;
#include "fact/tcp_fact.def"
#undef FACT
};

enum tcp_fact_id {
#define FACT(name, member, field, value, help) TCP_FACT_##name,
#include "fact/tcp_fact.def"
#undef FACT
	TCP_FACT_COUNT
};
_Static_assert(TCP_FACT_COUNT <= 64, "tcp_fact.have has 64 bits");

extern const struct field tcp_fact_fields[TCP_FACT_COUNT];

/* Copies what a tcp_info of `size` bytes holds (getsockopt's or INET_DIAG_INFO's length). What stands in it for "not
 * measured yet" is absent. */
void tcp_fact_read(struct tcp_fact *, const void *tcp_info, size_t size);
bool tcp_fact_has(const struct tcp_fact *, enum tcp_fact_id);
#endif
