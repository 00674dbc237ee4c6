/* Sockets on their way to another process: one message with the descriptors, then a name of fixed size for each. So it
 * goes over stream and seqpacket alike, and nothing of the sender's is trusted before it was counted. */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include "base/error.h"
#include "sockctl.h"

struct header {
	char magic[8];
	uint32_t count, name_size;
};
static const struct header greeting = {{'s', 'o', 'c', 'k', 'c', 't', 'l', '1'}, 0, SOCKCTL_NAME_MAX + 1};

/* Room for all the descriptors that one message can have (net/core/scm.h, SCM_MAX_FD), and for SCM_CREDENTIALS, which
 * comes unasked to a socket with SO_PASSCRED. */
union control {
	struct cmsghdr align;
	char room[CMSG_SPACE(SOCKCTL_HANDOVER_MAX * sizeof(int)) + CMSG_SPACE(sizeof(struct ucred))];
};

struct parcel { /* what has come */
	int fd[SOCKCTL_HANDOVER_MAX];
	unsigned count;
};

static int handover_refuse(struct sockctl_error *error, int code, const char *op, const char *why)
{
	return error_set(error, code, op, "listeners", "%s%s%s", strerror(-code), why ? "; " : "", why ? why : "");
}

static int rest_send(int channel, const char *data, size_t size)
{
	while (size) {
		ssize_t n = send(channel, data, size, MSG_NOSIGNAL);

		if (n < 0 && errno != EINTR)
			return -errno;
		data += n < 0 ? 0 : n;
		size -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static int rest_receive(int channel, char *data, size_t size)
{
	while (size) {
		ssize_t n = recv(channel, data, size, 0);

		if (!n)
			return -ECONNRESET;
		if (n < 0 && errno != EINTR)
			return -errno;
		data += n < 0 ? 0 : n;
		size -= n < 0 ? 0 : (size_t)n;
	}
	return 0;
}

static int descriptors_send(int channel, const struct sockctl_named sockets[], unsigned count)
{
	struct header header = greeting;
	struct iovec data = {&header, sizeof header};
	union control control = {.room = ""};
	struct msghdr message = {
		.msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)),
	};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	ssize_t n;

	header.count = count;
	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(count * sizeof(int));
	for (unsigned i = 0; i < count; i++)
		memcpy(CMSG_DATA(rights) + i * sizeof(int), &sockets[i].fd, sizeof(int));
	do
		n = sendmsg(channel, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : rest_send(channel, (const char *)&header + n, sizeof header - (size_t)n);
}

int sockctl_send_listeners(int channel, const struct sockctl_named sockets[], unsigned count,
			   struct sockctl_error *error)
{
	int r;

	if (!count || count > SOCKCTL_HANDOVER_MAX)
		return handover_refuse(error, -EINVAL, "send", "1 to 253 sockets go in one message");
	for (unsigned i = 0; i < count; i++)
		if (!memchr(sockets[i].name, 0, sizeof sockets[i].name))
			return handover_refuse(error, -EINVAL, "send", "a name does not end");
	r = descriptors_send(channel, sockets, count);
	for (unsigned i = 0; !r && i < count; i++) {
		char name[SOCKCTL_NAME_MAX + 1] = ""; /* nothing of the caller's memory behind the name */

		memcpy(name, sockets[i].name, strlen(sockets[i].name));
		r = rest_send(channel, name, sizeof name);
	}
	return r ? handover_refuse(error, r, "send", NULL) : 0;
}

static void parcel_close(const struct parcel *parcel)
{
	for (unsigned i = 0; i < parcel->count; i++)
		close(parcel->fd[i]);
}

static void rights_take(struct msghdr *message, struct parcel *parcel)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		memcpy(parcel->fd, CMSG_DATA(c), count * sizeof(int)); /* the kernel makes one of all */
		parcel->count = (unsigned)count;
	}
}

static int header_check(const struct header *header, const struct parcel *parcel, unsigned max,
			struct sockctl_error *error)
{
	if (memcmp(header->magic, greeting.magic, sizeof header->magic) || header->name_size != greeting.name_size ||
	    !header->count || header->count != parcel->count)
		return handover_refuse(error, -EPROTO, "receive", "this is not what sockctl_send_listeners sends");
	if (header->count > max)
		return handover_refuse(error, -E2BIG, "receive", "more of them than the caller has room for");
	return 0;
}

static int descriptors_receive(int channel, struct parcel *parcel, unsigned max, struct sockctl_error *error)
{
	struct header header = {0};
	struct iovec data = {&header, sizeof header};
	union control control;
	struct msghdr message = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
	ssize_t n;
	int r;

	do
		n = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return handover_refuse(error, -errno, "receive", NULL);
	rights_take(&message, parcel);
	if (message.msg_flags & MSG_CTRUNC)
		return handover_refuse(error, -EMFILE, "receive", "not all descriptors found room: RLIMIT_NOFILE");
	r = n ? rest_receive(channel, (char *)&header + n, sizeof header - (size_t)n) : -ECONNRESET;
	if (r)
		return handover_refuse(error, r, "receive", "the sender is gone");
	return header_check(&header, parcel, max, error);
}

static int sockets_check(const struct parcel *parcel, struct sockctl_error *error)
{
	for (unsigned i = 0; i < parcel->count; i++) {
		int type;
		socklen_t length = sizeof type;

		if (getsockopt(parcel->fd[i], SOL_SOCKET, SO_TYPE, &type, &length))
			return handover_refuse(error, -errno, "receive", "what came is not a socket");
	}
	return 0;
}

static int names_receive(int channel, struct sockctl_named sockets[], unsigned count, struct sockctl_error *error)
{
	for (unsigned i = 0; i < count; i++) {
		int r = rest_receive(channel, sockets[i].name, sizeof sockets[i].name);

		if (r)
			return handover_refuse(error, r, "receive", "the names did not come");
		if (sockets[i].name[SOCKCTL_NAME_MAX])
			return handover_refuse(error, -EPROTO, "receive", "a name does not end");
	}
	return 0;
}

static int sender_check(int channel, uid_t from, struct sockctl_error *error)
{
	struct ucred sender;
	socklen_t length = sizeof sender;

	if (from == SOCKCTL_ANYBODY)
		return 0;
	if (getsockopt(channel, SOL_SOCKET, SO_PEERCRED, &sender, &length))
		return handover_refuse(error, -errno, "receive", "a connected Unix socket is needed");
	return sender.uid == from ? 0 : handover_refuse(error, -EPERM, "receive", "the sender is of another user");
}

int sockctl_receive_listeners(int channel, uid_t from, struct sockctl_named sockets[], unsigned max,
			      struct sockctl_error *error)
{
	struct parcel parcel = {.count = 0};
	int r = sender_check(channel, from, error);

	if (r)
		return r;
	r = descriptors_receive(channel, &parcel, max, error);
	if (!r)
		r = sockets_check(&parcel, error);
	if (!r)
		r = names_receive(channel, sockets, parcel.count, error);
	if (r) {
		parcel_close(&parcel);
		return r;
	}
	for (unsigned i = 0; i < parcel.count; i++)
		sockets[i].fd = parcel.fd[i];
	return (int)parcel.count;
}
