/* Messages of inet_diag. They may lie: an attribute that is shorter than it should be is as if it were not there. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include "observe/attribute.h"
#include "observe/diag.h"

/* struct tcp_diag_md5sig of linux/tcp.h, which cannot stand beside netinet/tcp.h. */
enum { MD5_KEY_BYTES = 100 };

static void known_copy(const struct attribute *attr, void *ret, size_t size, enum socket_known bit,
		       struct socket_fact *socket)
{
	if (attribute_copy(attr, ret, size))
		socket->known |= bit;
}

/* Names come with their 0, which a hostile one may lack. */
static void name_copy(const struct attribute *attr, char ret[16])
{
	size_t length = attr->size;

	length = length < 15 ? length : 15;
	memcpy(ret, attr->payload, length);
	ret[length] = 0;
}

static void flags_read(const struct attribute *attr, struct socket_fact *socket)
{
	struct inet_diag_sockopt bits;

	if (!attribute_copy(attr, &bits, sizeof bits))
		return;
	socket->known |= KNOWN_FLAGS;
	socket->flags = (uint16_t)((bits.recverr ? SOCKET_RECVERR : 0) | (bits.freebind ? SOCKET_FREEBIND : 0) |
				   (bits.hdrincl ? SOCKET_HDRINCL : 0) | (bits.mc_loop ? SOCKET_MULTICAST_LOOP : 0) |
				   (bits.transparent ? SOCKET_TRANSPARENT : 0) |
				   (bits.mc_all ? SOCKET_MULTICAST_ALL : 0) | (bits.nodefrag ? SOCKET_NODEFRAG : 0) |
				   (bits.bind_address_no_port ? SOCKET_BIND_ADDRESS_NO_PORT : 0) |
				   (bits.recverr_rfc4884 ? SOCKET_RECVERR_RFC4884 : 0) |
				   (bits.defer_connect ? SOCKET_DEFER_CONNECT : 0));
}

static void bbr_read(const struct attribute *attr, struct congestion_fact *cc)
{
	struct tcp_bbr_info info;

	if (!attribute_copy(attr, &info, sizeof info))
		return;
	cc->kind = CONGESTION_BBR;
	cc->bbr.bandwidth_bytes_per_s = info.bbr_bw_lo | (uint64_t)info.bbr_bw_hi << 32;
	cc->bbr.min_rtt_us = info.bbr_min_rtt;
	cc->bbr.pacing_gain = info.bbr_pacing_gain;
	cc->bbr.cwnd_gain = info.bbr_cwnd_gain;
}

static void vegas_read(const struct attribute *attr, struct congestion_fact *cc)
{
	struct tcpvegas_info info;

	if (!attribute_copy(attr, &info, sizeof info))
		return;
	cc->kind = CONGESTION_VEGAS;
	cc->vegas.enabled = info.tcpv_enabled;
	cc->vegas.rtt_count = info.tcpv_rttcnt;
	cc->vegas.rtt_us = info.tcpv_rtt;
	cc->vegas.min_rtt_us = info.tcpv_minrtt;
}

static void dctcp_read(const struct attribute *attr, struct congestion_fact *cc)
{
	struct tcp_dctcp_info info;

	if (!attribute_copy(attr, &info, sizeof info))
		return;
	cc->kind = CONGESTION_DCTCP;
	cc->dctcp.enabled = info.dctcp_enabled;
	cc->dctcp.ce_state = info.dctcp_ce_state;
	cc->dctcp.alpha = info.dctcp_alpha;
	cc->dctcp.ecn_bytes = info.dctcp_ab_ecn;
	cc->dctcp.acked_bytes = info.dctcp_ab_tot;
}

static void ulp_read(const struct attribute *nest, struct socket_fact *socket)
{
	const char *at = nest->payload, *end = at + nest->size;
	struct attribute attr;

	while (attribute_next(&at, end, &attr))
		if (attr.type == INET_ULP_INFO_NAME) {
			name_copy(&attr, socket->ulp);
			socket->known |= KNOWN_ULP;
		}
}

static void structure_read(const struct attribute *attr, struct socket_fact *socket)
{
	switch (attr->type) {
	case INET_DIAG_INFO:
		tcp_fact_read(&socket->tcp, attr->payload, attr->size);
		break;
	case INET_DIAG_SKMEMINFO:
		socket->skmem_count = attribute_numbers(attr, socket->skmem, SOCKET_SKMEM);
		break;
	case INET_DIAG_SOCKOPT:
		flags_read(attr, socket);
		break;
	case INET_DIAG_ULP_INFO:
		ulp_read(attr, socket);
		break;
	case INET_DIAG_MD5SIG: /* the keys themselves are nobody's business */
		socket->md5_keys = (uint32_t)(attr->size / MD5_KEY_BYTES);
		socket->known |= KNOWN_MD5;
		break;
	case INET_DIAG_BBRINFO:
		bbr_read(attr, &socket->cc);
		break;
	case INET_DIAG_VEGASINFO:
		vegas_read(attr, &socket->cc);
		break;
	case INET_DIAG_DCTCPINFO:
		dctcp_read(attr, &socket->cc);
		break;
	}
}

static void attribute_read(const struct attribute *attr, struct socket_fact *socket)
{
	switch (attr->type) {
	case INET_DIAG_CONG:
		name_copy(attr, socket->congestion);
		socket->known |= KNOWN_CONGESTION;
		break;
	case INET_DIAG_MARK:
		known_copy(attr, &socket->mark, sizeof socket->mark, KNOWN_MARK, socket);
		break;
	case INET_DIAG_CGROUP_ID:
		known_copy(attr, &socket->cgroup, sizeof socket->cgroup, KNOWN_CGROUP, socket);
		break;
	case INET_DIAG_SHUTDOWN: /* of every full socket; the uid of others is 0, whoever they belong to */
		known_copy(attr, &socket->shutdown, sizeof socket->shutdown, KNOWN_SHUTDOWN | KNOWN_UID, socket);
		break;
	case INET_DIAG_TOS:
		known_copy(attr, &socket->tos, sizeof socket->tos, KNOWN_TOS, socket);
		break;
	case INET_DIAG_TCLASS:
		known_copy(attr, &socket->tclass, sizeof socket->tclass, KNOWN_TCLASS, socket);
		break;
	case INET_DIAG_SKV6ONLY:
		if (attr->size) {
			socket->v6only = *(const uint8_t *)attr->payload != 0;
			socket->known |= KNOWN_V6ONLY;
		}
		break;
	case INET_DIAG_CLASS_ID:
		known_copy(attr, &socket->class_id, sizeof socket->class_id, KNOWN_CLASS_ID, socket);
		break;
	default:
		structure_read(attr, socket);
	}
}

/* Only what is valid without a bit in `known` is cleared: this runs for each of a million sockets. */
static void socket_clear(struct socket_fact *socket)
{
	socket->known = 0;
	socket->tcp.have = 0;
	socket->skmem_count = 0;
	socket->cc.kind = CONGESTION_SILENT;
	socket->autobound = socket->v6only = false; /* a bool may not hold just anything */
	socket->abstract = false;
	socket->shutdown = 0;
	*socket->path = 0;
	socket->netns = NULL;
	socket->options = NULL;
	socket->owners = NULL;
	socket->owners_count = 0;
}

static void head_read(const struct inet_diag_msg *message, struct socket_fact *socket)
{
	socket->family = message->idiag_family;
	socket->state = message->idiag_state;
	socket->timer = message->idiag_timer;
	socket->retransmits = message->idiag_retrans;
	socket->source_port = ntohs(message->id.idiag_sport);
	socket->destination_port = ntohs(message->id.idiag_dport);
	memcpy(socket->source, message->id.idiag_src, sizeof socket->source);
	memcpy(socket->destination, message->id.idiag_dst, sizeof socket->destination);
	socket->interface = message->id.idiag_if;
	socket->cookie = message->id.idiag_cookie[0] | (uint64_t)message->id.idiag_cookie[1] << 32;
	socket->inode = message->idiag_inode;
	socket->uid = message->idiag_uid;
	socket->rqueue_bytes = message->idiag_rqueue;
	socket->wqueue_bytes = message->idiag_wqueue;
	socket->expires_ms = message->idiag_expires;
}

/* net/ipv4/tcp_diag.c tcp_diag_get_info(): the two mean something else there. */
static void listener_read(struct socket_fact *socket)
{
	socket->queue = socket->rqueue_bytes;
	socket->queue_limit = socket->wqueue_bytes;
	socket->rqueue_bytes = socket->wqueue_bytes = 0;
	socket->known |= KNOWN_QUEUE;
}

/* What the kernel leaves out where there is none, and would have told: tcp_diag_get_aux(). INET_DIAG_SOCKOPT (5.9)
 * is younger than INET_DIAG_ULP_INFO (5.5); keys come under the same condition as the mark. */
static void absence_conclude(struct socket_fact *socket)
{
	if (socket->known & KNOWN_FLAGS && !(socket->known & KNOWN_ULP)) {
		*socket->ulp = 0;
		socket->known |= KNOWN_ULP;
	}
	if (socket->known & KNOWN_MARK && !(socket->known & KNOWN_MD5)) {
		socket->md5_keys = 0;
		socket->known |= KNOWN_MD5;
	}
}

int diag_parse(const void *payload, size_t size, struct socket_fact *socket)
{
	const struct inet_diag_msg *message = payload;
	const char *end = (const char *)payload + size, *at = (const char *)payload + NLMSG_ALIGN(sizeof *message);
	struct attribute attr;

	if (size < NLMSG_ALIGN(sizeof *message))
		return -EPROTO;
	socket_clear(socket);
	head_read(message, socket);
	while (attribute_next(&at, end, &attr))
		attribute_read(&attr, socket);
	if (socket->state == TCP_LISTEN)
		listener_read(socket);
	if (socket->tcp.have)
		absence_conclude(socket);
	else
		memset(&socket->tcp, 0, sizeof socket->tcp);
	return 0;
}
