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
	int ended; /* visit's non-zero return: what is left of the dump is read, but not shown */
};

static void skmem_copy(const struct nlattr *attr, struct socket_fact *socket)
{
	unsigned count = mnl_attr_get_payload_len(attr) / sizeof *socket->skmem;

	socket->skmem_count = count < SOCKET_SKMEM ? count : SOCKET_SKMEM;
	memcpy(socket->skmem, mnl_attr_get_payload(attr), socket->skmem_count * sizeof *socket->skmem);
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
	socket->source_port = ntohs(message.id.idiag_sport);
	socket->destination_port = ntohs(message.id.idiag_dport);
	memcpy(socket->source, message.id.idiag_src, sizeof socket->source);
	memcpy(socket->destination, message.id.idiag_dst, sizeof socket->destination);
	socket->cookie = message.id.idiag_cookie[0] | (uint64_t)message.id.idiag_cookie[1] << 32;
	socket->inode = message.idiag_inode;
	socket->uid = message.idiag_uid;
	socket->rqueue_bytes = message.idiag_rqueue;
	socket->wqueue_bytes = message.idiag_wqueue;
	mnl_attr_for_each_payload(attrs, size - MNL_ALIGN(sizeof message))
	{
		if (mnl_attr_get_type(attr) == INET_DIAG_INFO)
			tcp_fact_read(&socket->tcp, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
		else if (mnl_attr_get_type(attr) == INET_DIAG_SKMEMINFO)
			skmem_copy(attr, socket);
	}
	return 0;
}

static int message_visit(const struct nlmsghdr *header, void *data)
{
	struct dump *dump = data;
	struct socket_fact socket;

	if (!dump->ended && !diag_parse(mnl_nlmsg_get_payload(header), mnl_nlmsg_get_payload_len(header), &socket))
		dump->ended = dump->visit(dump->arg, &socket);
	return MNL_CB_OK;
}

static int request_send(struct mnl_socket *netlink, uint8_t family, uint32_t states)
{
	char buffer[MNL_NLMSG_HDRLEN + sizeof(struct inet_diag_req_v2)] __attribute__((aligned(4))) = {0};
	struct nlmsghdr *header = mnl_nlmsg_put_header(buffer);
	struct inet_diag_req_v2 *request = mnl_nlmsg_put_extra_header(header, sizeof *request);

	header->nlmsg_type = SOCK_DIAG_BY_FAMILY;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	request->sdiag_family = family;
	request->sdiag_protocol = IPPROTO_TCP;
	request->idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_SKMEMINFO - 1);
	request->idiag_states = states ? states : UINT32_MAX;
	return mnl_socket_sendto(netlink, header, header->nlmsg_len) < 0 ? -errno : 0;
}

static int family_dump(struct mnl_socket *netlink, uint8_t family, uint32_t states, struct dump *dump)
{
	char buffer[MESSAGE_BYTES] __attribute__((aligned(8)));
	int code = request_send(netlink, family, states);

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
	struct dump dump = {visit, arg, 0};

	for (unsigned i = 0; i < sizeof families && !dump.ended; i++) {
		int code = filter->family && filter->family != families[i] ?
				   0 :
				   family_dump(netlink, families[i], filter->states, &dump);

		if (code == -ENOENT)
			return error_set(error, code, "sock_diag", "TCP sockets",
					 "this kernel lacks tcp_diag (CONFIG_INET_TCP_DIAG)");
		if (code)
			return error_set(error, code, "sock_diag", "TCP sockets", NULL);
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
