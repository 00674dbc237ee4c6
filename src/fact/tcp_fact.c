/* tcp_info to tcp_fact, field by field as tcp_fact.def lists them. */
#include "fact/tcp_fact.h"
#include <string.h>

const struct field tcp_fact_fields[TCP_FACT_COUNT] = {
#define FACT(name, member, help) {#name, help, offsetof(struct tcp_fact, name)},
#include "fact/tcp_fact.def"
#undef FACT
};

void tcp_fact_read(struct tcp_fact *fact, const void *tcp_info, size_t size)
{
	struct tcp_info_kernel info = {0};

	memset(fact, 0, sizeof *fact);
	memcpy(&info, tcp_info, size < sizeof info ? size : sizeof info);
#define FACT(name, member, help) \
	if (size >= offsetof(struct tcp_info_kernel, member) + sizeof info.member) { \
		fact->name = info.member; \
		fact->have |= 1ull << TCP_FACT_##name; \
	}
#include "fact/tcp_fact.def"
#undef FACT
}

bool tcp_fact_has(const struct tcp_fact *fact, enum tcp_fact_id id)
{
	return fact->have >> id & 1;
}
