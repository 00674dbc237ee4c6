/* sock_diag dumps, one socket at a time. Knows nothing of owners or findings. */
#include "observe/diag.h"
#include "base/error.h"
#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <stdlib.h>
#include <string.h>

/* The kernel fills at most this much at a time (netlink_dump: max_recvmsg_len); a larger buffer gains nothing. */
enum { MESSAGE_BYTES = 32768 };

struct dump {
	int (*visit)(void *arg, const struct socket_fact *);
	void *arg;
	uint8_t protocol;
	int ended; /* visit's non-zero return: what is left of the dump is read, but not shown */
};

static void skmem_copy(const struct nlattr *attr, struct socket_fact *socket)
{
	unsigned count = mnl_attr_get_payload_len(attr) / sizeof *socket->skmem;

	socket->skmem_count = count < SOCKET_SKMEM ? count : SOCKET_SKMEM;
	memcpy(socket->skmem, mnl_attr_get_payload(attr), socket->skmem_count * sizeof *socket->skmem);
}

/* Of a message that may lie: what is shorter than it should be is as if it were not there. */
static bool number_copy(const struct nlattr *attr, void *ret, size_t size)
{
	if (mnl_attr_get_payload_len(attr) < size)
		return false;
	memcpy(ret, mnl_attr_get_payload(attr), size);
	return true;
}

static void congestion_copy(const struct nlattr *attr, struct socket_fact *socket)
{
	size_t length = mnl_attr_get_payload_len(attr);

	length = length < sizeof socket->congestion - 1 ? length : sizeof socket->congestion - 1;
	memcpy(socket->congestion, mnl_attr_get_payload(attr), length);
	socket->congestion[length] = 0;
	socket->known |= KNOWN_CONGESTION;
}

static void attribute_read(const struct nlattr *attr, struct socket_fact *socket)
{
	switch (mnl_attr_get_type(attr)) {
	case INET_DIAG_INFO:
		tcp_fact_read(&socket->tcp, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		break;
	case INET_DIAG_SKMEMINFO:
		skmem_copy(attr, socket);
		break;
	case INET_DIAG_CONG:
		congestion_copy(attr, socket);
		break;
	case INET_DIAG_MARK: /* only with CAP_NET_ADMIN */
		if (number_copy(attr, &socket->mark, sizeof socket->mark))
			socket->known |= KNOWN_MARK;
		break;
	case INET_DIAG_CGROUP_ID:
		if (number_copy(attr, &socket->cgroup, sizeof socket->cgroup))
			socket->known |= KNOWN_CGROUP;
		break;
	}
}

int diag_parse(const void *payload, size_t size, struct socket_fact *socket)
{
	struct inet_diag_msg message;
	const struct nlattr *attr;
	const void *attrs = (const char *)payload + MNL_ALIGN(sizeof message);

	if (size < MNL_ALIGN(sizeof message))
		return -EPROTO;
	memcpy(&message, payload, sizeof message);
	memset(socket, 0, sizeof *socket);
	socket->family = message.idiag_family;
	socket->state = message.idiag_state;
	socket->timer = message.idiag_timer;
	socket->retransmits = message.idiag_retrans;
	socket->source_port = ntohs(message.id.idiag_sport);
	socket->destination_port = ntohs(message.id.idiag_dport);
	memcpy(socket->source, message.id.idiag_src, sizeof socket->source);
	memcpy(socket->destination, message.id.idiag_dst, sizeof socket->destination);
	socket->interface = message.id.idiag_if;
	socket->cookie = message.id.idiag_cookie[0] | (uint64_t)message.id.idiag_cookie[1] << 32;
	socket->inode = message.idiag_inode;
	socket->uid = message.idiag_uid;
	socket->rqueue_bytes = message.idiag_rqueue;
	socket->wqueue_bytes = message.idiag_wqueue;
	socket->expires_ms = message.idiag_expires;
	mnl_attr_for_each_payload(attrs, size - MNL_ALIGN(sizeof message)) attribute_read(attr, socket);
	return 0;
}

static int message_visit(const struct nlmsghdr *header, void *data)
{
	struct dump *dump = data;
	struct socket_fact socket;

	if (dump->ended || diag_parse(mnl_nlmsg_get_payload(header), mnl_nlmsg_get_payload_len(header), &socket))
		return MNL_CB_OK;
	socket.protocol = dump->protocol;
	dump->ended = dump->visit(dump->arg, &socket);
	return MNL_CB_OK;
}

static uint8_t extension(unsigned attribute)
{
	return (uint8_t)(1 << (attribute - 1));
}

static int request_send(struct mnl_socket *netlink, uint8_t family, const struct diag_filter *filter, uint8_t protocol)
{
	char buffer[MNL_NLMSG_HDRLEN + sizeof(struct inet_diag_req_v2)] __attribute__((aligned(4))) = {0};
	const struct nlattr code = {(uint16_t)(sizeof code + filter->code_bytes), INET_DIAG_REQ_BYTECODE};
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof *request);
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct iovec pieces[] = {
		{buffer, sizeof buffer}, {(void *)&code, sizeof code}, {(void *)filter->code, filter->code_bytes}};
	struct msghdr message = {&kernel, sizeof kernel, pieces, filter->code_bytes ? 3 : 1, NULL, 0, 0};

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	header->nlmsg_len = (uint32_t)(sizeof buffer + (filter->code_bytes ? sizeof code + filter->code_bytes : 0));
	request->sdiag_family = family;
	request->sdiag_protocol = protocol;
	request->idiag_ext = extension(INET_DIAG_INFO) | extension(INET_DIAG_SKMEMINFO) | extension(INET_DIAG_CONG);
	request->idiag_states = filter->states ? filter->states : UINT32_MAX;
	return sendmsg(mnl_socket_get_fd(netlink), &message, 0) < 0 ? -errno : 0;
}

static int family_dump(struct mnl_socket *netlink, uint8_t family, const struct diag_filter *filter, struct dump *dump)
{
	char buffer[MESSAGE_BYTES] __attribute__((aligned(8)));
	int code = request_send(netlink, family, filter, dump->protocol);

	while (!code) {
		ssize_t n = mnl_socket_recvfrom(netlink, buffer, sizeof buffer);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		switch (mnl_cb_run(buffer, (size_t)n, 0, mnl_socket_get_portid(netlink), message_visit, dump)) {
		case MNL_CB_STOP:
			return 0;
		case MNL_CB_ERROR:
			return -errno;
		}
	}
	return code;
}

int diag_open(struct mnl_socket **ret, struct sockctl_error *error)
{
	struct mnl_socket *netlink = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	int code;

	if (netlink && !mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID)) {
		*ret = netlink;
		return 0;
	}
	code = -errno;
	diag_close(netlink);
	return error_set(error, code, "socket", "NETLINK_SOCK_DIAG",
			 code == -EPROTONOSUPPORT ? "this kernel lacks sock_diag (CONFIG_INET_DIAG)" : NULL);
}

void diag_close(struct mnl_socket *netlink)
{
	if (netlink)
		mnl_socket_close(netlink);
}

int diag_dump_from(struct mnl_socket *netlink, const struct diag_filter *filter,
		   int (*visit)(void *arg, const struct socket_fact *), void *arg, struct sockctl_error *error)
{
	static const uint8_t families[] = {AF_INET, AF_INET6};
	struct dump dump = {visit, arg, filter->protocol ? filter->protocol : IPPROTO_TCP, 0};
	const char *what = dump.protocol == IPPROTO_UDP ? "UDP sockets" : "TCP sockets";

	for (unsigned i = 0; i < sizeof families && !dump.ended; i++) {
		int code = filter->family && filter->family != families[i] ?
				   0 :
				   family_dump(netlink, families[i], filter, &dump);

		if (code == -ENOENT)
			return error_set(error, code, "sock_diag", what, "this kernel lacks %s",
					 dump.protocol == IPPROTO_UDP ? "udp_diag (CONFIG_INET_UDP_DIAG)" :
									"tcp_diag (CONFIG_INET_TCP_DIAG)");
		if (code)
			return error_set(error, code, "sock_diag", what, NULL);
	}
	return dump.ended;
}

int diag_dump(const struct diag_filter *filter, int (*visit)(void *arg, const struct socket_fact *), void *arg,
	      struct sockctl_error *error)
{
	struct mnl_socket *netlink;
	int code = diag_open(&netlink, error);

	if (code)
		return code;
	code = diag_dump_from(netlink, filter, visit, arg, error);
	diag_close(netlink);
	return code;
}
