/* Rules about listeners, other than their queues. */
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "catalog/value.h"
#include "doctor/backlog.h"
#include "doctor/rule.h"

static const char options_hidden[] = "the options of other users' sockets are not to be read";

enum opinion rule_fastopen_inert(const struct exam *exam, struct finding *finding)
{
	enum { SERVER_ENABLED = 2 }; /* include/net/tcp.h TFO_SERVER_ENABLE */
	int64_t queue, enabled;

	if (!socket_option(&exam->listener->fact, OPTION_fastopen, &queue))
		return rule_unknown(finding, "%s", options_hidden);
	if (!queue)
		return OPINION_NOT_ITS_CASE;
	if (!exam_sysctl(exam, SYSCTL_fastopen, 0, &enabled))
		return rule_unknown(finding, "net.ipv4.tcp_fastopen could not be read");
	if (enabled & SERVER_ENABLED)
		return OPINION_HEALTHY;
	snprintf(finding->evidence, sizeof finding->evidence,
		 "fastopen=%" PRId64 " on the listener, while net.ipv4.tcp_fastopen is %" PRId64 ", without bit 2",
		 queue, enabled);
	finding_number(finding, "fastopen", (uint64_t)queue);
	finding->weight = (double)queue;
	snprintf(finding->fix.sysctl, sizeof finding->fix.sysctl, "net.ipv4.tcp_fastopen=%" PRId64,
		 enabled | SERVER_ENABLED);
	return OPINION_SICK;
}

/* What accepted sockets inherit, with what it is where nobody has set it. */
static const struct {
	enum option_id option;
	enum sysctl_id standard; /* SYSCTL_COUNT: 0 */
	enum option_id needs;    /* without it the option is nothing to miss */
} inherited[] = {
	{OPTION_nodelay, SYSCTL_COUNT, OPTION_NONE},
	{OPTION_keepalive, SYSCTL_COUNT, OPTION_NONE},
	{OPTION_keepalive_idle, SYSCTL_keepalive_time, OPTION_keepalive},
	{OPTION_keepalive_interval, SYSCTL_keepalive_intvl, OPTION_keepalive},
	{OPTION_keepalive_count, SYSCTL_keepalive_probes, OPTION_keepalive},
	{OPTION_user_timeout, SYSCTL_COUNT, OPTION_NONE},
};

static bool standard_read(const struct exam *exam, unsigned row, int64_t *ret)
{
	*ret = 0;
	return inherited[row].standard == SYSCTL_COUNT || exam_sysctl(exam, inherited[row].standard, 0, ret);
}

struct inheritance {
	int64_t has, wants, standard; /* the child; the listener; where nobody has set it */
};

static bool inheritance_read(const struct exam *exam, unsigned row, struct inheritance *ret)
{
	const struct socket_fact *listener = &exam->listener->fact;
	enum option_id needs = inherited[row].needs;
	int64_t on = 1;

	return exam_option(exam, inherited[row].option, &ret->has) &&
	       socket_option(listener, inherited[row].option, &ret->wants) &&
	       standard_read(exam, row, &ret->standard) && (!needs || (socket_option(listener, needs, &on) && on));
}

/* Several may have the listener open: whoever started the program, or was started by it. */
static bool is_of_the_same_program(const struct exam *exam)
{
	const struct socket_fact *child = exam->now, *listener = &exam->listener->fact;

	for (unsigned i = 0; i < listener->owners_count && child->owners_count; i++)
		if (!strcmp(child->owners[0].command, listener->owners[i].command))
			return true;
	return false;
}

static void setting_add(struct text *spec, const struct exam *exam, enum option_id id)
{
	const struct option_fact *fact = &exam->listener->fact.options[id];
	char value[64];

	value_format(&catalogue[id], &fact->value, value, sizeof value);
	text_add(spec, "%s%s", spec->length ? "," : "", catalogue[id].name);
	if (catalogue[id].kind != KIND_SWITCH)
		text_add(spec, "=%s", value);
}

/* Accepted sockets copy the listener when the handshake completes: what it got later, they never get. Of listeners
 * that share an address it is not known whose child this is. A program that has set something else on the child has
 * chosen; only what nobody has set is lacking. */
enum opinion rule_children_lack(const struct exam *exam, struct finding *finding)
{
	struct text spec = TEXT(finding->fix.spec);
	struct inheritance option;
	unsigned known = 0, lacking = 0;

	if (!exam->listener || exam->listener->shared || !exam->now->inode || exam->now->state != TCP_ESTABLISHED)
		return OPINION_NOT_ITS_CASE;
	for (unsigned row = 0; row < sizeof inherited / sizeof *inherited; row++) {
		if (!inheritance_read(exam, row, &option))
			continue;
		known++;
		if (option.has == option.standard && option.wants != option.standard) {
			setting_add(&spec, exam, inherited[row].option);
			lacking++;
		}
	}
	if (!known)
		return rule_unknown(finding, "%s", options_hidden);
	if (!exam->now->owners_count || !exam->listener->fact.owners_count)
		return rule_unknown(finding, "whose the connection and its listener are is not to be seen");
	if (!is_of_the_same_program(exam))
		return OPINION_NOT_ITS_CASE;
	if (!lacking)
		return OPINION_HEALTHY;
	snprintf(finding->evidence, sizeof finding->evidence,
		 "the listener has %s now, and this connection has not: it is older, or was not given it",
		 finding->fix.spec);
	finding->weight = lacking;
	snprintf(
		finding->fix.advice, sizeof finding->fix.advice,
		"new connections inherit it; those that are open need it from the program, or have to be opened again");
	return OPINION_SICK;
}

static void flood_fix(const struct exam *exam, struct fix *fix)
{
	const struct listener *flooded = exam->host->flooded;
	struct text advice;

	if (flooded && flooded->fact.tcp.sacked_segs < 4096)
		backlog_fix(exam, fix, 4096);
	advice = (struct text){fix->advice, sizeof fix->advice, strlen(fix->advice)};
	text_add(
		&advice,
		"%sthe SYN queue is as long as the listener's backlog%s; against a flood cookies are the right answer, and a filter "
		"before this host the better one",
		advice.length ? "; " : "", flooded ? "" : " (none is near its limit now, so it is not known whose)");
}

/* With tcp_syncookies=2 every SYN is answered by a cookie, and counted as if a queue were full. */
static bool cookies_are_for_all(const struct exam *exam)
{
	int64_t cookies;

	return exam_sysctl(exam, SYSCTL_syncookies, 0, &cookies) && cookies == 2;
}

/* syn_queue_cookies and syn_queue_drops: net/ipv4/tcp_input.c tcp_syn_flood_action(). */
enum opinion rule_syn_queue(const struct exam *exam, struct finding *finding)
{
	const struct host_fact *counted = &exam->host->counted;
	const struct listener *flooded = exam->host->flooded;
	struct text evidence = TEXT(finding->evidence);
	char who[64];

	if (cookies_are_for_all(exam))
		return OPINION_NOT_ITS_CASE;
	if (!exam_counted(exam, HOST_FACT_syncookies_sent) || !exam_counted(exam, HOST_FACT_syn_queue_drops))
		return rule_unknown(finding, "this kernel does not count SyncookiesSent and TCPReqQFullDrop");
	if (!counted->syn_queue_cookies && !counted->syn_queue_drops && !counted->syncookies_sent)
		return OPINION_HEALTHY;
	text_add(&evidence,
		 "%" PRIu64 " SYN cookies sent and %" PRIu64
		 " SYNs dropped in %.1f s (SyncookiesSent, TCPReqQFullDrop); %" PRIu64
		 " cookies came back (SyncookiesRecv)",
		 counted->syncookies_sent, counted->syn_queue_drops, exam_seconds(exam), counted->syncookies_recv);
	if (flooded)
		text_add(&evidence,
			 "; most handshakes are under way at port %u of %s: %" PRIu64 ", its backlog is %" PRIu64,
			 flooded->fact.source_port,
			 owner_text(flooded->fact.owners_count ? flooded->owners : NULL, who, sizeof who),
			 flooded->handshakes, flooded->fact.tcp.sacked_segs);
	finding_number(finding, "syncookies_sent", counted->syncookies_sent);
	finding_number(finding, "syn_queue_drops", counted->syn_queue_drops);
	finding_number(finding, "handshakes", flooded ? flooded->handshakes : 0);
	finding->weight = (double)(counted->syncookies_sent + counted->syn_queue_drops);
	finding->severity = counted->syn_queue_drops ? SEVERITY_FAULT : finding->severity;
	flood_fix(exam, &finding->fix);
	return OPINION_SICK;
}
