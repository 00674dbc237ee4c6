/* Two looks at one socket, side by side. */
#include "cli/view/socket_change.h"
#include <linux/sock_diag.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "base/units.h"
#include "cli/view/option_texts.h"
#include "cli/view/socket.h"
#include "cli/view/socket_note.h"

/* What only ever grows, of facts. What merely says how long ago something was is not compared. */
enum passing { PASSING_GAUGE, PASSING_COUNTER, PASSING_QUIET_COUNTER, PASSING_CLOCK };
static const uint8_t passing[TCP_FACT_COUNT] = {
	[TCP_FACT_retrans_total_segs] = PASSING_COUNTER,
	[TCP_FACT_bytes_sent] = PASSING_COUNTER,
	[TCP_FACT_bytes_retrans] = PASSING_COUNTER,
	[TCP_FACT_bytes_received] = PASSING_COUNTER,
	[TCP_FACT_rwnd_limited_us] = PASSING_COUNTER,
	[TCP_FACT_sndbuf_limited_us] = PASSING_COUNTER,
	[TCP_FACT_total_rto] = PASSING_COUNTER,
	[TCP_FACT_bytes_acked] = PASSING_QUIET_COUNTER,
	[TCP_FACT_busy_time_us] = PASSING_QUIET_COUNTER,
	[TCP_FACT_segs_out] = PASSING_QUIET_COUNTER,
	[TCP_FACT_segs_in] = PASSING_QUIET_COUNTER,
	[TCP_FACT_data_segs_out] = PASSING_QUIET_COUNTER,
	[TCP_FACT_data_segs_in] = PASSING_QUIET_COUNTER,
	[TCP_FACT_delivered_segs] = PASSING_QUIET_COUNTER,
	[TCP_FACT_delivered_ce_segs] = PASSING_QUIET_COUNTER,
	[TCP_FACT_received_ce_segs] = PASSING_QUIET_COUNTER,
	[TCP_FACT_dsack_dups] = PASSING_QUIET_COUNTER,
	[TCP_FACT_reord_seen] = PASSING_QUIET_COUNTER,
	[TCP_FACT_rcv_ooopack_segs] = PASSING_QUIET_COUNTER,
	[TCP_FACT_rehash] = PASSING_QUIET_COUNTER,
	[TCP_FACT_total_rto_recoveries] = PASSING_QUIET_COUNTER,
	[TCP_FACT_total_rto_time_ms] = PASSING_QUIET_COUNTER,
	[TCP_FACT_last_data_sent_ms] = PASSING_CLOCK,
	[TCP_FACT_last_data_received_ms] = PASSING_CLOCK,
	[TCP_FACT_last_ack_received_ms] = PASSING_CLOCK,
};

static struct change *change_add(struct changes *changes, enum change_kind kind, const char *name, bool loud)
{
	struct change *change = &changes->change[changes->count++];

	*change = (struct change){.kind = kind, .name = name, .loud = loud};
	return change;
}

static void state_compare(const struct earlier_socket *before, const struct socket_fact *after, struct changes *changes)
{
	const char *now = socket_state_text(after);
	struct change *change;

	if (!*before->state || !strcmp(before->state, now))
		return;
	change = change_add(changes, CHANGE_STATE, "state", true);
	snprintf(change->from, sizeof change->from, "%s", before->state);
	snprintf(change->to, sizeof change->to, "%s", now);
}

/* --- options ------------------------------------------------------------------------------------------------------ */

static void option_compare(const struct earlier_option *before, const struct socket_fact *after,
			   struct changes *changes)
{
	const struct option *option = &catalogue[before->id];
	const struct option_fact *now = &after->options[before->id];
	struct change *change;

	if (option->twin) /* it reads what its brother does */
		return;
	if (now->source == SOURCE_NONE || value_equal(&before->value, &now->value))
		return;
	change = change_add(changes, CHANGE_OPTION, option->name,
			    !option->fades && option->reads != READS_AT_MOST && option->reads != READS_OTHER);
	change->before = before->value;
	change->after = now->value;
	option_fact_text(option, &before->value, change->from, sizeof change->from);
	option_fact_text(option, &now->value, change->to, sizeof change->to);
}

/* --- numbers ------------------------------------------------------------------------------------------------------ */

/* "9.8mbit", "30%" of the time, "2.1/s". */
static void rate_text(enum measure measure, double per_second, char *text, size_t size)
{
	if (measure == MEASURE_SIZE)
		units_round(MEASURE_RATE, 8 * per_second, text, size);
	else if (measure == MEASURE_TIME &&
		 per_second > 1e6) /* the two looks at it lie further apart than the walks' beginnings */
		snprintf(text, size, "~100%%");
	else if (measure == MEASURE_TIME)
		snprintf(text, size, "%.3g%%", per_second / 1e4);
	else
		snprintf(text, size, "%.3g/s", per_second);
}

static struct change *number_change(struct changes *changes, bool counts, const char *name, bool loud, int64_t before,
				    int64_t after, double elapsed_s)
{
	enum change_kind kind = counts && after > before ? CHANGE_COUNTER : CHANGE_GAUGE;
	struct change *change = change_add(changes, kind, name, loud);

	change->before.number = before;
	change->after.number = after;
	if (kind == CHANGE_COUNTER)
		change->per_second = (double)(after - before) / elapsed_s;
	return change;
}

static void counter_text(struct change *change, enum measure measure, double scale, const char *difference)
{
	char rate[24];

	rate_text(measure, scale * change->per_second, rate, sizeof rate);
	snprintf(change->to, sizeof change->to, "+%.30s (%s)", difference, rate);
}

static void fact_compare(const struct earlier_socket *before, const struct socket_fact *after, enum tcp_fact_id fact,
			 double elapsed_s, struct changes *changes)
{
	const struct field *field = &tcp_fact_fields[fact];
	uint64_t from = field_value(field, &before->tcp), to = field_value(field, &after->tcp);
	enum passing how = passing[fact];
	char difference[32];
	struct change *change;

	if (from == to || how == PASSING_CLOCK || !tcp_fact_has(&before->tcp, fact) || !tcp_fact_has(&after->tcp, fact))
		return;
	change = number_change(changes, how != PASSING_GAUGE, field->name, how == PASSING_COUNTER, (int64_t)from,
			       (int64_t)to, elapsed_s);
	if (change->kind == CHANGE_COUNTER) {
		enum measure measure = socket_fact_measure(fact);

		socket_fact_text(fact, to - from, difference, sizeof difference);
		counter_text(change, measure, measure == MEASURE_TIME && strstr(field->name, "_ms") ? 1000 : 1,
			     difference);
		return;
	}
	socket_fact_text(fact, from, change->from, sizeof change->from);
	socket_fact_text(fact, to, change->to, sizeof change->to);
}

static bool number_now(enum earlier_number which, const struct socket_fact *socket, int64_t *ret)
{
	uint32_t queue, limit, drops;

	switch (which) {
	case EARLIER_rqueue_bytes:
		*ret = socket->rqueue_bytes;
		return true;
	case EARLIER_wqueue_bytes:
		*ret = socket->wqueue_bytes;
		return true;
	case EARLIER_rcvbuf_bytes:
	case EARLIER_sndbuf_bytes:
		*ret = socket->skmem[which == EARLIER_rcvbuf_bytes ? SK_MEMINFO_RCVBUF : SK_MEMINFO_SNDBUF];
		return socket->skmem_count > SK_MEMINFO_SNDBUF;
	case EARLIER_drops:
		if (!socket_drops(socket, &drops))
			return false;
		*ret = drops;
		return true;
	default:
		if (!socket_queue(socket, &queue, &limit))
			return false;
		*ret = which == EARLIER_queue ? queue : limit;
		return true;
	}
}

static void number_compare(const struct earlier_socket *before, const struct socket_fact *after,
			   enum earlier_number which, double elapsed_s, struct changes *changes)
{
	static const struct {
		const char *name;
		bool counts;
		enum measure measure;
	} rows[EARLIER_NUMBERS] = {
#define CHANGE_ROW(name, object, counts, measure) {#name, counts, measure},
		EARLIER_LIST(CHANGE_ROW)
#undef CHANGE_ROW
	};
	char difference[32];
	struct change *change;
	int64_t now;

	if (!(before->have >> which & 1) || !number_now(which, after, &now) || now == before->number[which])
		return;
	change = number_change(changes, rows[which].counts, rows[which].name, true, before->number[which], now,
			       elapsed_s);
	if (change->kind == CHANGE_COUNTER) {
		units_round(rows[which].measure, (double)(now - before->number[which]), difference, sizeof difference);
		counter_text(change, rows[which].measure, 1, difference);
		return;
	}
	units_round(rows[which].measure, (double)before->number[which], change->from, sizeof change->from);
	units_round(rows[which].measure, (double)now, change->to, sizeof change->to);
}

void socket_changes(const struct earlier_socket *before, const struct socket_fact *after, double elapsed_s,
		    struct changes *ret)
{
	ret->count = 0;
	state_compare(before, after, ret);
	for (unsigned i = 0; after->options && i < before->options_count; i++)
		option_compare(&before->options[i], after, ret);
	for (unsigned i = 0; i < EARLIER_NUMBERS; i++)
		number_compare(before, after, (enum earlier_number)i, elapsed_s, ret);
	for (unsigned i = 0; i < TCP_FACT_COUNT; i++)
		fact_compare(before, after, (enum tcp_fact_id)i, elapsed_s, ret);
}

/* --- printing ----------------------------------------------------------------------------------------------------- */

void socket_changes_text(const struct changes *changes, bool all, char *text, size_t size)
{
	struct text out = {text, size, 0};

	*text = 0;
	for (unsigned i = 0; i < changes->count; i++) {
		const struct change *change = &changes->change[i];
		const char *before = out.length ? ", " : "";

		if (!change->loud && !all)
			continue;
		if (change->kind == CHANGE_COUNTER)
			text_add(&out, "%s%s %s", before, change->name, change->to);
		else
			text_add(&out, "%s%s %s to %s", before, change->name, change->from, change->to);
	}
}

static void value_emit(struct sink *sink, const char *key, const struct value *value)
{
	if (value->form == FORM_TEXT)
		sink_string(sink, key, value->text);
	else if (value->form == FORM_AUTO)
		sink_string(sink, key, "auto");
	else
		sink_integer(sink, key, value->number);
}

static void change_emit(struct sink *sink, const struct change *change)
{
	sink_object(sink, change->name);
	value_emit(sink, "from", &change->before);
	value_emit(sink, "to", &change->after);
	if (change->kind == CHANGE_COUNTER) {
		sink_integer(sink, "difference", change->after.number - change->before.number);
		sink_real(sink, "per_second", change->per_second, 6);
	}
	sink_close(sink);
}

static void kind_emit(struct sink *sink, const struct changes *changes, enum change_kind kind, const char *key)
{
	sink_object(sink, key);
	for (unsigned i = 0; i < changes->count; i++)
		if (changes->change[i].kind == kind)
			change_emit(sink, &changes->change[i]);
	sink_close(sink);
}

void socket_changes_emit(struct sink *sink, const struct changes *changes)
{
	if (changes->count && changes->change[0].kind == CHANGE_STATE) {
		sink_object(sink, "state");
		sink_string(sink, "from", changes->change[0].from);
		sink_string(sink, "to", changes->change[0].to);
		sink_close(sink);
	} else {
		sink_null(sink, "state");
	}
	kind_emit(sink, changes, CHANGE_OPTION, "options");
	kind_emit(sink, changes, CHANGE_COUNTER, "counters");
	kind_emit(sink, changes, CHANGE_GAUGE, "numbers");
}
