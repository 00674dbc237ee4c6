/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* iter/udp: every UDP socket of a network namespace. bpf_getsockopt is not for UDP: all options are read by hand. The
 * iterator holds the socket's lock while we look (net/ipv4/udp.c bpf_iter_udp_seq_show()). Changes nothing. */
#include "bpf/socket.bpf.h"

#define WITHOUT_TCP /* of socket_option.def; the record has room for all */

#define UDP(name) ((__u32)(up->udp_flags >> UDP_FLAGS_##name) & 1)

static __always_inline void options_by_hand(struct udp_sock *up, struct sock *sk, struct ipv6_pinfo *np)
{
	struct inet_sock *inet = &up->inet;
	struct sock_common *skc = &sk->__sk_common;
	const struct netns_ipv4 *ns = &skc->skc_net.net->ipv4;
	__u64 ints[2] = {0};
	__u32 wides = 0;

#include "bpf/socket_option.def"
	record.ints_known[0] = ints[0];
	record.ints_known[1] = ints[1];
	record.wides_known = wides;
}

static __always_inline void queues_of(struct udp_sock *up, struct sock *sk)
{
	record.rqueue_bytes = sk->sk_backlog.rmem_alloc.counter - up->forward_deficit;
	record.wqueue_bytes = sk->sk_wmem_alloc.refs.counter - 1;
	record.timer = record.retransmits = record.expires_ms = 0;
}

SEC("iter/udp")
int udp_sockets(struct bpf_iter__udp *context)
{
	struct udp_sock *up = context->udp_sk;
	struct ipv6_pinfo *np;
	struct sock *sk;

	if (!context->meta->seq->count)
		read_begin();
	if (!up)
		return 0;
	sk = &up->inet.sk;
	if ((wanted_family && wanted_family != sk->__sk_common.skc_family) || !is_wanted(sk->__sk_common.skc_state))
		return 0;
	common_read(&sk->__sk_common);
	np = record.family == FAMILY_INET6 ? up->inet.pinet6 : NULL;
	record.udp = 1;
	record.uid = context->uid;
	socket_read(sk, &up->inet, np);
	queues_of(up, sk);
	options_by_hand(up, sk, np);
	record.length = __builtin_offsetof(struct socket_record, asked);
	bpf_seq_write(context->meta->seq, &record, __builtin_offsetof(struct socket_record, asked));
	return 0;
}
