/* Requests to unix_diag, and its messages. They may lie: an attribute that is too short is as if it were not there. */
#include "observe/unix_diag.h"
#include <errno.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "base/error.h"
#include "observe/attribute.h"

/* linux/unix_diag.h of 5.3 and later */
enum { SHOW_UID = 0x40, ATTRIBUTE_UID = 7 };

struct dump {
	diag_visit *visit;
	void *arg;
	struct socket_fact socket;
};

/* A path ends at its 0. An abstract name begins with one, has its length, and may hold more of them: each becomes
 * '@'. */
static void name_read(const struct attribute *attr, struct socket_fact *socket)
{
	size_t length = attr->size;
	const char *name = attr->payload;

	length = length < SOCKET_PATH ? length : SOCKET_PATH;
	socket->abstract = length && !*name;
	if (!socket->abstract)
		length = strnlen(name, length);
	memcpy(socket->path, name, length);
	socket->path[length] = 0;
	for (size_t i = 0; i < length; i++)
		if (!socket->path[i])
			socket->path[i] = '@';
}

static void queue_read(const struct unix_diag_rqlen *length, struct socket_fact *socket)
{
	if (socket->state == TCP_LISTEN) {
		socket->queue = length->udiag_rqueue;
		socket->queue_limit = length->udiag_wqueue;
		socket->known |= KNOWN_QUEUE;
	} else {
		socket->rqueue_bytes = length->udiag_rqueue;
		socket->wqueue_bytes = length->udiag_wqueue;
	}
}

static void attribute_read(const struct attribute *attr, struct socket_fact *socket)
{
	switch (attr->type) {
	case UNIX_DIAG_NAME:
		name_read(attr, socket);
		break;
	case UNIX_DIAG_PEER:
		attribute_copy(attr, &socket->peer_inode, sizeof socket->peer_inode);
		break;
	case UNIX_DIAG_RQLEN:
		if (attr->size >= sizeof(struct unix_diag_rqlen))
			queue_read(attr->payload, socket);
		break;
	case UNIX_DIAG_MEMINFO:
		socket->skmem_count = attribute_numbers(attr, socket->skmem, SOCKET_SKMEM);
		break;
	case UNIX_DIAG_SHUTDOWN:
		if (attribute_copy(attr, &socket->shutdown, sizeof socket->shutdown))
			socket->known |= KNOWN_SHUTDOWN;
		break;
	case ATTRIBUTE_UID:
		if (attribute_copy(attr, &socket->uid, sizeof socket->uid))
			socket->known |= KNOWN_UID;
		break;
	}
}

int unix_diag_parse(const void *payload, size_t size, struct socket_fact *socket)
{
	const struct unix_diag_msg *message = payload;
	const char *end = (const char *)payload + size, *at = (const char *)payload + NLMSG_ALIGN(sizeof *message);
	struct attribute attr;

	if (size < NLMSG_ALIGN(sizeof *message))
		return -EPROTO;
	memset(socket, 0, sizeof *socket);
	socket->family = AF_UNIX;
	socket->type = message->udiag_type;
	socket->state = message->udiag_state;
	socket->inode = message->udiag_ino;
	socket->cookie = message->udiag_cookie[0] | (uint64_t)message->udiag_cookie[1] << 32;
	socket->known = KNOWN_PEER; /* no attribute: no peer */
	while (attribute_next(&at, end, &attr))
		attribute_read(&attr, socket);
	return 0;
}

static int message_visit(void *arg, const void *payload, size_t size)
{
	struct dump *dump = arg;

	return unix_diag_parse(payload, size, &dump->socket) ? 0 : dump->visit(dump->arg, &dump->socket);
}

/* Not UDIAG_SHOW_ICONS: a listener with thousands of them waiting does not fit a message, and the kernel ends the
 * dump there as if nothing were left. */
int unix_diag_dump(struct netlink *netlink, uint32_t states, diag_visit *visit, void *arg, struct sockctl_error *error)
{
	struct unix_diag_req request = {
		.sdiag_family = AF_UNIX,
		.udiag_states = states ? states : UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_PEER | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO | SHOW_UID,
	};
	const struct iovec piece = {&request, sizeof request};
	struct dump dump = {.visit = visit, .arg = arg};
	int code = netlink_ask(netlink, SOCK_DIAG_BY_FAMILY, &piece, 1);

	code = code ? code : netlink_answer(netlink, message_visit, &dump);
	if (code == -ENOENT)
		return error_set(error, -EOPNOTSUPP, "sock_diag", "unix sockets",
				 "this kernel lacks unix_diag (CONFIG_UNIX_DIAG)");
	return code < 0 ? error_set(error, code, "sock_diag", "unix sockets", NULL) : code;
}
