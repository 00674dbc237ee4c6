/* SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only */
/* The kernel's types, as far as our programs look into them. Only what is read is named: where it really lies, and
 * whether it is there, libbpf finds out in the running kernel's BTF (CO-RE). Order and padding here mean nothing;
 * names and kinds do. For BPF programs only. */
#ifndef BPF_KERNEL_H
#define BPF_KERNEL_H
#include "bpf/inet_flags.h"

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32, __wsum;

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

enum bpf_func_id { BPF_FUNC_loop }; /* since 5.17 */
struct seq_file {
	__u64 count;
};
struct bpf_iter_meta {
	struct seq_file *seq;
};

/* --- network namespaces ----------------------------------------------------------------------------------------- */

struct netns_ipv4 {
	__u8 sysctl_ip_default_ttl, sysctl_tcp_keepalive_probes, sysctl_tcp_syn_retries, sysctl_tcp_pingpong_thresh;
	int sysctl_tcp_keepalive_time, sysctl_tcp_keepalive_intvl, sysctl_tcp_fin_timeout;
};
struct ipv6_devconf {
	__s32 hop_limit;
};
struct netns_sysctl_ipv6 {
	__u8 auto_flowlabels;
};
struct netns_ipv6 {
	struct netns_sysctl_ipv6 sysctl;
	struct ipv6_devconf *devconf_all;
};
struct net {
	struct netns_ipv4 ipv4;
	struct netns_ipv6 ipv6;
};
typedef struct {
	struct net *net;
} possible_net_t;

struct inet6_dev {
	struct ipv6_devconf cnf;
};
struct net_device {
	struct inet6_dev *ip6_ptr;
};
struct dst_entry {
	struct net_device *dev;
	unsigned long _metrics;
};

/* --- small things ----------------------------------------------------------------------------------------------- */

typedef struct {
	int counter;
} atomic_t;
typedef struct {
	__s64 counter;
} atomic64_t;
typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;
struct hlist_node {
	struct hlist_node *next, **pprev;
};
struct hlist_head {
	struct hlist_node *first;
};
struct timer_list {
	struct hlist_node entry;
	unsigned long expires;
};
struct minmax_sample {
	__u32 t, v;
};
struct minmax {
	struct minmax_sample s[3];
};
struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};
struct kernfs_node {
	__u64 id;
};
struct cgroup {
	struct kernfs_node *kn;
};
struct sock_cgroup_data {
	struct cgroup *cgroup;               /* since 5.15 */
	__u32 classid;
};

/* --- files ------------------------------------------------------------------------------------------------------ */

struct inode {
	unsigned long i_ino;
};
struct file_operations;
struct file {
	const struct file_operations *f_op;
	struct inode *f_inode;
};
struct upid {
	int nr;
	void *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];              /* of each pid namespace from the first on: level + 1 of them */
};
struct task_struct {
	struct task_struct *group_leader;
	struct pid *thread_pid;
	char comm[16];
};
struct proto_ops {
	int (*set_peek_off)(void);
};
struct socket {
	const struct proto_ops *ops;
};
struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};

/* --- sockets ---------------------------------------------------------------------------------------------------- */

struct sock_common {
	union {
		struct {
			__be32 skc_daddr, skc_rcv_saddr;
		};
	};
	union {
		struct {
			__be16 skc_dport;
			__u16 skc_num;
		};
	};
	unsigned short skc_family;
	volatile unsigned char skc_state;
	unsigned char skc_reuse : 4;
	unsigned char skc_reuseport : 1;
	unsigned char skc_ipv6only : 1;
	int skc_bound_dev_if;
	struct proto *skc_prot;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr, skc_v6_rcv_saddr;
	atomic64_t skc_cookie;
	union {
		unsigned long skc_flags;
	};
	union {
		int skc_incoming_cpu;
	};
};
enum sock_flags {
	SOCK_URGINLINE,
	SOCK_KEEPOPEN,
	SOCK_LINGER,
	SOCK_BROADCAST,
	SOCK_DBG,
	SOCK_RCVTSTAMP,
	SOCK_RCVTSTAMPNS,
	SOCK_LOCALROUTE,
	SOCK_RXQ_OVFL,
	SOCK_ZEROCOPY,
	SOCK_FILTER_LOCKED,
	SOCK_SELECT_ERR_QUEUE,
	SOCK_TSTAMP_NEW,
	SOCK_RCVMARK,
	SOCK_RCVPRIORITY,
};
struct numa_drop_counters {
	atomic_t drops0, drops1;
};
struct sock {
	struct sock_common __sk_common;
	struct numa_drop_counters *sk_drop_counters;
	atomic_t sk_drops, sk_omem_alloc;
	refcount_t sk_wmem_alloc;
	struct {
		atomic_t rmem_alloc;
		int len;
	} sk_backlog;
	struct socket *sk_socket;
	unsigned long sk_ino, sk_lingertime, sk_pacing_rate, sk_max_pacing_rate;
	long sk_rcvtimeo, sk_sndtimeo;
	int sk_forward_alloc, sk_wmem_queued, sk_rcvbuf, sk_sndbuf, sk_rcvlowat;
	__s32 sk_peek_off;
	__u32 sk_reserved_mem, sk_tsflags, sk_priority, sk_mark, sk_ack_backlog, sk_max_ack_backlog;
	unsigned int sk_ll_usec;
	__u16 sk_type, sk_busy_poll_budget;
	__u8 sk_prefer_busy_poll, sk_userlocks, sk_shutdown, sk_txrehash, sk_clockid;
	__u8 sk_txtime_deadline_mode : 1;
	__u8 sk_txtime_report_errors : 1;
	__u8 sk_no_check_tx : 1;
	struct timer_list sk_timer, tcp_retransmit_timer;
	struct dst_entry *sk_dst_cache;
	struct sock_cgroup_data sk_cgrp_data;
};
struct ipv6_pinfo {
	__s16 hop_limit;
	__u8 pmtudisc, tclass, srcprefs, min_hopcount, mcast_hops;
	int ucast_oif, mcast_oif;
	__u32 frag_size;
	union {
		struct {
			__u16 rxinfo : 1;
			__u16 rxhlim : 1;
			__u16 rxtclass : 1;
			__u16 rxpmtu : 1;
			__u16 rxorigdstaddr : 1;
			__u16 recvfragsize : 1;
		} bits;
	} rxopt;
};
struct inet_sock {
	struct sock sk;
	struct ipv6_pinfo *pinet6;
	unsigned long inet_flags;
	__s16 uc_ttl;
	__u8 tos, min_ttl, mc_ttl, pmtudisc;
	int uc_index, mc_index;
	__u32 local_port_range;
};
struct fastopen_queue {
	int max_qlen;
};
struct request_sock_queue {
	__u8 rskq_defer_accept;
	struct fastopen_queue fastopenq;
};
struct tcp_congestion_ops {
	char name[16];
	unsigned long (*get_info)(void);
};
struct tcp_ulp_ops {
	char name[16];
};
struct inet_connection_sock {
	struct inet_sock icsk_inet;
	struct request_sock_queue icsk_accept_queue;
	unsigned long icsk_timeout;                  /* until 6.18 */
	struct timer_list icsk_retransmit_timer, icsk_keepalive_timer;
	__u32 icsk_rto, icsk_rto_min, icsk_rto_max, icsk_delack_max, icsk_pmtu_cookie, icsk_user_timeout;
	const struct tcp_congestion_ops *icsk_ca_ops;
	const struct tcp_ulp_ops *icsk_ulp_ops;
	__u8 icsk_ca_state : 5;
	__u8 icsk_retransmits, icsk_pending, icsk_backoff, icsk_syn_retries, icsk_probes_out;
	struct {
		__u8 pingpong;
		__u32 ato : 8;
		__u32 lrcvtime;
		__u16 rcv_mss;
	} icsk_ack;
};
struct tcp_options_received {
	__u16 tstamp_ok : 1;
	__u16 wscale_ok : 1;
	__u16 sack_ok : 3;
	__u16 snd_wscale : 4;
	__u16 rcv_wscale : 4;
	__u16 user_mss, mss_clamp;
};
struct tcp_md5sig_info {
	struct hlist_head head;              /* of keys, which begin with their node */
};
struct tcp_sock {
	struct inet_connection_sock inet_conn;
	struct tcp_md5sig_info *md5sig_info;
	__u32 rcv_ssthresh, reordering, notsent_lowat, snd_wnd, mss_cache, snd_cwnd, lost_out, sacked_out;
	__u32 copied_seq, retrans_out, snd_ssthresh, segs_out, data_segs_out, chrono_start, chrono_stat[3];
	__u32 write_seq, lsndtime, mdev_us, rcv_nxt, snd_nxt, snd_una, window_clamp, srtt_us, packets_out;
	__u32 delivered, delivered_ce, received_ce, rcv_wnd, rcv_tstamp, segs_in, data_segs_in;
	__u32 rate_delivered, rate_interval_us, dsack_dups, tcp_tx_delay, reord_seen, total_retrans;
	__u32 rto_stamp, total_rto_time, rcv_ooopack, plb_rehash;
	__u64 bytes_sent, bytes_received, bytes_acked, bytes_retrans;
	__u16 advmss, total_rto, total_rto_recoveries, timeout_rehash;
	__u8 chrono_type, ecn_flags, keepalive_probes;
	__u8 repair : 1;
	__u8 tcp_usec_ts : 1;
	__u8 recvmsg_inq : 1;
	__u8 nonagle : 4;
	__u8 rate_app_limited : 1;
	__u8 thin_lto : 1;
	__u8 fastopen_connect : 1;
	__u8 fastopen_no_cookie : 1;
	__u8 fastopen_client_fail : 2;
	__u8 save_syn : 2;
	__u8 syn_data_acked : 1;
	__u8 syn_fastopen_child : 1;
	__u8 accecn_fail_mode : 4;
	__u8 saw_accecn_opt : 2;
	unsigned int keepalive_time, keepalive_intvl;
	int linger2;
	struct minmax rtt_min;
	struct tcp_options_received rx_opt;
	struct {
		__u32 rtt_us;
	} rcv_rtt_est;
	struct {
		int space;
	} rcvq_space;
};
/* Bits of udp_sock.udp_flags since Linux 6.7, unnamed too. */
enum { UDP_FLAGS_CORK, UDP_FLAGS_NO_CHECK6_TX, UDP_FLAGS_NO_CHECK6_RX, UDP_FLAGS_GRO_ENABLED };
struct udp_sock {
	struct inet_sock inet;
	unsigned long udp_flags;
	__u16 gso_size;
	int forward_deficit;
};
struct inet_timewait_sock {
	__u32 tw_mark;
	unsigned char tw_substate;
	struct timer_list tw_timer;
};
struct tcp_timewait_sock {
	struct inet_timewait_sock tw_sk;
};
struct request_sock {
	__u8 num_retrans;
	struct timer_list rsk_timer;
};
struct inet_request_sock {
	struct request_sock req;
	__u32 ir_mark;
};
struct tcp_request_sock {
	struct inet_request_sock req;
};

struct bpf_iter__tcp {
	struct bpf_iter_meta *meta;
	struct sock_common *sk_common;
	__u32 uid;
};
struct bpf_iter__udp {
	struct bpf_iter_meta *meta;
	struct udp_sock *udp_sk;
	__u32 uid;
};
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#endif
