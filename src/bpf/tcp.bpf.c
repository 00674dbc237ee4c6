/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* iter/tcp: every TCP socket of a network namespace in one pass, with what sock_diag tells and what it hides. Changes
 * nothing. The iterator holds the socket's lock while we look, so that a record is of one socket at one moment. */
#include "bpf/socket.bpf.h"

#define WITHOUT_UDP /* of socket_option.def; the record has room for all */

enum { STATE_SYN_RECV = 3, STATE_TIME_WAIT = 6, STATE_CLOSE = 7, STATE_LISTEN = 10 };
enum { NAGLE_OFF = 1, NAGLE_CORK = 2 };
enum { MD5_KEYS = 1 << 16 }; /* at most are counted */
enum {
	PENDING_RETRANS = 1,
	PENDING_PROBE = 3,
	PENDING_LOSS_PROBE = 5,
	PENDING_REORDER = 6
};                                                                                     /* inet_connection_sock.h */
enum { TIMER_RETRANS = 1, TIMER_KEEPALIVE = 2, TIMER_TIME_WAIT = 3, TIMER_PROBE = 4 }; /* idiag_timer */

/* The table that is handed over: rows of the catalogue that are not in socket_option.def. */
const volatile struct asked_row asked_rows[RECORD_ASKED];
const volatile __u32 asked_rows_count;
/* For the test of bpf_getsockopt itself. */
const volatile _Bool by_hand = 1;

/* bpf_getsockopt knows a number or not, whatever the socket (by family, IP and IPv6 differ): not asked again after so
 * many refusals without an answer. */
enum { REFUSALS_MAX = 64 };
static __u8 refusals[2][RECORD_ASKED], answered[2][RECORD_ASKED];

static __always_inline __u32 left_ms(unsigned long expires)
{
	__s64 left = expires - bpf_jiffies64();

	return left > 0 ? jiffies_ms(left) : 0;
}

static __always_inline __u32 clock_ms(void)
{
	return bpf_ktime_get_ns() / 1000000;
}

/* --- values of tcp_fact.def: net/ipv4/tcp.c tcp_get_info() ------------------------------------------------------ */

static __always_inline __u64 chrono_us(struct tcp_sock *tp, __u32 now, __u32 type)
{
	__u32 jiffies = tp->chrono_stat[type - 1];
	__u32 running = BITS(tp, chrono_type);

	if (running == type)
		jiffies += now - tp->chrono_start;
	return jiffies_us(jiffies);
}

static __always_inline __u64 delivery_rate(struct tcp_sock *tp)
{
	__u32 interval_us = tp->rate_interval_us;

	return interval_us ? (__u64)tp->rate_delivered * tp->mss_cache * 1000000 / interval_us : 0;
}

/* tcp_delack_max(), but for a route's own rto_min. */
static __always_inline __u32 ack_timeout(struct tcp_sock *tp)
{
	__u32 ato = BITS(tp, inet_conn.icsk_ack.ato), most = tp->inet_conn.icsk_delack_max,
	      least = tp->inet_conn.icsk_rto_min;

	least = least > 2 ? least - 1 : 1;
	most = most < least ? most : least;
	return ato < most ? ato : most;
}

enum { ECN_OK = 1, ECN_SEEN = 8, ECN_ACCURATE = 16 };
static __always_inline __u8 negotiated(struct tcp_sock *tp)
{
	__u8 bits = 0;

	bits |= BITS(tp, rx_opt.tstamp_ok) ? 1 : 0;
	bits |= BITS(tp, rx_opt.sack_ok) ? 2 : 0;
	bits |= BITS(tp, rx_opt.wscale_ok) ? 4 : 0;
	bits |= tp->ecn_flags & (ECN_OK | ECN_ACCURATE) ? 8 : 0;
	bits |= tp->ecn_flags & ECN_SEEN ? 16 : 0;
	bits |= BITS(tp, syn_data_acked) ? 32 : 0;
	bits |= HAS(tp, tcp_usec_ts) && BITS(tp, tcp_usec_ts) ? 64 : 0;
	bits |= HAS(tp, syn_fastopen_child) && BITS(tp, syn_fastopen_child) ? 128 : 0;
	return bits;
}

enum {
#define FACT(name, member, field, value, help) TCP_FACT_##name,
#include "fact/tcp_fact.def"
#undef FACT
};

static __always_inline void info_of_connection(struct tcp_sock *tp)
{
	__u32 now = bpf_jiffies64();
	__u64 facts = 0;

#define FACT(name, member, field, value, help) \
	if (HAS(tp, field)) { \
		record.info.member = value; \
		facts |= 1ull << TCP_FACT_##name; \
	}
#include "fact/tcp_fact.def"
#undef FACT
	record.facts = facts;
}

static __always_inline void info_of_listener(struct tcp_sock *tp, struct sock *sk)
{
	__u64 facts = 0;

	__builtin_memset(&record.info, 0, sizeof record.info);
	record.info.tcpi_pacing_rate = sk->sk_pacing_rate;
	record.info.tcpi_max_pacing_rate = sk->sk_max_pacing_rate;
	record.info.tcpi_reordering = tp->reordering;
	record.info.tcpi_snd_cwnd = tp->snd_cwnd;
	record.info.tcpi_unacked = sk->sk_ack_backlog;
	record.info.tcpi_sacked = sk->sk_max_ack_backlog;
#define FACT(name, member, field, value, help) facts |= HAS(tp, field) ? 1ull << TCP_FACT_##name : 0;
#include "fact/tcp_fact.def"
#undef FACT
	record.facts = facts;
}

/* --- values of socket_option.def -------------------------------------------------------------------------------- */

static __always_inline int maxseg(struct tcp_sock *tp, __u8 state)
{
	if (BITS(tp, repair))
		return tp->rx_opt.mss_clamp;
	if (tp->rx_opt.user_mss && (state == STATE_CLOSE || state == STATE_LISTEN))
		return tp->rx_opt.user_mss;
	return tp->mss_cache;
}

static __always_inline int linger2(int jiffies, const struct netns_ipv4 *ns)
{
	if (jiffies < 0)
		return jiffies;
	return (__u32)(jiffies ? jiffies : ns->sysctl_tcp_fin_timeout) / tick.hz;
}

/* retrans_to_secs(): the kernel keeps a count of SYN-ACKs, sent after 1 2 4 8... seconds, up to the longest timeout. */
static __always_inline int defer_accept_s(struct tcp_sock *tp)
{
	__u32 count = tp->inet_conn.icsk_accept_queue.rskq_defer_accept, seconds = 0;
	__u32 most = HAS(tp, inet_conn.icsk_rto_max) ? tp->inet_conn.icsk_rto_max / tick.hz : 120;

#pragma unroll
	for (__u32 i = 0; i < 8; i++) /* the ninth would be past any longest timeout */
		seconds += i >= count ? 0 : 1u << i < most ? 1u << i : most;
	return seconds + (count > 8 ? (count - 8) * most : 0);
}

static __always_inline void options_by_hand(struct tcp_sock *tp, struct sock *sk, struct ipv6_pinfo *np)
{
	struct inet_sock *inet = &tp->inet_conn.icsk_inet;
	struct sock_common *skc = &sk->__sk_common;
	const struct netns_ipv4 *ns = &skc->skc_net.net->ipv4;
	__u64 ints[2] = {0};
	__u32 wides = 0, names = 0;

	_Static_assert(RECORD_INTS <= 128, "bits of the ints");
#include "bpf/socket_option.def"
	record.ints_known[0] = ints[0];
	record.ints_known[1] = ints[1];
	record.wides_known = wides;
	record.names_known = names;
}

/* --- options by bpf_getsockopt ---------------------------------------------------------------------------------- */

static __always_inline void option_ask(struct tcp_sock *tp, __u32 row, int family)
{
	struct record_asked *asked;
	__u32 count = record.asked_count, length = asked_rows[row].length;

	if (asked_rows[row].family && asked_rows[row].family != record.family)
		return;
	if (count >= RECORD_ASKED || length < 1 || length > sizeof asked->value ||
	    (refusals[family][row] >= REFUSALS_MAX && !answered[family][row]))
		return;
	/* What the verifier believes; the compiler would drop it after the check above. */
	asm volatile("%0 &= %1" : "+r"(count) : "i"(RECORD_ASKED - 1));
	asked = &record.asked[count];
	if (bpf_getsockopt(tp, asked_rows[row].level, asked_rows[row].number, asked->value, length)) {
		if (refusals[family][row] < REFUSALS_MAX)
			refusals[family][row]++;
		return;
	}
	answered[family][row] = 1;
	asked->row = row;
	asked->length = length;
	record.asked_count = count + 1;
}

static __always_inline void options_ask(struct tcp_sock *tp, int family)
{
	record.asked_count = 0;
	for (__u32 row = 0; row < RECORD_ASKED && row < asked_rows_count; row++)
		option_ask(tp, row, family);
}

/* --- what sock_diag tells: net/ipv4/inet_diag.c ----------------------------------------------------------------- */

/* Where the timers are has changed: icsk_timeout until 6.18, both in struct sock or both in icsk. */
static __always_inline unsigned long retransmit_expires(struct tcp_sock *tp, struct sock *sk)
{
	if (HAS(tp, inet_conn.icsk_timeout))
		return tp->inet_conn.icsk_timeout;
	if (HAS(tp, inet_conn.icsk_retransmit_timer))
		return tp->inet_conn.icsk_retransmit_timer.expires;
	return HAS(sk, tcp_retransmit_timer) ? sk->tcp_retransmit_timer.expires : 0;
}

static __always_inline int keepalive_pending(struct tcp_sock *tp, struct sock *sk)
{
	if (HAS(tp, inet_conn.icsk_keepalive_timer))
		return tp->inet_conn.icsk_keepalive_timer.entry.pprev != NULL;
	return sk->sk_timer.entry.pprev != NULL;
}

static __always_inline unsigned long keepalive_expires(struct tcp_sock *tp, struct sock *sk)
{
	if (HAS(tp, inet_conn.icsk_keepalive_timer))
		return tp->inet_conn.icsk_keepalive_timer.expires;
	return sk->sk_timer.expires;
}

static __always_inline void timer_of_connection(struct tcp_sock *tp, struct sock *sk)
{
	__u8 pending = tp->inet_conn.icsk_pending;

	record.timer = record.retransmits = record.expires_ms = 0;
	if (pending == PENDING_RETRANS || pending == PENDING_LOSS_PROBE || pending == PENDING_REORDER ||
	    pending == PENDING_PROBE) {
		record.timer = pending == PENDING_PROBE ? TIMER_PROBE : TIMER_RETRANS;
		record.retransmits = pending == PENDING_PROBE ? tp->inet_conn.icsk_probes_out :
								tp->inet_conn.icsk_retransmits;
		record.expires_ms = left_ms(retransmit_expires(tp, sk));
	} else if (keepalive_pending(tp, sk)) {
		record.timer = TIMER_KEEPALIVE;
		record.retransmits = tp->inet_conn.icsk_probes_out;
		record.expires_ms = left_ms(keepalive_expires(tp, sk));
	}
}

struct keys {
	__u64 node;
	__u32 count;
};

static long key_count(__u32 index, struct keys *keys)
{
	(void)index;
	if (!keys->node)
		return 1;
	keys->count++;
	if (bpf_probe_read_kernel(&keys->node, sizeof keys->node,
				  (char *)keys->node + bpf_core_field_offset(struct hlist_node, next)))
		keys->node = 0;
	return 0;
}

/* tcp_diag_put_md5sig(). The verifier would go through a loop of our own turn by turn. */
static __always_inline void keys_count(struct tcp_sock *tp)
{
	struct tcp_md5sig_info *info = HAS(tp, md5sig_info) ? tp->md5sig_info : NULL;
	struct keys keys = {0};

	record.md5_keys = 0;
	if (!info) {
		record.known |= HAS(tp, md5sig_info) ? RECORD_MD5 : 0;
		return;
	}
	keys.node = (__u64)info->head.first;
	if (!bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_loop))
		return;
	bpf_loop(MD5_KEYS, key_count, &keys, 0);
	record.md5_keys = keys.count;
	record.known |= keys.node ? 0 : RECORD_MD5;
}

/* inet_sk_diag_fill(): of those that are open. What it would say lies in a structure of each algorithm's own. */
static __always_inline void congestion_note(struct tcp_sock *tp)
{
	const struct tcp_congestion_ops *ops = tp->inet_conn.icsk_ca_ops;

	if (record.state < STATE_TIME_WAIT && ops && ops->get_info)
		record.known |= RECORD_CC_TELLS;
}

static __always_inline void connection_read(struct tcp_sock *tp)
{
	struct sock *sk = &tp->inet_conn.icsk_inet.sk;
	struct ipv6_pinfo *np = record.family == FAMILY_INET6 ? tp->inet_conn.icsk_inet.pinet6 : NULL;

	socket_read(sk, &tp->inet_conn.icsk_inet, np);
	timer_of_connection(tp, sk);
	keys_count(tp);
	congestion_note(tp);
	if (record.state == STATE_LISTEN) {
		record.rqueue_bytes = sk->sk_ack_backlog;
		record.wqueue_bytes = sk->sk_max_ack_backlog;
		info_of_listener(tp, sk);
	} else {
		record.rqueue_bytes = positive(tp->rcv_nxt - tp->copied_seq);
		record.wqueue_bytes = tp->write_seq - tp->snd_una;
		info_of_connection(tp);
	}
	if (by_hand)
		options_by_hand(tp, sk, np);
	options_ask(tp, np != NULL);
}

/* Without a struct sock: no uid, no inode, no options. */
static __always_inline void remnant_clear(void)
{
	record.uid = record.inode = record.rqueue_bytes = record.wqueue_bytes = record.retransmits = 0;
	record.known = RECORD_MARK;
	record.asked_count = 0;
}

static __always_inline void time_wait_read(struct tcp_timewait_sock *tw)
{
	remnant_clear();
	record.state = tw->tw_sk.tw_substate;
	record.mark = tw->tw_sk.tw_mark;
	record.timer = TIMER_TIME_WAIT;
	record.expires_ms = left_ms(tw->tw_sk.tw_timer.expires);
}

static __always_inline void request_read(struct tcp_request_sock *request)
{
	remnant_clear();
	record.state = STATE_SYN_RECV;
	record.mark = request->req.ir_mark;
	record.timer = TIMER_RETRANS;
	record.retransmits = request->req.req.num_retrans;
	record.expires_ms = left_ms(request->req.req.rsk_timer.expires);
}

/* Fills the record; how long it is, or 0 if the socket is not wanted. */
static __always_inline __u32 record_fill(struct sock_common *skc, __u32 uid)
{
	struct tcp_timewait_sock *tw;
	struct tcp_request_sock *request;
	struct tcp_sock *tp = bpf_skc_to_tcp_sock(skc);

	if (tp) {
		if (!is_wanted(skc->skc_state))
			return 0;
		common_read(skc);
		record.uid = uid;
		connection_read(tp);
		return __builtin_offsetof(struct socket_record, asked) +
		       record.asked_count * sizeof(struct record_asked);
	}
	tw = bpf_skc_to_tcp_timewait_sock(skc);
	if (tw && is_wanted(tw->tw_sk.tw_substate)) {
		common_read(skc);
		time_wait_read(tw);
		return __builtin_offsetof(struct socket_record, info);
	}
	request = tw ? NULL : bpf_skc_to_tcp_request_sock(skc);
	if (request && is_wanted(STATE_SYN_RECV)) {
		common_read(skc);
		request_read(request);
		return __builtin_offsetof(struct socket_record, info);
	}
	return 0;
}

SEC("iter/tcp")
int tcp_sockets(struct bpf_iter__tcp *context)
{
	struct sock_common *skc = context->sk_common;
	__u32 size;

	if (!context->meta->seq->count)
		read_begin();
	if (!skc || (wanted_family && wanted_family != skc->skc_family))
		return 0;
	size = record_fill(skc, context->uid);
	if (!size || size > sizeof record)
		return 0;
	record.length = size;
	bpf_seq_write(context->meta->seq, &record, size);
	return 0;
}
