/* Two looks: the first is remembered in a few numbers a socket, the second is judged as it passes. */
#include "doctor/doctor.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor/address.h"
#include "doctor/destinations.h"
#include "doctor/dialect.h"
#include "doctor/held.h"
#include "doctor/ledger.h"
#include "doctor/listeners.h"
#include "doctor/sources.h"
#include "doctor/stalls.h"

struct doctor {
	struct host host;
	uint64_t only;
	struct past *past; /* by cookie, once sorted */
	size_t past_count, past_room;
	bool past_sorted;
	struct addresses here;
	struct listeners listeners;
	struct destinations destinations;
	struct sources sources;
	struct stalls stalls;
	struct held held;
	struct ledger ledger;
	struct finding *finding; /* after doctor_finish() */
	unsigned findings;
	struct tally tally[RULE_COUNT];
};
_Static_assert(RULE_COUNT <= 64, "`only` has a bit for each rule");

int doctor_new(struct doctor **ret, const struct host *host, uint64_t only)
{
	struct doctor *doctor = calloc(1, sizeof *doctor);

	if (!doctor)
		return -ENOMEM;
	doctor->host = *host;
	doctor->host.here = &doctor->here;
	doctor->only = only ? only : UINT64_MAX;
	*ret = doctor;
	return 0;
}

void doctor_free(struct doctor *doctor)
{
	if (!doctor)
		return;
	addresses_release(&doctor->here);
	listeners_release(&doctor->listeners);
	destinations_release(&doctor->destinations);
	sources_release(&doctor->sources);
	stalls_release(&doctor->stalls);
	held_release(&doctor->held);
	ledger_release(&doctor->ledger);
	free(doctor->finding);
	free(doctor->past);
	free(doctor);
}

int doctor_first(struct doctor *doctor, const struct socket_fact *socket)
{
	struct address from = address_of(socket->family, socket->source);

	if (addresses_add(&doctor->here, &from))
		return -ENOMEM;
	if (doctor->past_count == doctor->past_room) {
		size_t room = doctor->past_room ? 2 * doctor->past_room : 1024;
		struct past *past = reallocarray(doctor->past, room, sizeof *past);

		if (!past)
			return -ENOMEM;
		doctor->past = past;
		doctor->past_room = room;
	}
	doctor->past[doctor->past_count++] = past_of(socket);
	return 0;
}

static int past_compare(const void *left, const void *right)
{
	uint64_t a = ((const struct past *)left)->cookie, b = ((const struct past *)right)->cookie;

	return a < b ? -1 : a > b;
}

/* A socket in TIME_WAIT, or one that is being opened, has no cookie that lasts. */
static const struct past *past_find(struct doctor *doctor, uint64_t cookie)
{
	struct past key = {.cookie = cookie};

	if (!doctor->past_sorted && doctor->past_count)
		qsort(doctor->past, doctor->past_count, sizeof *doctor->past, past_compare);
	doctor->past_sorted = true;
	if (!cookie || !doctor->past_count)
		return NULL;
	return bsearch(&key, doctor->past, doctor->past_count, sizeof *doctor->past, past_compare);
}

static void address_text(uint8_t family, const uint8_t *address, uint16_t port, char *text, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "?";

	inet_ntop(family, address, host, sizeof host);
	snprintf(text, size, family == AF_INET6 ? "[%s]:%u" : "%s:%u", host, port);
}

static void socket_text(const struct socket_fact *socket, char *text, size_t size)
{
	char local[64], peer[64];

	address_text(socket->family, socket->source, socket->source_port, local, sizeof local);
	address_text(socket->family, socket->destination, socket->destination_port, peer, sizeof peer);
	if (socket->state == TCP_LISTEN)
		snprintf(text, size, "listener %s", local);
	else if (!socket->destination_port)
		snprintf(text, size, "UDP socket %s", local);
	else
		snprintf(text, size, "%s to %s", local, peer);
}

static bool port_is_ephemeral(const struct doctor *doctor, uint16_t port)
{
	const struct sysctl_fact *range = &doctor->host.sysctls.fact[SYSCTL_port_range];

	return range->known && range->count == 2 && port >= range->number[0] && port <= range->number[1];
}

/* Whom a finding is about. */
struct subject {
	const struct owner_fact *owner; /* NULL: unknown, or nobody */
	uint16_t port;
	enum direction direction;
};

static enum direction direction_of(const struct doctor *doctor, const struct exam *exam,
				   const struct socket_fact *socket)
{
	if (socket->state == TCP_LISTEN || exam->listener)
		return DIRECTION_IN;
	return socket->destination_port && port_is_ephemeral(doctor, socket->source_port) ? DIRECTION_OUT :
											    DIRECTION_UNKNOWN;
}

static void subject_of_socket(const struct doctor *doctor, const struct exam *exam, const struct socket_fact *socket,
			      struct subject *ret, struct finding *finding)
{
	bool own_port = socket->state == TCP_LISTEN || exam->listener || !socket->destination_port ||
			!port_is_ephemeral(doctor, socket->source_port);

	ret->owner = socket->owners_count ? socket->owners : NULL;
	/* What nobody has accepted yet is the business of whoever listens. */
	if (!ret->owner && exam->listener && exam->listener->fact.owners_count)
		ret->owner = exam->listener->fact.owners;
	ret->direction = direction_of(doctor, exam, socket);
	ret->port = own_port ? socket->source_port : socket->destination_port;
	socket_text(socket, finding->what, sizeof finding->what);
}

static void subject_of_destination(const struct destination *to_whom, struct subject *ret, struct finding *finding)
{
	char from[64], to[64];

	ret->owner = to_whom->owner.pid ? &to_whom->owner : NULL;
	ret->port = to_whom->peer_port;
	ret->direction = DIRECTION_OUT;
	inet_ntop(to_whom->source.family, to_whom->source.bytes, from, sizeof from);
	address_text(to_whom->peer.family, to_whom->peer.bytes, to_whom->peer_port, to, sizeof to);
	snprintf(finding->what, sizeof finding->what, "%s from %s to %s",
		 to_whom->protocol == IPPROTO_UDP ? "UDP sockets" : "connections", from, to);
}

static void subject_of(const struct doctor *doctor, const struct exam *exam, struct subject *ret,
		       struct finding *finding)
{
	char from[64];

	*ret = (struct subject){0};
	if (exam->now) {
		subject_of_socket(doctor, exam, exam->now, ret, finding);
	} else if (exam->listener) {
		subject_of_socket(doctor, exam, &exam->listener->fact, ret, finding);
	} else if (exam->group) {
		subject_of_socket(doctor, exam, &exam->group->member[0]->fact, ret, finding);
	} else if (exam->destination) {
		subject_of_destination(exam->destination, ret, finding);
	} else if (exam->source) {
		ret->owner = exam->source->owner.pid ? &exam->source->owner : NULL;
		ret->direction = DIRECTION_OUT;
		inet_ntop(exam->source->address.family, exam->source->address.bytes, from, sizeof from);
		snprintf(finding->what, sizeof finding->what, "connections from %s", from);
	} else {
		snprintf(finding->what, sizeof finding->what, "this network namespace");
	}
}

static int finding_keep(struct doctor *doctor, const struct exam *exam, struct finding *finding)
{
	struct subject subject;
	const char *command;
	int pid;

	subject_of(doctor, exam, &subject, finding);
	dialect_words(subject.owner ? subject.owner->command : "", subject.direction, finding->fix.spec,
		      finding->fix.words, sizeof finding->fix.words);
	if (subject.owner || exam->now || exam->listener || exam->group)
		owner_text(subject.owner, finding->who, sizeof finding->who);
	command = subject.owner ? subject.owner->command : "";
	pid = subject.owner ? (int)subject.owner->pid : 0;
	return finding->excused_by_stall ? held_add(&doctor->held, finding, command, pid, subject.port) :
					   ledger_add(&doctor->ledger, finding, command, pid, subject.port);
}

static int judge(struct doctor *doctor, const struct exam *exam, const struct rule *rule)
{
	struct finding finding = {.rule = rule, .severity = rule->severity};
	struct tally *tally = &doctor->tally[rule - rules];

	switch (rule->judge(exam, &finding)) {
	case OPINION_NOT_ITS_CASE:
		return 0;
	case OPINION_HEALTHY:
		tally->examined++;
		return 0;
	case OPINION_UNKNOWN:
		tally->unknown++;
		snprintf(tally->why, sizeof tally->why, "%s", finding.evidence);
		return 0;
	case OPINION_SICK:
		break;
	}
	tally->examined++;
	tally->sick++;
	return finding_keep(doctor, exam, &finding);
}

static int judge_all(struct doctor *doctor, enum scope scope, const struct exam *exam)
{
	int r = 0;

	for (unsigned id = 0; id < RULE_COUNT && !r; id++)
		if (rules[id].scope == scope && doctor->only >> id & 1)
			r = judge(doctor, exam, &rules[id]);
	return r;
}

static void child_count(struct listener *listener, const struct socket_fact *socket, const struct past *before)
{
	bool waiting = !socket->inode && (socket->state == TCP_ESTABLISHED || socket->state == TCP_CLOSE_WAIT);

	listener->children++;
	listener->handshakes += socket->state == TCP_SYN_RECV;
	listener->waiting += waiting;
	listener->waited += waiting && before && !before->accepted;
}

static int outgoing_count(struct doctor *doctor, const struct socket_fact *socket)
{
	int r = destinations_add(&doctor->destinations, socket);

	return r || socket->protocol != IPPROTO_TCP ? r : sources_add(&doctor->sources, socket);
}

int doctor_second(struct doctor *doctor, const struct socket_fact *socket)
{
	struct exam exam = {.host = &doctor->host, .now = socket};
	struct listener *listener = NULL;
	int r = 0;

	doctor->host.looked_at++;
	exam.before = past_find(doctor, socket->cookie);
	if (socket->protocol == IPPROTO_TCP && socket->state == TCP_LISTEN)
		r = listeners_add(&doctor->listeners, socket, exam.before);
	else if (socket->protocol == IPPROTO_TCP)
		listener = listeners_find(&doctor->listeners, socket);
	if (listener)
		child_count(listener, socket, exam.before);
	else if (!r && socket->destination_port && port_is_ephemeral(doctor, socket->source_port))
		r = outgoing_count(doctor, socket);
	exam.listener = listener;
	if (!r)
		r = stalls_note(&doctor->stalls, &exam);
	return r ? r : judge_all(doctor, SCOPE_SOCKET, &exam);
}

void doctor_later(struct doctor *doctor, uint64_t interval_us)
{
	doctor->host.interval_us = interval_us;
}

void doctor_waited(struct doctor *doctor, uint64_t interval_us, const struct host_fact *counted)
{
	doctor->host.counted = *counted;
	doctor->host.interval_us = interval_us;
}

static int judge_group(struct doctor *doctor, const struct listener_group *group)
{
	struct exam exam = {.host = &doctor->host, .group = group};
	int r = judge_all(doctor, SCOPE_GROUP, &exam);

	for (unsigned i = 0; i < group->count && !r; i++) {
		exam.listener = group->member[i];
		r = judge_all(doctor, SCOPE_LISTENER, &exam);
	}
	return r;
}

/* Fewer than the rule asks for are no fault of anybody. */
static void few_forgive(struct doctor *doctor)
{
	for (unsigned i = 0; i < doctor->ledger.count; i++) {
		const struct finding *finding = &doctor->ledger.entry[i].finding;

		if (finding->sockets && !finding->alone && finding->sockets < finding->rule->least)
			doctor->tally[finding->rule - rules].sick -= finding->sockets;
	}
}

static int findings_copy(struct doctor *doctor)
{
	struct ledger *ledger = &doctor->ledger;

	few_forgive(doctor);
	ledger_close(ledger);
	doctor->finding = calloc(ledger->count + 1, sizeof *doctor->finding);
	if (!doctor->finding)
		return -ENOMEM;
	for (unsigned i = 0; i < ledger->count; i++) {
		struct finding *finding = &doctor->finding[doctor->findings++];
		size_t length;

		*finding = ledger->entry[i].finding;
		length = strlen(finding->who);
		if (ledger->entry[i].several)
			snprintf(finding->who + length, sizeof finding->who - length, " and others");
	}
	return 0;
}

static int judge_outgoing(struct doctor *doctor)
{
	struct exam exam = {.host = &doctor->host};
	int r = 0;

	for (size_t i = 0; i < doctor->destinations.room && !r; i++) {
		exam.destination = &doctor->destinations.slot[i];
		if (!exam.destination->used)
			continue;
		sources_lead_to(&doctor->sources, exam.destination);
		r = judge_all(doctor, SCOPE_DESTINATION, &exam);
	}
	exam.destination = NULL;
	for (unsigned i = 0; i < doctor->sources.count && !r; i++) {
		exam.source = &doctor->sources.source[i];
		r = judge_all(doctor, SCOPE_SOURCE, &exam);
	}
	return r;
}

int doctor_finish(struct doctor *doctor, const struct host_fact *counted, const struct host_use *use)
{
	struct exam exam = {.host = &doctor->host};
	int r = listeners_group(&doctor->listeners);

	doctor->host.counted = *counted;
	doctor->host.use = *use;
	doctor->host.flooded = listeners_flooded(&doctor->listeners, &doctor->host.sysctls.fact[SYSCTL_syn_backlog]);
	for (unsigned i = 0; i < doctor->listeners.groups && !r; i++)
		r = judge_group(doctor, &doctor->listeners.group[i]);
	if (!r)
		r = judge_outgoing(doctor);
	if (!r)
		r = judge_all(doctor, SCOPE_HOST, &exam);
	if (!r)
		r = held_settle(&doctor->held, &doctor->stalls, &doctor->ledger, doctor->tally);
	return r ? r : findings_copy(doctor);
}

const struct finding *doctor_findings(const struct doctor *doctor, unsigned *ret_count)
{
	*ret_count = doctor->findings;
	return doctor->finding;
}

const struct tally *doctor_tally(const struct doctor *doctor, enum rule_id id)
{
	return &doctor->tally[id];
}

uint64_t doctor_looked_at(const struct doctor *doctor)
{
	return doctor->host.looked_at;
}
