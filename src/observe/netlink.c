/* One dump at a time over libmnl's socket. The walk over messages is our own: mnl_cb_run() gives up where the
 * kernel says that a dump was interrupted, and drops what came. */
#include "observe/netlink.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include "base/error.h"
#include "observe/ahead.h"
#include "observe/capability.h"

/* The kernel fills at most AHEAD_PIECE at a time (netlink_dump: max_recvmsg_len); a larger buffer gains nothing. A
 * thread is worth its while when more than SHORT of them come. */
enum { PIECES = 8, SHORT = 8 };

struct netlink {
	struct mnl_socket *socket;
	uint32_t sequence;
	char buffer[AHEAD_PIECE] __attribute__((aligned(8)));
};

/* The kernel begins a dump with a page (netlink_dump: NLMSG_GOODSIZE) until it has seen with how much room we read. A
 * socket that does not fit in there, as a listener with 40 keys of TCP_MD5SIG, would end the dump without a word
 * (__inet_diag_dump gives 0 for an empty piece). Hence one read before. */
static void room_show(struct netlink *netlink)
{
	const struct nlmsghdr nothing = {sizeof nothing, NLMSG_NOOP, NLM_F_REQUEST | NLM_F_ACK, 0, 0};
	int fd = mnl_socket_get_fd(netlink->socket);

	if (send(fd, &nothing, sizeof nothing, 0) == sizeof nothing)
		recv(fd, netlink->buffer, sizeof netlink->buffer, MSG_DONTWAIT); /* the answer is there already */
}

static int socket_open(struct netlink *netlink)
{
	netlink->socket = mnl_socket_open2(NETLINK_SOCK_DIAG, SOCK_CLOEXEC);
	return netlink->socket && !mnl_socket_bind(netlink->socket, 0, MNL_SOCKET_AUTOPID) ? 0 : -errno;
}

/* The kernel looks at the capabilities of who opened it as well as of who reads, as long as requests are sent to nobody by name
 * (netlink_net_capable(), NETLINK_SKB_DST). */
static int socket_open_plain(struct netlink *netlink)
{
	uint64_t before = capabilities_effective(), admin = UINT64_C(1) << CAP_NET_ADMIN;
	bool lowered = before & admin && !capabilities_make_effective(before & ~admin);
	int code = socket_open(netlink);

	if (lowered)
		capabilities_make_effective(before);
	return code;
}

static int open_as(struct netlink **ret, bool admin, struct sockctl_error *error)
{
	struct netlink *netlink = malloc(sizeof *netlink);
	int code;

	if (!netlink)
		return error_set(error, -ENOMEM, "socket", "NETLINK_SOCK_DIAG", NULL);
	netlink->sequence = 0;
	code = admin ? socket_open(netlink) : socket_open_plain(netlink);
	if (!code) {
		room_show(netlink);
		*ret = netlink;
		return 0;
	}
	netlink_close(netlink);
	return error_set(error, code, "socket", "NETLINK_SOCK_DIAG",
			 code == -EPROTONOSUPPORT ? "this kernel lacks sock_diag (CONFIG_INET_DIAG)" : NULL);
}

int netlink_open(struct netlink **ret, struct sockctl_error *error)
{
	return open_as(ret, false, error);
}

int netlink_open_admin(struct netlink **ret, struct sockctl_error *error)
{
	return open_as(ret, true, error);
}

void netlink_close(struct netlink *netlink)
{
	if (netlink && netlink->socket)
		mnl_socket_close(netlink->socket);
	free(netlink);
}

static int request_send(struct netlink *netlink, uint16_t type, uint16_t flags, const struct iovec pieces[],
			unsigned count)
{
	struct nlmsghdr header = {sizeof header, type, NLM_F_REQUEST | flags, ++netlink->sequence, 0};
	struct iovec all[PIECES] = {{&header, sizeof header}};
	struct msghdr message = {.msg_iov = all};

	if (count >= PIECES)
		return -E2BIG;
	for (unsigned i = 0; i < count; i++) {
		all[i + 1] = pieces[i];
		header.nlmsg_len += (uint32_t)pieces[i].iov_len;
	}
	message.msg_iovlen = count + 1;
	return sendmsg(mnl_socket_get_fd(netlink->socket), &message, 0) < 0 ? -errno : 0;
}

int netlink_ask(struct netlink *netlink, uint16_t type, const struct iovec pieces[], unsigned count)
{
	return request_send(netlink, type, NLM_F_DUMP, pieces, count);
}

int netlink_ask_one(struct netlink *netlink, uint16_t type, const void *request, size_t size)
{
	const struct iovec piece = {(void *)request, size};

	return request_send(netlink, type, NLM_F_ACK, &piece, 1);
}

/* The kernel writes the next piece of a dump while the last is read, so that waiting is the exception. */
static ssize_t piece_receive(struct netlink *netlink, void *piece)
{
	struct pollfd ready = {.fd = mnl_socket_get_fd(netlink->socket), .events = POLLIN};
	struct iovec buffer = {piece, AHEAD_PIECE};
	struct sockaddr_nl sender;

	for (;;) {
		struct msghdr message = {&sender, sizeof sender, &buffer, 1, NULL, 0, 0};
		ssize_t n = recvmsg(ready.fd, &message, MSG_DONTWAIT);
		int r;

		if (n >= 0 && message.msg_flags & MSG_TRUNC)
			return -ENOSPC;
		if (n >= 0 && !sender.nl_pid)
			return n;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -errno;
		r = poll(&ready, 1, NETLINK_WAIT_MS);
		if (r < 0 && errno != EINTR)
			return -errno;
		if (!r)
			return -ETIMEDOUT;
	}
}

/* Of NLMSG_ERROR and NLMSG_DONE: both begin with the error as an int; a dump that ended well has 0 there, or
 * nothing. */
static int error_of(const struct nlmsghdr *header)
{
	int code = 0;

	if (mnl_nlmsg_get_payload_len(header) >= sizeof code)
		memcpy(&code, mnl_nlmsg_get_payload(header), sizeof code);
	return code < 0 ? code : 0;
}

static int message_read(struct netlink_reading *reading, const struct nlmsghdr *header)
{
	reading->interrupted |= (header->nlmsg_flags & NLM_F_DUMP_INTR) != 0;
	switch (header->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_OVERRUN:
		return -ENOBUFS;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		reading->done = true;
		return error_of(header);
	}
	if (!reading->ended)
		reading->ended = reading->visit(reading->arg, mnl_nlmsg_get_payload(header),
						mnl_nlmsg_get_payload_len(header));
	return 0;
}

/* mnl_nlmsg_ok() takes a length beyond INT_MAX for a negative one, which fits. */
static bool message_fits(const struct nlmsghdr *header, int left)
{
	return mnl_nlmsg_ok(header, left) && header->nlmsg_len <= (unsigned)left;
}

int netlink_parse(struct netlink_reading *reading, const void *messages, size_t size)
{
	const struct nlmsghdr *header = messages;
	int left = (int)size, r = 0;

	for (; !r && !reading->done && message_fits(header, left); header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_seq == reading->sequence)
			r = message_read(reading, header);
	return r;
}

bool netlink_ends(uint32_t sequence, const void *messages, size_t size)
{
	const struct nlmsghdr *header = messages;
	int left = (int)size;

	for (; message_fits(header, left); header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_seq == sequence &&
		    (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR))
			return true;
	return false;
}

/* --- the kernel's part of the work in a thread ------------------------------------------------------------------ */

struct fetching {
	struct netlink *netlink;
	bool over; /* the message that ends the dump has come: another read would wait in vain */
};

static ssize_t piece_fetch(void *arg, void *piece)
{
	struct fetching *fetching = arg;
	ssize_t n = fetching->over ? 0 : piece_receive(fetching->netlink, piece);

	if (n > 0)
		fetching->over = netlink_ends(fetching->netlink->sequence, piece, (size_t)n);
	return n;
}

int netlink_answer(struct netlink *netlink, netlink_visit *visit, void *arg)
{
	struct netlink_reading reading = {.sequence = netlink->sequence, .visit = visit, .arg = arg};
	struct fetching fetching = {netlink, false};
	const void *piece = netlink->buffer;
	struct ahead *ahead = NULL;
	int r = 0;

	for (unsigned pieces = 0; !reading.done && !r; pieces++) {
		ssize_t n;

		if (pieces == SHORT && ahead_helps())
			ahead_start(&ahead, piece_fetch, &fetching); /* or it goes on as before */
		n = ahead ? ahead_next(ahead, &piece) : piece_receive(netlink, netlink->buffer);
		r = n > 0 ? netlink_parse(&reading, piece, (size_t)n) : n < 0 ? (int)n : -EPROTO;
	}
	ahead_end(ahead);
	return r ? r : reading.ended ? reading.ended : reading.interrupted ? -EINTR : 0;
}
