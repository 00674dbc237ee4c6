/* The limits for programs. What is unknown is null. */
#include <string.h>
#include "base/sysctl.h"
#include "cli/view/host.h"
#include "doctor/host_roles.h"

static void roles_array(struct sink *sink, enum sysctl_id id)
{
	struct host_role roles[HOST_ROLES];
	unsigned count = host_roles(id, roles);

	sink_array(sink, "options");
	for (unsigned i = 0; i < count; i++) {
		sink_object(sink, NULL);
		sink_string(sink, "name", roles[i].option->name);
		sink_string(sink, "role", roles[i].role);
		sink_close(sink);
	}
	sink_close(sink);
}

static void socket_record(struct sink *sink, const struct host_socket *socket)
{
	sink_object(sink, NULL);
	sink_string(sink, "protocol", socket->protocol);
	sink_string(sink, "local", socket->local);
	sink_string(sink, "peer", socket->peer);
	if (socket->owners_known) {
		sink_array(sink, "owners");
		for (unsigned i = 0; i < socket->owners; i++) {
			sink_object(sink, NULL);
			sink_integer(sink, "pid", socket->owner[i].pid);
			sink_string(sink, "comm", socket->owner[i].command);
			sink_close(sink);
		}
		sink_close(sink);
	} else {
		sink_null(sink, "owners");
	}
	if (socket->owners_known)
		sink_integer(sink, "owners_total", socket->owners_total);
	else
		sink_null(sink, "owners_total");
	sink_close(sink);
}

static void capped_members(struct sink *sink, const struct host_report *report, enum sysctl_id id)
{
	const char *which;

	if (host_capped_known(report, id, &which))
		sink_integer(sink, "capped_sockets", (int64_t)report->capped[id]);
	else
		sink_null(sink, "capped_sockets");
	sink_string(sink, "capped_which", which);
	if (!report->socket)
		return;
	sink_array(sink, "sockets");
	for (unsigned i = 0; i < report->sockets; i++)
		if (report->socket[i].sysctl == id)
			socket_record(sink, &report->socket[i]);
	sink_close(sink);
}

static void level_member(struct sink *sink, const struct host_report *report, enum sysctl_id id)
{
	const char *unit;
	uint64_t used;
	int64_t limit;

	if (!host_level(report, id, &used, &limit, &unit)) {
		sink_null(sink, "in_use");
		return;
	}
	sink_object(sink, "in_use");
	sink_integer(sink, "value", (int64_t)used);
	sink_integer(sink, "limit", limit);
	sink_string(sink, "unit", unit);
	sink_close(sink);
}

static void sysctl_record(struct sink *sink, const struct host_report *report, enum sysctl_id id)
{
	const struct sysctl_fact *fact = &report->facts.fact[id];
	const struct sysctl_row *row = &sysctl_rows[id];
	char name[64];

	sink_object(sink, NULL);
	sink_string(sink, "name", sysctl_name(row->path, name, sizeof name));
	sink_string(sink, "value", fact->known ? fact->text : NULL);
	sink_string(sink, "why", fact->known ? NULL : host_value_text(fact));
	sink_string(sink, "builtin", row->builtin);
	sink_string(sink, "effective", row->effective);
	sink_string(sink, "meaning", row->meaning);
	roles_array(sink, id);
	capped_members(sink, report, id);
	level_member(sink, report, id);
	sink_close(sink);
}

static void advice_record(struct sink *sink, const struct host_advice *advice)
{
	char name[64];

	sink_object(sink, NULL);
	sink_string(sink, "name", sysctl_name(sysctl_rows[advice->sysctl].path, name, sizeof name));
	sink_bool(sink, "enough", advice->enough);
	sink_string(sink, "value", advice->no_cure ? NULL : advice->value);
	sink_string(sink, "needs", advice->enough ? NULL : advice->value);
	sink_string(sink, "why", advice->why);
	sink_close(sink);
}

static void netns_members(struct sink *sink, const struct host_report *report)
{
	if (report->netns.inode) {
		sink_object(sink, "netns");
		sink_integer(sink, "inode", (int64_t)report->netns.inode);
		sink_string(sink, "name", report->netns.name);
		sink_close(sink);
	} else {
		sink_null(sink, "netns");
	}
	sink_string(sink, "netns_why", report->netns.inode ? NULL : strerror(-report->netns_code));
}

void host_record(struct sink *sink, const struct host_report *report, const struct origin *origin)
{
	sink_object(sink, NULL);
	if (origin)
		origin_emit(sink, origin, HOST_SCHEMA);
	else
		sink_string(sink, "schema", HOST_SCHEMA);
	netns_members(sink, report);
	sink_array(sink, "sysctls");
	for (enum sysctl_id id = 0; id < SYSCTL_COUNT; id++)
		sysctl_record(sink, report, id);
	sink_close(sink);
	if (report->socket)
		sink_integer(sink, "sockets_left_out", (int64_t)report->sockets_left_out);
	sink_object(sink, "use");
	field_emit(sink, host_use_fields, HOST_USE_COUNT, &report->use, report->use.have);
	sink_close(sink);
	sink_array(sink, "advice");
	for (unsigned i = 0; i < report->advices; i++)
		advice_record(sink, &report->advice[i]);
	sink_close(sink);
	sink_bool(sink, "complete", report->complete);
	sink_string(sink, "why", report->complete ? NULL : report->why);
	sink_close(sink);
}
