/* One look at /proc/sys, one dump of TCP sockets. */
#include "observe/sysctls.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include "base/sysctl.h"
#include "observe/diag.h"

/* Numbers, or none if it holds anything else. */
static void numbers_read(struct sysctl_fact *fact)
{
	const char *at = fact->text;

	while (fact->count < SYSCTL_NUMBERS && *at) {
		char *end;

		errno = 0;
		fact->number[fact->count] = strtoll(at, &end, 10);
		if (end == at || errno || (*end && *end != ' ')) {
			fact->count = 0;
			return;
		}
		fact->count++;
		at = end + strspn(end, " ");
	}
}

static void sysctl_fact_read(const char *path, struct sysctl_fact *fact)
{
	fact->code = sysctl_read(path, fact->text, sizeof fact->text);
	fact->known = !fact->code;
	if (!fact->known) {
		*fact->text = 0;
		return;
	}
	for (char *tab = fact->text; (tab = strchr(tab, '\t'));)
		*tab = ' ';
	numbers_read(fact);
}

void sysctls_read(struct sysctl_facts *facts)
{
	memset(facts, 0, sizeof *facts);
	for (unsigned id = 0; id < SYSCTL_COUNT; id++)
		sysctl_fact_read(sysctl_rows[id].path, &facts->fact[id]);
}

struct counting {
	const struct sysctl_facts *facts;
	struct sysctl_capped *capped;
};

static void count_if(struct counting *counting, enum sysctl_id id, bool at_it)
{
	counting->capped[id].sockets += at_it && counting->facts->fact[id].known;
}

/* A buffer that was asked for reads twice the limit where it was cut; one that autotuning made ends at the third number. */
static int socket_counted(void *arg, struct socket_fact *socket)
{
	struct counting *counting = arg;
	const struct sysctl_fact *fact = counting->facts->fact;

	if (socket->state == TCP_LISTEN && tcp_fact_has(&socket->tcp, TCP_FACT_sacked_segs))
		count_if(counting, SYSCTL_somaxconn,
			 (int64_t)socket->tcp.sacked_segs == fact[SYSCTL_somaxconn].number[0]);
	if (socket->skmem_count <= SK_MEMINFO_SNDBUF)
		return 0;
	count_if(counting, SYSCTL_rmem_max, socket->skmem[SK_MEMINFO_RCVBUF] == 2 * fact[SYSCTL_rmem_max].number[0]);
	count_if(counting, SYSCTL_wmem_max, socket->skmem[SK_MEMINFO_SNDBUF] == 2 * fact[SYSCTL_wmem_max].number[0]);
	if (socket->state == TCP_LISTEN)
		return 0;
	count_if(counting, SYSCTL_tcp_rmem, socket->skmem[SK_MEMINFO_RCVBUF] >= fact[SYSCTL_tcp_rmem].number[2]);
	count_if(counting, SYSCTL_tcp_wmem, socket->skmem[SK_MEMINFO_SNDBUF] >= fact[SYSCTL_tcp_wmem].number[2]);
	return 0;
}

int sysctls_capped(const struct sysctl_facts *facts, struct sysctl_capped ret[], struct sockctl_error *error)
{
	static const struct {
		enum sysctl_id id;
		const char *which;
	} seen[] = {
		{SYSCTL_somaxconn, "listeners whose queue is exactly this long"},
		{SYSCTL_rmem_max, "receive buffers of exactly twice this"},
		{SYSCTL_wmem_max, "send buffers of exactly twice this"},
		{SYSCTL_tcp_rmem, "connections with a receive buffer of the largest size, or more"},
		{SYSCTL_tcp_wmem, "connections with a send buffer of the largest size, or more"},
	};
	const struct diag_filter tcp = {.states = 0xffe};
	struct counting counting = {facts, ret};

	memset(ret, 0, SYSCTL_COUNT * sizeof *ret);
	for (unsigned i = 0; i < sizeof seen / sizeof *seen; i++)
		if (facts->fact[seen[i].id].known)
			ret[seen[i].id] = (struct sysctl_capped){.known = true, .which = seen[i].which};
	return diag_dump(&tcp, socket_counted, &counting, error);
}
