/* Two looks: the first is remembered in a few numbers a socket, the second is judged as it passes. */
#include "doctor/doctor.h"
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "doctor/address.h"
#include "doctor/destinations.h"
#include "doctor/held.h"
#include "doctor/ledger.h"
#include "doctor/listeners.h"
#include "doctor/sources.h"
#include "doctor/stalls.h"
#include "doctor/subject.h"
#include "doctor/suspects.h"

struct doctor {
	struct host host;
	uint64_t only;
	struct past *past; /* by cookie, once sorted */
	size_t past_count, past_room;
	bool past_sorted;
	struct addresses here;
	struct suspects suspects;
	struct close_wait_ports close_waits;
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
	if (doctor->only & (1ull << RULE_nagle | 1ull << RULE_cork))
		suspects_consider(&doctor->suspects, socket);
	close_wait_ports_add(&doctor->close_waits, socket);
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

const struct socket_fact *doctor_suspect(const struct doctor *doctor, unsigned index)
{
	return index < doctor->suspects.count ? &doctor->suspects.entry[index].socket : NULL;
}

void doctor_between(struct doctor *doctor, unsigned index, const struct socket_fact *socket)
{
	const struct tcp_fact *tcp = &socket->tcp;

	if (tcp_fact_has(tcp, TCP_FACT_notsent_bytes))
		rests_add(&doctor->suspects.entry[index].rests,
			  rest_of(tcp->notsent_bytes, tcp->unacked_segs, tcp->mss_bytes));
}

bool doctor_wants_files(const struct doctor *doctor)
{
	const uint64_t many = 10;

	return doctor->close_waits.all >= many &&
	       doctor->only & (1ull << RULE_close_wait | 1ull << RULE_close_wait_growth);
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

static int finding_keep(struct doctor *doctor, const struct exam *exam, struct finding *finding)
{
	struct subject subject;
	const char *command;
	int pid;

	subject_of(exam, &subject, finding);
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

static void child_count(const struct doctor *doctor, struct listener *listener, const struct socket_fact *socket,
			const struct past *before)
{
	bool waiting = !socket->inode && (socket->state == TCP_ESTABLISHED || socket->state == TCP_CLOSE_WAIT);

	listener->children++;
	listener->handshakes += socket->state == TCP_SYN_RECV;
	listener->waiting += waiting;
	listener->waited += waiting && before && !before->accepted;
	close_waits_add(&listener->close_waits, socket, before, rule_long_silent_ms(&doctor->host));
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
	const struct suspect *suspect;
	int r = 0;

	doctor->host.looked_at++;
	exam.before = past_find(doctor, socket->cookie);
	close_wait_ports_see(&doctor->close_waits, socket, exam.before);
	suspect = suspects_find(&doctor->suspects, socket->cookie);
	exam.between = suspect ? &suspect->rests : NULL;
	if (socket->protocol == IPPROTO_TCP && socket->state == TCP_LISTEN)
		r = listeners_add(&doctor->listeners, socket, exam.before);
	else if (socket->protocol == IPPROTO_TCP)
		listener = listeners_find(&doctor->listeners, socket);
	if (listener)
		child_count(doctor, listener, socket, exam.before);
	else if (!r && socket->destination_port && subject_port_is_ephemeral(&doctor->host, socket->source_port))
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

/* Whose the closed ones were is not known any more: only on which port. */
static void closed_count(struct doctor *doctor)
{
	for (unsigned i = 0; i < doctor->listeners.count; i++) {
		struct listener *listener = doctor->listeners.listener[i];

		listener->close_waits.closed_on_port = doctor->close_waits.unseen[listener->fact.source_port];
	}
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
	closed_count(doctor);
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
