/* One look at /proc, one walk over all sockets. */
#include "cli/host_report.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "cli/view/socket.h"
#include "observe/limits.h"
#include "observe/sockets.h"
#include "observe/sysctls.h"
#include "observe/use.h"

struct host_report *host_report_new(void)
{
	return calloc(1, sizeof(struct host_report));
}

void host_report_free(struct host_report *report)
{
	if (report)
		free(report->socket);
	free(report);
}

static void socket_keep(struct host_report *report, enum sysctl_id id, const struct socket_fact *fact)
{
	struct host_socket *socket;

	if (!report->socket)
		return;
	if (report->sockets == HOST_SOCKETS) {
		report->sockets_left_out++;
		return;
	}
	socket = &report->socket[report->sockets++];
	socket->sysctl = id;
	socket->protocol = socket_protocol_text(fact);
	socket_address_text(fact, true, socket->local, sizeof socket->local);
	socket_address_text(fact, false, socket->peer, sizeof socket->peer);
	socket->owners_known = fact->owners_count || fact->known & KNOWN_OWNERS;
	socket->owners_total = fact->owners_count;
	socket->owners = fact->owners_count < HOST_OWNERS ? fact->owners_count : HOST_OWNERS;
	if (socket->owners)
		memcpy(socket->owner, fact->owners, socket->owners * sizeof *socket->owner);
}

static int socket_judge(void *arg, const struct socket_fact *fact)
{
	struct host_report *report = arg;
	enum sysctl_id at[HOST_CAPS];
	unsigned count = host_capped(&report->facts, fact, at);

	for (unsigned i = 0; i < count; i++) {
		report->capped[at[i]]++;
		socket_keep(report, at[i], fact);
	}
	return 0;
}

int host_report_read(struct host_report *report, bool who, const struct host_goal *goal, struct sockctl_error *error)
{
	struct sockets_query query = {.tcp = true,
				      .udp = true,
				      .unix_sockets = true,
				      .states = UINT32_MAX,
				      .owners = who,
				      .options = who,
				      .privileged = geteuid() == 0};
	struct sockets_outcome outcome;
	int r;

	sysctls_read(&report->facts);
	use_read(&report->use);
	if (who && !report->socket)
		report->socket = calloc(HOST_SOCKETS, sizeof *report->socket);
	if (who && !report->socket)
		return error_set(error, -ENOMEM, "host", "sockets", NULL);
	r = sockets_walk(&query, socket_judge, report, &outcome, error);
	if (r)
		return r;
	report->complete = outcome.complete;
	report->hidden_read = who;
	memcpy(report->why, outcome.why, sizeof report->why);
	report->advices = host_advise(goal, &report->facts, report->advice);
	return 0;
}
