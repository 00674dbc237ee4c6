/* Numbers of both looks, with what is missing said. */
#include "doctor/exam.h"
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>

_Static_assert(PAST_COUNT <= 32, "past.have has 32 bits");
static const uint8_t past_facts[PAST_COUNT] = {
#define PAST_FACT(id) [PAST_##id] = TCP_FACT_##id,
	PAST_WIDE_LIST(PAST_FACT) PAST_NARROW_LIST(PAST_FACT)
#undef PAST_FACT
};

static bool tcp_number(const struct socket_fact *socket, enum past_id id, uint64_t *ret)
{
	if (!tcp_fact_has(&socket->tcp, past_facts[id]))
		return false;
	memcpy(ret, (const char *)&socket->tcp + tcp_fact_fields[past_facts[id]].offset, sizeof *ret);
	return true;
}

struct past past_of(const struct socket_fact *socket)
{
	struct past past = {
		.cookie = socket->cookie,
		.rqueue_bytes = socket->rqueue_bytes,
		.wqueue_bytes = socket->wqueue_bytes,
		.state = socket->state,
		.accepted = socket->inode != 0,
		.drops_known = socket->skmem_count > SK_MEMINFO_DROPS,
	};

	if (past.drops_known)
		past.drops = socket->skmem[SK_MEMINFO_DROPS];
	for (unsigned id = 0; id < PAST_COUNT; id++) {
		uint64_t number = 0;

		past.have |= (uint32_t)tcp_number(socket, id, &number) << id;
		if (id < PAST_WIDE)
			past.wide[id] = number;
		else
			past.narrow[id - PAST_WIDE] = (uint32_t)number;
	}
	return past;
}

uint64_t past_number(const struct past *past, enum past_id id)
{
	return id < PAST_WIDE ? past->wide[id] : past->narrow[id - PAST_WIDE];
}

bool exam_delta(const struct exam *exam, enum past_id id, uint64_t *ret)
{
	uint64_t now;

	if (!exam->before || !(exam->before->have >> id & 1) || !tcp_number(exam->now, id, &now))
		return false;
	*ret = now - past_number(exam->before, id);
	return true;
}

bool socket_option(const struct socket_fact *socket, enum option_id id, int64_t *ret)
{
	if (!socket->options || socket->options[id].source == SOURCE_NONE)
		return false;
	*ret = socket->options[id].value.number;
	return true;
}

bool exam_past(const struct exam *exam, enum past_id id, uint64_t *ret)
{
	if (!exam->before || !(exam->before->have >> id & 1))
		return false;
	*ret = past_number(exam->before, id);
	return true;
}

bool exam_option(const struct exam *exam, enum option_id id, int64_t *ret)
{
	return socket_option(exam->now, id, ret);
}

bool socket_buffer_fixed(const struct socket_fact *socket, enum option_id id, int64_t *ret_bytes, bool *ret_known)
{
	*ret_known = socket->options && socket->options[id].source != SOURCE_NONE &&
		     socket->options[id].source != SOURCE_DIAG; /* which tells sizes, but not who made them */
	if (!*ret_known || socket->options[id].value.form == FORM_AUTO)
		return false;
	*ret_bytes = socket->options[id].value.number;
	return true;
}

bool exam_sysctl(const struct exam *exam, enum sysctl_id id, unsigned index, int64_t *ret)
{
	const struct sysctl_fact *fact = &exam->host->sysctls.fact[id];

	if (!fact->known || index >= fact->count)
		return false;
	*ret = fact->number[index];
	return true;
}

bool exam_counted(const struct exam *exam, enum host_fact_id id)
{
	return exam->host->counted.have >> id & 1;
}

const char *owner_text(const struct owner_fact *owner, char *text, size_t size)
{
	if (owner && owner->pid)
		snprintf(text, size, "%s[%d]", owner->command, (int)owner->pid);
	else
		snprintf(text, size, "?");
	return text;
}

double exam_seconds(const struct exam *exam)
{
	return (double)exam->host->interval_us / 1e6;
}
