/* Messages over a socket pair. */
#include "run/channel.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

union passed { /* room for one descriptor, aligned as the kernel wants it */
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

int channel_open(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) ? -errno : 0;
}

void channel_send(int channel, enum message_kind kind, int value, int fd)
{
	struct message message = {kind, value};
	struct iovec data = {&message, sizeof message};
	union passed passed = {
		.header = {.cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)}};
	struct msghdr packet = {.msg_iov = &data, .msg_iovlen = 1};

	if (fd >= 0) {
		memcpy(CMSG_DATA(&passed.header), &fd, sizeof fd);
		packet.msg_control = &passed;
		packet.msg_controllen = sizeof passed;
	}
	/* A partner that cannot be told has died, which the next poll shows; one that was stopped must not stop us. */
	sendmsg(channel, &packet, MSG_NOSIGNAL | MSG_DONTWAIT);
}

bool channel_receive(int channel, struct message *ret, int *ret_fd)
{
	struct iovec data = {ret, sizeof *ret};
	union passed passed = {0};
	struct msghdr packet = {
		.msg_iov = &data, .msg_iovlen = 1, .msg_control = &passed, .msg_controllen = sizeof passed};
	ssize_t size = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC);

	while (size < 0 && errno == EINTR)
		size = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC);
	if (ret_fd)
		*ret_fd = -1;
	if (size != sizeof *ret)
		return false;
	if (ret_fd && packet.msg_controllen >= CMSG_LEN(sizeof(int)) && passed.header.cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(&passed.header), sizeof *ret_fd);
	return true;
}
