/* What sockctl calls of libmnl, for the static program: Debian has libmnl as a shared library only. The same behaviour call by
 * call, errno included; tests/unit/mnl.c compares both. Used where the linker finds no libmnl.a. */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <stdlib.h>
#include <string.h>

struct mnl_socket {
	int fd;
	struct sockaddr_nl address;
};

static void *tail(const struct nlmsghdr *message)
{
	return (char *)message + MNL_ALIGN(message->nlmsg_len);
}

struct nlmsghdr *mnl_nlmsg_put_header(void *buffer)
{
	struct nlmsghdr *message = buffer;

	memset(buffer, 0, MNL_NLMSG_HDRLEN);
	message->nlmsg_len = MNL_NLMSG_HDRLEN;
	return message;
}

void *mnl_nlmsg_put_extra_header(struct nlmsghdr *message, size_t size)
{
	void *extra = tail(message);

	message->nlmsg_len += MNL_ALIGN(size);
	return memset(extra, 0, MNL_ALIGN(size));
}

void *mnl_nlmsg_get_payload(const struct nlmsghdr *message)
{
	return (char *)message + MNL_NLMSG_HDRLEN;
}

size_t mnl_nlmsg_get_payload_len(const struct nlmsghdr *message)
{
	return message->nlmsg_len - MNL_NLMSG_HDRLEN;
}

/* Lengths of 2 GiB and more are too long, where the real one takes them for negative numbers. */
bool mnl_nlmsg_ok(const struct nlmsghdr *message, int left)
{
	return left >= (int)sizeof *message && message->nlmsg_len >= sizeof *message &&
	       message->nlmsg_len <= (unsigned)left;
}

struct nlmsghdr *mnl_nlmsg_next(const struct nlmsghdr *message, int *left)
{
	*left -= (int)MNL_ALIGN(message->nlmsg_len);
	return tail(message);
}

uint16_t mnl_attr_get_type(const struct nlattr *attr)
{
	return attr->nla_type & NLA_TYPE_MASK;
}

uint16_t mnl_attr_get_payload_len(const struct nlattr *attr)
{
	return attr->nla_len - MNL_ATTR_HDRLEN;
}

void *mnl_attr_get_payload(const struct nlattr *attr)
{
	return (char *)attr + MNL_ATTR_HDRLEN;
}

bool mnl_attr_ok(const struct nlattr *attr, int size)
{
	return size >= (int)sizeof *attr && attr->nla_len >= sizeof *attr && attr->nla_len <= size;
}

struct nlattr *mnl_attr_next(const struct nlattr *attr)
{
	return (struct nlattr *)(void *)((char *)attr + MNL_ALIGN(attr->nla_len));
}

void mnl_attr_put(struct nlmsghdr *message, uint16_t type, size_t size, const void *data)
{
	struct nlattr *attr = tail(message);
	char *payload = mnl_attr_get_payload(attr);

	attr->nla_type = type;
	attr->nla_len = (uint16_t)(MNL_ATTR_HDRLEN + size);
	memcpy(payload, data, size);
	memset(payload + size, 0, MNL_ALIGN(size) - size);
	message->nlmsg_len += MNL_ALIGN(attr->nla_len);
}

void mnl_attr_put_u8(struct nlmsghdr *message, uint16_t type, uint8_t data)
{
	mnl_attr_put(message, type, sizeof data, &data);
}

void mnl_attr_put_u32(struct nlmsghdr *message, uint16_t type, uint32_t data)
{
	mnl_attr_put(message, type, sizeof data, &data);
}

void mnl_attr_put_strz(struct nlmsghdr *message, uint16_t type, const char *data)
{
	mnl_attr_put(message, type, strlen(data) + 1, data);
}

struct nlattr *mnl_attr_nest_start(struct nlmsghdr *message, uint16_t type)
{
	struct nlattr *start = tail(message);

	start->nla_type = NLA_F_NESTED | type;
	message->nlmsg_len += MNL_ATTR_HDRLEN;
	return start;
}

void mnl_attr_nest_end(struct nlmsghdr *message, struct nlattr *start)
{
	start->nla_len = (uint16_t)((char *)tail(message) - (char *)start);
}

/* Messages of the kernel to nobody in particular carry neither number nor port. */
static int message_check(const struct nlmsghdr *message, unsigned sequence, unsigned portid)
{
	if (message->nlmsg_pid && portid && message->nlmsg_pid != portid)
		return ESRCH;
	if (message->nlmsg_seq && sequence && message->nlmsg_seq != sequence)
		return EPROTO;
	return message->nlmsg_flags & NLM_F_DUMP_INTR ? EINTR : 0;
}

static int error_read(const struct nlmsghdr *message)
{
	const struct nlmsgerr *answer = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_len < MNL_NLMSG_HDRLEN + MNL_ALIGN(sizeof *answer)) {
		errno = EBADMSG;
		return MNL_CB_ERROR;
	}
	errno = answer->error < 0 ? -answer->error : answer->error;
	return answer->error ? MNL_CB_ERROR : MNL_CB_STOP;
}

static int message_handle(const struct nlmsghdr *message, mnl_cb_t visit, void *data)
{
	if (message->nlmsg_type >= NLMSG_MIN_TYPE)
		return visit ? visit(message, data) : MNL_CB_OK;
	if (message->nlmsg_type == NLMSG_ERROR)
		return error_read(message);
	return message->nlmsg_type == NLMSG_DONE ? MNL_CB_STOP : MNL_CB_OK;
}

int mnl_cb_run(const void *buffer, size_t size, unsigned sequence, unsigned portid, mnl_cb_t visit, void *data)
{
	const struct nlmsghdr *message = buffer;
	int left = (int)size, code = MNL_CB_OK;

	while (mnl_nlmsg_ok(message, left)) {
		int why = message_check(message, sequence, portid);

		if (why) {
			errno = why;
			return MNL_CB_ERROR;
		}
		code = message_handle(message, visit, data);
		if (code <= MNL_CB_STOP)
			break;
		message = mnl_nlmsg_next(message, &left);
	}
	return code;
}

struct mnl_socket *mnl_socket_open2(int bus, int flags)
{
	struct mnl_socket *netlink = calloc(1, sizeof *netlink);

	if (!netlink)
		return NULL;
	netlink->fd = socket(AF_NETLINK, SOCK_RAW | flags, bus);
	if (netlink->fd >= 0)
		return netlink;
	free(netlink);
	return NULL;
}

int mnl_socket_bind(struct mnl_socket *netlink, unsigned groups, pid_t pid)
{
	struct sockaddr *address = (struct sockaddr *)&netlink->address;
	socklen_t size = sizeof netlink->address;

	netlink->address = (struct sockaddr_nl){.nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = (uint32_t)pid};
	if (bind(netlink->fd, address, size) || getsockname(netlink->fd, address, &size))
		return -1;
	if (size == sizeof netlink->address && netlink->address.nl_family == AF_NETLINK)
		return 0;
	errno = EINVAL;
	return -1;
}

int mnl_socket_close(struct mnl_socket *netlink)
{
	int code = close(netlink->fd);

	free(netlink);
	return code;
}

int mnl_socket_get_fd(const struct mnl_socket *netlink)
{
	return netlink->fd;
}

unsigned mnl_socket_get_portid(const struct mnl_socket *netlink)
{
	return netlink->address.nl_pid;
}

ssize_t mnl_socket_sendto(const struct mnl_socket *netlink, const void *buffer, size_t size)
{
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

	return sendto(netlink->fd, buffer, size, 0, (const struct sockaddr *)&kernel, sizeof kernel);
}

ssize_t mnl_socket_recvfrom(const struct mnl_socket *netlink, void *buffer, size_t size)
{
	struct sockaddr_nl from;
	struct iovec vector = {buffer, size};
	struct msghdr header = {.msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &vector, .msg_iovlen = 1};
	ssize_t n = recvmsg(netlink->fd, &header, 0);

	if (n < 0)
		return n;
	if (header.msg_flags & MSG_TRUNC)
		errno = ENOSPC;
	else if (header.msg_namelen != sizeof from)
		errno = EINVAL;
	else
		return n;
	return -1;
}
