/* TCP's numbers, by what they are about. */
#include <string.h>
#include "base/text.h"
#include "base/units.h"
#include "cli/view/socket.h"
#include "cli/view/socket_column.h"
#include "cli/view/socket_page.h"

enum { TOPIC_MAX = 24, CELL = 256 };
#define OF(fact) (TCP_FACT_##fact + 1) /* 0 ends a topic */

/* What is in none stands under the last title. */
static const struct topic {
	const char *title;
	uint16_t fact[TOPIC_MAX];
} topics[] = {
	{"Path",
	 {OF(rtt_us), OF(rttvar_us), OF(min_rtt_us), OF(rcv_rtt_us), OF(rto_us), OF(pmtu_bytes), OF(mss_bytes),
	  OF(rcv_mss_bytes), OF(advmss_bytes), OF(reordering)}},
	{"Sending",
	 {OF(cwnd_segs), OF(ssthresh_segs), OF(unacked_segs), OF(notsent_bytes), OF(snd_wnd_bytes),
	  OF(pacing_rate_bytes_per_s), OF(max_pacing_rate_bytes_per_s), OF(delivery_rate_bytes_per_s),
	  OF(app_limited)}},
	{"What limited sending", {OF(busy_time_us), OF(rwnd_limited_us), OF(sndbuf_limited_us)}},
	{"Losses",
	 {OF(ca_state), OF(lost_segs), OF(sacked_segs), OF(retrans_segs), OF(retrans_total_segs), OF(bytes_retrans),
	  OF(dsack_dups), OF(reord_seen), OF(retransmits), OF(probes), OF(backoff), OF(total_rto),
	  OF(total_rto_recoveries), OF(total_rto_time_ms), OF(rehash)}},
	{"Receiving",
	 {OF(rcv_wnd_bytes), OF(rcv_ssthresh_bytes), OF(rcv_space_bytes), OF(rcv_ooopack_segs), OF(ato_us)}},
	{"So far",
	 {OF(bytes_sent), OF(bytes_acked), OF(bytes_received), OF(segs_out), OF(segs_in), OF(data_segs_out),
	  OF(data_segs_in), OF(delivered_segs), OF(last_data_sent_ms), OF(last_data_received_ms),
	  OF(last_ack_received_ms)}},
	{"Handshake", {OF(negotiated_bits), OF(snd_wscale), OF(rcv_wscale), OF(fastopen_client_fail)}},
	{"Other", {0}},
};
enum { TOPICS = sizeof topics / sizeof *topics };

static unsigned topic_of(enum tcp_fact_id fact)
{
	for (unsigned topic = 0; topic < TOPICS; topic++)
		for (unsigned i = 0; topics[topic].fact[i]; i++)
			if (topics[topic].fact[i] == fact + 1)
				return topic;
	return TOPICS - 1;
}

static uint64_t fact_value(const struct tcp_fact *tcp, enum tcp_fact_id fact)
{
	return field_value(&tcp_fact_fields[fact], tcp);
}

/* TCPI_OPT_* of linux/tcp.h. */
static void negotiated_add(uint64_t bits, struct text *text)
{
	static const char *const names[] = {
		"timestamps",        "SACK", "window scale", "ECN", "ECN seen", "data in the SYN", "timestamps in us",
		"opened by fastopen"};

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (bits >> i & 1)
			text_add(text, "%s%s", text->length ? ", " : "", names[i]);
	if (!text->length)
		text_add(text, "none");
}

/* What a number is of another, where that says more. */
static void share_add(const struct tcp_fact *tcp, enum tcp_fact_id fact, struct text *text)
{
	uint64_t whole = fact == TCP_FACT_rwnd_limited_us || fact == TCP_FACT_sndbuf_limited_us ? tcp->busy_time_us :
			 fact == TCP_FACT_bytes_retrans                                         ? tcp->bytes_sent :
												  0;
	char amount[24];

	if (whole)
		text_add(text, " (%.1f%%)", 100 * (double)fact_value(tcp, fact) / (double)whole);
	if (fact == TCP_FACT_cwnd_segs && tcp->mss_bytes) {
		units_round(MEASURE_SIZE, (double)tcp->cwnd_segs * (double)tcp->mss_bytes, amount, sizeof amount);
		text_add(text, " (%s)", amount);
	}
}

static void fact_row(struct table *table, const struct tcp_fact *tcp, enum tcp_fact_id fact)
{
	const char *name = tcp_fact_fields[fact].name;
	char cell[CELL], number[64], label[64];
	struct text text = TEXT(cell);

	*cell = 0;
	if (!tcp_fact_has(tcp, fact))
		return;
	if (fact == TCP_FACT_negotiated_bits) {
		negotiated_add(fact_value(tcp, fact), &text);
		table_row(table, "", "negotiated", cell, "with the peer");
		return;
	}
	socket_fact_text(fact, fact_value(tcp, fact), number, sizeof number);
	text_add(&text, "%s", number);
	share_add(tcp, fact, &text);
	snprintf(label, sizeof label, "%.*s", (int)socket_column_stem(name),
		 name); /* the unit stands with the number */
	table_row(table, "", label, cell, tcp_fact_fields[fact].help);
}

void socket_page_tcp(FILE *out, const struct socket_fact *socket, unsigned width)
{
	for (unsigned topic = 0; topic < TOPICS; topic++) {
		struct table table;

		table_init(&table, (const char *const[]){"", "", "", "", NULL});
		for (unsigned i = 0; i < TOPIC_MAX && topics[topic].fact[i]; i++)
			fact_row(&table, &socket->tcp, (enum tcp_fact_id)(topics[topic].fact[i] - 1));
		for (unsigned fact = 0; topic == TOPICS - 1 && fact < TCP_FACT_COUNT; fact++)
			if (topic_of((enum tcp_fact_id)fact) == topic)
				fact_row(&table, &socket->tcp, (enum tcp_fact_id)fact);
		page_section(out, topics[topic].title, &table, width);
	}
}
