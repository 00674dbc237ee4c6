/* Requests to unix_diag, and its messages. They may lie: an attribute that is too short is as if it were not there. */
#include "observe/unix_diag.h"
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include "base/error.h"

/* linux/unix_diag.h of 5.3 and later */
enum { SHOW_UID = 0x40, ATTRIBUTE_UID = 8 };

struct dump {
	diag_visit *visit;
	void *arg;
	struct socket_fact socket;
};

/* A path ends at its 0. An abstract name begins with one, has its length, and may hold more of them: each becomes '@'. */
static void name_read(const struct nlattr *attr, struct socket_fact *socket)
{
	size_t length = mnl_attr_get_payload_len(attr);
	const char *name = mnl_attr_get_payload(attr);

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

static void skmem_read(const struct nlattr *attr, struct socket_fact *socket)
{
	unsigned count = mnl_attr_get_payload_len(attr) / sizeof *socket->skmem;

	socket->skmem_count = count < SOCKET_SKMEM ? count : SOCKET_SKMEM;
	memcpy(socket->skmem, mnl_attr_get_payload(attr), socket->skmem_count * sizeof *socket->skmem);
}

static void attribute_read(const struct nlattr *attr, struct socket_fact *socket)
{
	const void *payload = mnl_attr_get_payload(attr);
	size_t size = mnl_attr_get_payload_len(attr);

	switch (mnl_attr_get_type(attr)) {
	case UNIX_DIAG_NAME:
		name_read(attr, socket);
		break;
	case UNIX_DIAG_PEER:
		if (size >= sizeof socket->peer_inode)
			memcpy(&socket->peer_inode, payload, sizeof socket->peer_inode);
		break;
	case UNIX_DIAG_RQLEN:
		if (size >= sizeof(struct unix_diag_rqlen))
			queue_read(payload, socket);
		break;
	case UNIX_DIAG_MEMINFO:
		skmem_read(attr, socket);
		break;
	case UNIX_DIAG_SHUTDOWN:
		if (size) {
			socket->shutdown = *(const uint8_t *)payload;
			socket->known |= KNOWN_SHUTDOWN;
		}
		break;
	case ATTRIBUTE_UID:
		if (size >= sizeof socket->uid) {
			memcpy(&socket->uid, payload, sizeof socket->uid);
			socket->known |= KNOWN_UID;
		}
		break;
	}
}

int unix_diag_parse(const void *payload, size_t size, struct socket_fact *socket)
{
	const struct unix_diag_msg *message = payload;
	const struct nlattr *attr;
	const void *attrs = (const char *)payload + MNL_ALIGN(sizeof *message);

	if (size < MNL_ALIGN(sizeof *message))
		return -EPROTO;
	memset(socket, 0, sizeof *socket);
	socket->family = AF_UNIX;
	socket->type = message->udiag_type;
	socket->state = message->udiag_state;
	socket->inode = message->udiag_ino;
	socket->cookie = message->udiag_cookie[0] | (uint64_t)message->udiag_cookie[1] << 32;
	socket->known = KNOWN_PEER; /* no attribute: no peer */
	mnl_attr_for_each_payload(attrs, size - MNL_ALIGN(sizeof *message)) attribute_read(attr, socket);
	return 0;
}

static int message_visit(void *arg, const void *payload, size_t size)
{
	struct dump *dump = arg;

	return unix_diag_parse(payload, size, &dump->socket) ? 0 : dump->visit(dump->arg, &dump->socket);
}

/* Not UDIAG_SHOW_ICONS: a listener with thousands of them waiting does not fit a message, and the kernel ends the dump there
 * as if nothing were left. */
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
		return error_set(error, code, "sock_diag", "unix sockets",
				 "this kernel lacks unix_diag (CONFIG_UNIX_DIAG)");
	return code < 0 ? error_set(error, code, "sock_diag", "unix sockets", NULL) : code;
}
