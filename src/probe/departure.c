/* One function for each column of a row. */
#include "probe/departure.h"
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include "base/text.h"
#include "probe/stage.h"
#include "socket/relation.h"

struct comparison {
	const struct option *row;
	const struct probe_result *result;
	departure_tell *tell;
	void *arg;
	unsigned count;
};

static void depart(struct comparison *, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void depart(struct comparison *c, const char *format, ...)
{
	char text[256];
	va_list args;

	c->count++;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (c->tell)
		c->tell(c->arg, c->result, text);
}

/* --- what the row says ----------------------------------------------------------------------------------------- */

enum claim { CLAIM_NONE, CLAIM_WORKS, CLAIM_LATE, CLAIM_NEVER };

static enum claim claim_in(const struct comparison *c, enum sockctl_phase phase)
{
	if (option_works(c->row, stage_is_udp(c->result->family) ? PROTOCOL_UDP : PROTOCOL_TCP, phase))
		return CLAIM_WORKS;
	return c->row->never & AT(phase) ? CLAIM_NEVER : CLAIM_LATE;
}

/* The catalogue has no phase for a socket that connects: where before and after are alike, so is it. */
static enum claim claim_at(const struct comparison *c, enum probe_phase phase)
{
	enum claim before = claim_in(c, SOCKCTL_CREATED), after = claim_in(c, SOCKCTL_CONNECTED);

	switch (phase) {
	case PROBE_UNBOUND:
		return before;
	case PROBE_BOUND:
		return claim_in(c, SOCKCTL_PRE_LISTEN);
	case PROBE_LISTENING:
		return claim_in(c, SOCKCTL_LISTENING);
	case PROBE_CONNECTING:
		return before == after ? after : CLAIM_NONE;
	case PROBE_ESTABLISHED:
		return after;
	default:
		return claim_in(c, SOCKCTL_ACCEPTED);
	}
}

static void value_words(const struct option *row, const struct value *value, char *text, size_t size)
{
	value_format(row, value, text, size);
	text_harmless(text);
}

/* A limit that is out of sight here was read on the host. */
static bool reads_as_row_says(const struct comparison *c, const struct value *asked, const struct value *got)
{
	struct sockctl_verdict verdict = {0};

	relation_judge(c->row, asked, got, &verdict);
	return verdict.outcome != SOCKCTL_DIFFERS;
}

/* --- phases ---------------------------------------------------------------------------------------------------- */

static void readback_compare(struct comparison *c, const char *where, const struct value *asked,
			     const struct probe_reading *read)
{
	char wanted[64], got[64];

	if (c->row->reads == READS_NEVER) {
		if (!read->error)
			depart(c, "%s: the row says that it cannot be read, but this kernel tells it", where);
		return;
	}
	if (c->row->reads == READS_OTHER) {
		if (!read->error && !c->row->place[1].symbol && value_equal(asked, &read->value))
			depart(c, "%s: the row says that something else is told, but it reads as asked", where);
		return;
	}
	if (read->error) {
		depart(c, "%s: cannot be read: %s", where, probe_errno_name(read->error));
		return;
	}
	if (reads_as_row_says(c, asked, &read->value))
		return;
	value_words(c->row, asked, wanted, sizeof wanted);
	value_words(c->row, &read->value, got, sizeof got);
	depart(c, "%s: asked %s, reads %s: not the row's relation (%s)", where, wanted, got,
	       reads_names[c->row->reads]);
}

/* Of what nobody can set. It may be of some phases only. */
static void telling_compare(struct comparison *c)
{
	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		if (c->result->accepted[phase] != PROBE_UNTRIED && !c->result->read[phase].error)
			return;
	depart(c, "the row says that it is told, but it cannot be read in any phase");
}

static void phases_compare(struct comparison *c)
{
	const struct probe_result *r = c->result;

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++) {
		enum claim claim = claim_at(c, phase);
		int error = r->accepted[phase];

		if (error == PROBE_UNTRIED || claim == CLAIM_NONE)
			continue;
		if (claim == CLAIM_NEVER ? !error : error)
			depart(c, "%s: the row says %s, this kernel %s%s", probe_phase_names[phase],
			       claim == CLAIM_NEVER ? "refused" : "accepted", error ? "says " : "takes it",
			       error ? probe_errno_name(error) : "");
		else if (!error && claim == CLAIM_WORKS)
			readback_compare(c, probe_phase_names[phase], &r->asked, &r->read[phase]);
	}
}

/* --- range ----------------------------------------------------------------------------------------------------- */

static void edge_compare(struct comparison *c, const struct probe_edge *edge, const char *which, int64_t end,
			 int beyond, int direction)
{
	if (!edge->known)
		return;
	if ((end - edge->value) * direction > 0) {
		depart(c, "range: the row's %s is %" PRId64 ", this kernel takes no %s than %" PRId64 ": %s", which,
		       end, direction < 0 ? "less" : "more", edge->value, probe_errno_name(edge->error));
		return;
	}
	if (end == edge->value ? edge->error != beyond : beyond)
		depart(c,
		       "range: beyond the row's %s of %" PRId64 " it says %s; this kernel takes numbers %s to %" PRId64
		       ", then says %s",
		       which, end, probe_errno_name(beyond), direction < 0 ? "down" : "up", edge->value,
		       probe_errno_name(edge->error));
}

static void range_compare(struct comparison *c)
{
	const struct option *row = c->row;
	const struct place *place = &row->place[c->result->place];

	if (row->kind == KIND_SWITCH)
		return;
	edge_compare(c, &c->result->min, "min", option_min(row), place->below, -1);
	/* what lies beyond an int is another number for the kernel */
	edge_compare(c, &c->result->max, "max", row->max, place->above, 1);
	for (unsigned i = 0; i < c->result->pairs && option_is_readable(row); i++) {
		struct probe_reading got = {0, c->result->pair[i].got};

		readback_compare(c, "range", &c->result->pair[i].asked, &got);
	}
}

/* --- privilege ------------------------------------------------------------------------------------------------- */

static bool capability_is_among(uint32_t bits, const char *name)
{
	for (unsigned i = 0; i < PROBE_CAPABILITIES; i++)
		if (bits & 1u << i && !strcmp(name, probe_capability_names[i]))
			return true;
	return false;
}

static void privilege_compare(struct comparison *c)
{
	const struct option *row = c->row;
	const struct probe_result *r = c->result;

	if (!row->capability) {
		if (r->needs)
			depart(c, "without capabilities: the row says accepted, this kernel says EPERM");
		return;
	}
	if (!r->needs)
		depart(c, "without capabilities: the row says that it takes %s, this kernel wants none",
		       row->capability);
	else if (!capability_is_among(r->needs, row->capability))
		depart(c, "privilege: %s is not enough here", row->capability);
	else if (row->capability_also && !capability_is_among(r->needs, row->capability_also))
		depart(c, "privilege: %s is not enough here", row->capability_also);
	else if (r->has_free ? r->free != row->free_max : row->free_max)
		depart(c, "without capabilities: free up to %" PRId64 " by the row, up to %" PRId64 " here",
		       row->free_max, r->has_free ? r->free : 0);
}

/* --- inheritance ----------------------------------------------------------------------------------------------- */

/* Passed on: the child reads as asked, and not as it would have anyhow. Staying: it reads as it would have. */
static void child_compare(struct comparison *c, enum probe_moment moment, enum probe_phase phase)
{
	const struct probe_result *r = c->result;
	bool works = claim_at(c, phase) == CLAIM_WORKS && moment != PROBE_AFTER_HANDSHAKE;
	bool passes = c->row->inherited == PASSES_ON && works;
	bool has = r->inherited[moment].answer == PROBE_YES;

	if (r->inherited[moment].answer == PROBE_UNKNOWN)
		return;
	if (passes && !(has && reads_as_row_says(c, &r->asked, &r->child[moment].value)))
		depart(c, "%s: the row says it passes on, but the accepted socket lacks it",
		       probe_moment_names[moment]);
	else if (!passes && has && c->row->inherited == STAYS)
		depart(c, "%s: the row says it stays, but the accepted socket has changed", probe_moment_names[moment]);
	else if (!passes && has && c->row->effect == EFFECT_NONE)
		depart(c, "%s: the row says it is in vain, but the accepted socket has it", probe_moment_names[moment]);
}

static void inheritance_compare(struct comparison *c)
{
	static const enum probe_phase phases[PROBE_MOMENTS] = {PROBE_UNBOUND, PROBE_BOUND, PROBE_LISTENING,
							       PROBE_LISTENING};

	if (option_is_pseudo(c->row) || !option_is_readable(c->row))
		return;
	for (enum probe_moment moment = 0; moment < PROBE_MOMENTS; moment++)
		child_compare(c, moment, phases[moment]);
}

/* --- effect ---------------------------------------------------------------------------------------------------- */

static void effect_compare(struct comparison *c)
{
	const struct option *row = c->row;

	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++) {
		enum claim claim = claim_at(c, phase);
		uint8_t answer = c->result->effective[phase].answer;

		if (c->result->accepted[phase] || answer == PROBE_UNKNOWN)
			continue;
		if (claim == CLAIM_WORKS && answer == PROBE_NO)
			depart(c, "%s: the row says that it works, but it has no effect", probe_phase_names[phase]);
		else if (claim == CLAIM_LATE && answer == PROBE_YES)
			depart(c, "%s: the row says that it is in vain, but it has an effect",
			       probe_phase_names[phase]);
	}
	if (row->effect == EFFECT_NONE && claim_at(c, PROBE_ACCEPTED) == CLAIM_LATE && !option_is_pseudo(row) &&
	    !stage_is_udp(c->result->family))
		depart(c, "the row says that it is too late for accepted sockets, but names no effect to show it by");
}

/* Nothing looks at it, so nothing has kept it. */
static void death_compare(struct comparison *c)
{
	for (enum probe_phase phase = 0; phase < PROBE_PHASES; phase++)
		if (!c->result->accepted[phase] && !c->result->read[phase].error &&
		    value_equal(&c->result->asked, &c->result->read[phase].value))
			depart(c, "%s: the row says that nothing looks at it, but this kernel keeps it",
			       probe_phase_names[phase]);
}

/* --- all of it ------------------------------------------------------------------------------------------------- */

/* An option of one transport must be refused by the other's sockets. */
static void foreigner_compare(struct comparison *c)
{
	if (!c->result->accepted[PROBE_UNBOUND])
		depart(c, "unbound: it is not of this protocol by the row, but this kernel takes it");
}

static bool kernel_is_older(const char *since)
{
	struct utsname name;

	return since && !uname(&name) && strverscmp(name.release, since) < 0;
}

const char *departure_excuse(const struct option *row, const struct probe_result *r)
{
	if (!r->there)
		return r->why ? r->why : "not measured";
	if (r->accepted[PROBE_UNBOUND] == ENOPROTOOPT && kernel_is_older(row->since))
		return "this kernel is older than the option";
	if (row->kind == KIND_NAME && r->accepted[PROBE_ESTABLISHED] == ENOENT)
		return "this kernel has none of the example's name";
	if (r->accepted[PROBE_UNBOUND] == EAFNOSUPPORT)
		return "this kernel has no such address family";
	if (row->system && (r->accepted[PROBE_UNBOUND] == EOPNOTSUPP || r->accepted[PROBE_UNBOUND] == ENOENT))
		return "this system lacks what the option needs";
	if (r->refused_here && row->capability)
		return "it takes a capability of the host's, which a user namespace cannot give";
	return NULL;
}

unsigned departures_find(const struct option *row, const struct probe_result *result, departure_tell *tell, void *arg)
{
	struct comparison c = {.row = row, .result = result, .tell = tell, .arg = arg};

	if (departure_excuse(row, result))
		return 0;
	if (!probe_has(row, result->place, result->family)) {
		foreigner_compare(&c);
		return c.count;
	}
	phases_compare(&c);
	if (row->never == AT_ALL) {
		telling_compare(&c);
		return c.count;
	}
	privilege_compare(&c);
	if (option_is_dead(row)) {
		death_compare(&c);
		return c.count;
	}
	range_compare(&c);
	inheritance_compare(&c);
	effect_compare(&c);
	return c.count;
}
