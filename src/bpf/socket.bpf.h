/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* What the programs for TCP and for UDP have in common. Each includes it once. */
#ifndef BPF_SOCKET_BPF_H
#define BPF_SOCKET_BPF_H
#include "bpf/kernel.h"
#include <stdint.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include "bpf/socket_record.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#define HAS(pointer, field) bpf_core_field_exists((pointer)->field)
/* Also for what is or was a bit field in some kernels: read plainly, its neighbours would come with it. */
#define BITS(pointer, field) BPF_CORE_READ_BITFIELD(pointer, field)

enum { FAMILY_INET = 2, FAMILY_INET6 = 10 };

const volatile struct record_tick tick = {1000, 1000, 1};

/* What is not wanted is skipped; may change between two passes. */
__u32 wanted_states = ~0u;
__u32 wanted_family;

/* Too large for the stack. One reader at a time: each has loaded its own. */
static struct socket_record record;

static __always_inline int is_wanted(__u8 state)
{
	return wanted_states >> (state & 31) & 1;
}

/* --- times: include/linux/jiffies.h, kernel/time/time.c --------------------------------------------------------- */

static __always_inline __u64 jiffies_us(__u64 jiffies)
{
	return tick.us ? jiffies * tick.us : jiffies * 1000000 / tick.hz;
}

static __always_inline __u32 jiffies_ms(__u64 jiffies)
{
	return tick.ms ? jiffies * tick.ms : (jiffies * 1000 + tick.hz - 1) / tick.hz;
}

static __always_inline __u64 timeout_us(long jiffies)
{
	return jiffies == (long)(~0ul >> 1) ? 0 : jiffies_us(jiffies);
}

/* --- values of socket_option.def -------------------------------------------------------------------------------- */

/* do_ipv6_getsockopt IPV6_UNICAST_HOPS; ip6_dst_hoplimit. RTAX_HOPLIMIT is 10, numbers of metrics begin with 1. */
static __always_inline int hop_limit(struct ipv6_pinfo *np, struct sock *sk)
{
	struct dst_entry *dst = sk->sk_dst_cache;
	struct inet6_dev *device;
	int own = (__s16)BITS(np, hop_limit);
	__u32 metric = 0;

	if (own >= 0)
		return own;
	if (!dst)
		return sk->__sk_common.skc_net.net->ipv6.devconf_all->hop_limit;
	bpf_probe_read_kernel(&metric, sizeof metric, (__u32 *)(dst->_metrics & ~3ul) + 9);
	if (metric)
		return metric;
	device = dst->dev->ip6_ptr;
	return device ? device->cnf.hop_limit : sk->__sk_common.skc_net.net->ipv6.devconf_all->hop_limit;
}

/* ip6_default_np_autolabel(): 1 optional but on, 3 for all. */
static __always_inline int autoflowlabel_default(struct sock_common *skc)
{
	return skc->skc_net.net->ipv6.sysctl.auto_flowlabels & 1;
}

/* do_ipv6_getsockopt IPV6_ADDR_PREFERENCES: 1 temporary, 2 public, 0x100 neither; 4 care-of, 0x400 home address. */
static __always_inline int address_preferences(__u8 preferences)
{
	int value = preferences & 1 ? 1 : preferences & 2 ? 2 : 0x100;

	return value | (preferences & 4 ? 4 : 0x400);
}

/* What was found of the last socket, and holds for others: most have the same protocol and the same modules. Of one read() of the
 * iterator, a few dozen sockets: before the next, which may come much later, a module may have gone, and another to its place. */
static __u64 name_sources[RECORD_NAMES]; /* record.names was read from there */
static struct peek_known {
	__u64 protocol;
	_Bool settable;
} peek_known[2]; /* by family */

static __always_inline void read_begin(void)
{
	__builtin_memset(name_sources, 0, sizeof name_sources);
	__builtin_memset(peek_known, 0, sizeof peek_known);
}

static __always_inline void name_copy(enum record_name name, const char *source)
{
	if (name_sources[name] == (__u64)source)
		return;
	if (bpf_probe_read_kernel(record.names[name], sizeof record.names[name], source))
		record.names[name][0] = 0;
	name_sources[name] = (__u64)source;
}

/* By the operations of its struct socket, which nothing else here touches: they go with the protocol. */
static __always_inline int peek_off_settable(struct sock *sk)
{
	struct peek_known *known = &peek_known[record.family == FAMILY_INET6];
	__u64 protocol = (__u64)sk->__sk_common.skc_prot;

	if (known->protocol != protocol) {
		known->settable = sk->sk_socket->ops->set_peek_off != NULL;
		known->protocol = protocol;
	}
	return known->settable;
}

#define FLAG(name) ((__u32)(skc->skc_flags >> bpf_core_enum_value(enum sock_flags, name)) & 1)
#define INET(name) ((__u32)(inet->inet_flags >> INET_FLAGS_##name) & 1)

/* Into record, and what is known into ints[], wides and names. */
#define INT(id, condition, expression) \
	if (condition) { \
		record.ints[RECORD_INT_##id] = expression; \
		ints[RECORD_INT_##id / 64] |= 1ull << RECORD_INT_##id % 64; \
	}
#define WIDE(id, condition, expression) \
	if (condition) { \
		record.wides[RECORD_WIDE_##id] = expression; \
		wides |= 1u << RECORD_WIDE_##id; \
	}
#define NAME(id, condition, expression) \
	if (condition) { \
		name_copy(RECORD_NAME_##id, expression); \
		names |= 1u << RECORD_NAME_##id; \
	}

/* --- what sock_diag tells: net/ipv4/inet_diag.c ----------------------------------------------------------------- */

static __always_inline __u32 positive(__u32 difference)
{
	return (__s32)difference > 0 ? difference : 0;
}

/* Where two CPUs would fight for one counter there are two (net/core/sock.c, since 6.18). */
static __always_inline __u32 drops_of(struct sock *sk)
{
	if (HAS(sk, sk_drop_counters) && sk->sk_drop_counters)
		return sk->sk_drop_counters->drops0.counter + sk->sk_drop_counters->drops1.counter;
	return sk->sk_drops.counter;
}

static __always_inline void memory_of(struct sock *sk)
{
	record.skmem[0] = sk->sk_backlog.rmem_alloc.counter;
	record.skmem[1] = sk->sk_rcvbuf;
	record.skmem[2] = sk->sk_wmem_alloc.refs.counter - 1;
	record.skmem[3] = sk->sk_sndbuf;
	record.skmem[4] = sk->sk_forward_alloc;
	record.skmem[5] = sk->sk_wmem_queued;
	record.skmem[6] = sk->sk_omem_alloc.counter;
	record.skmem[7] = sk->sk_backlog.len;
	record.skmem[8] = drops_of(sk);
}

static __always_inline __u32 inode_of(struct sock *sk)
{
	struct socket *socket = sk->sk_socket;

	if (!socket)
		return 0;
	if (HAS(sk, sk_ino))
		return sk->sk_ino;
	return BPF_CORE_READ(container_of(socket, struct socket_alloc, socket), vfs_inode.i_ino);
}

static __always_inline void common_read(struct sock_common *skc)
{
	__u64 cookie = skc->skc_cookie.counter;

	record.known = 0;
	record.family = skc->skc_family;
	record.state = skc->skc_state;
	record.source_port = skc->skc_num;
	record.destination_port = bpf_ntohs(skc->skc_dport);
	record.interface = skc->skc_bound_dev_if;
	record.cookie = cookie ? cookie : bpf_get_socket_cookie(skc);
	if (record.family == FAMILY_INET6) {
		BPF_CORE_READ_INTO(&record.source, skc, skc_v6_rcv_saddr);
		BPF_CORE_READ_INTO(&record.destination, skc, skc_v6_daddr);
		return;
	}
	__builtin_memset(record.source, 0, sizeof record.source);
	__builtin_memset(record.destination, 0, sizeof record.destination);
	*(__be32 *)record.source = skc->skc_rcv_saddr;
	*(__be32 *)record.destination = skc->skc_daddr;
}

/* inet_diag_msg_attrs_fill(). In kernels before 5.15 the class lies where others have the cgroup. */
static __always_inline void class_of(struct sock *sk)
{
	__u32 class = HAS(sk, sk_cgrp_data.cgroup) && HAS(sk, sk_cgrp_data.classid) ? sk->sk_cgrp_data.classid : 0;

	record.class_id = class ? class : sk->sk_priority;
	if (HAS(sk, sk_cgrp_data.cgroup) || !HAS(sk, sk_cgrp_data))
		record.known |= RECORD_CLASS;
}

/* Of what has a struct sock. */
static __always_inline void socket_read(struct sock *sk, struct inet_sock *inet, struct ipv6_pinfo *np)
{
	struct cgroup *cgroup = HAS(sk, sk_cgrp_data.cgroup) ? sk->sk_cgrp_data.cgroup : NULL;

	record.inode = inode_of(sk);
	record.mark = sk->sk_mark;
	record.known = RECORD_MARK;
	if (cgroup) {
		record.cgroup = cgroup->kn->id;
		record.known |= RECORD_CGROUP;
	}
	class_of(sk);
	if (HAS(inet, inet_flags)) {
		record.inet_flags = inet->inet_flags;
		record.known |= RECORD_FLAGS;
	}
	record.userlocks = BITS(sk, sk_userlocks);
	record.shutdown = sk->sk_shutdown;
	record.tos = inet->tos;
	record.tclass = np ? np->tclass : 0;
	memory_of(sk);
}
#endif
