/* The static program's own calls of libmnl against the real ones: the same bytes, the same answers of the kernel. What they make
 * of any bytes is compared by tests/fuzz/mnl.c. */
#include "../mnl_calls.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct mnl_calls *real;

enum { MESSAGE_BYTES = 512 };

/* Every kind of attribute, in lengths that need padding and in those that do not. */
static void message_build(const struct mnl_calls *calls, char buffer[MESSAGE_BYTES])
{
	struct nlmsghdr *message;
	struct nlattr *outer, *inner;

	/* libmnl zeroes both headers, but the padding of attributes since 1.0.5 only. */
	memset(buffer, 0, MESSAGE_BYTES);
	memset(buffer, 0x5a, MNL_NLMSG_HDRLEN + 8);
	message = calls->mnl_nlmsg_put_header(buffer);
	memset(calls->mnl_nlmsg_put_extra_header(message, 7), 1, 7);
	outer = calls->mnl_attr_nest_start(message, 18);
	calls->mnl_attr_put_u8(message, 1, 0xab);
	calls->mnl_attr_put_u32(message, 2, 0xdeadbeef);
	inner = calls->mnl_attr_nest_start(message, 3);
	for (size_t size = 0; size < 9; size++)
		calls->mnl_attr_put(message, (uint16_t)size, size, "12345678");
	calls->mnl_attr_nest_end(message, inner);
	calls->mnl_attr_put_strz(message, 4, "");
	calls->mnl_attr_put_strz(message, 5, "veth");
	calls->mnl_attr_nest_end(message, outer);
}

static void builds_the_same(void **state)
{
	char ours[MESSAGE_BYTES], theirs[MESSAGE_BYTES];

	(void)state;
	message_build(&mnl_own, ours);
	message_build(real, theirs);
	assert_int_equal(((struct nlmsghdr *)(void *)ours)->nlmsg_len, ((struct nlmsghdr *)(void *)theirs)->nlmsg_len);
	assert_memory_equal(ours, theirs, MESSAGE_BYTES);
}

/* An answer to a question about one interface: its length or -errno, and what running it comes to. */
struct answer {
	int code, error, index;
};

static int index_visit(const struct nlmsghdr *message, void *data)
{
	const struct ifinfomsg *link = NLMSG_DATA(message);

	*(int *)data = link->ifi_index;
	return MNL_CB_OK;
}

static struct mnl_socket *netlink_open(const struct mnl_calls *calls)
{
	struct mnl_socket *netlink = calls->mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);

	assert_non_null(netlink);
	assert_int_equal(calls->mnl_socket_bind(netlink, 0, MNL_SOCKET_AUTOPID), 0);
	return netlink;
}

static void link_ask(const struct mnl_calls *calls, struct mnl_socket *netlink, unsigned index)
{
	char buffer[MESSAGE_BYTES];
	struct nlmsghdr *message = calls->mnl_nlmsg_put_header(buffer);
	struct ifinfomsg *link;

	message->nlmsg_type = RTM_GETLINK;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	message->nlmsg_seq = 7;
	link = calls->mnl_nlmsg_put_extra_header(message, sizeof *link);
	link->ifi_index = (int)index;
	assert_int_equal(calls->mnl_socket_sendto(netlink, message, message->nlmsg_len), message->nlmsg_len);
}

static struct answer link_read(const struct mnl_calls *calls, unsigned index, unsigned sequence, unsigned port_offset)
{
	char buffer[8192];
	struct answer answer = {.index = -1};
	struct mnl_socket *netlink = netlink_open(calls);
	ssize_t n;

	link_ask(calls, netlink, index);
	n = calls->mnl_socket_recvfrom(netlink, buffer, sizeof buffer);
	assert_true(n > 0);
	errno = 0;
	answer.code = calls->mnl_cb_run(buffer, (size_t)n, sequence,
					calls->mnl_socket_get_portid(netlink) + port_offset, index_visit,
					&answer.index);
	answer.error = errno;
	assert_int_equal(calls->mnl_socket_close(netlink), 0);
	return answer;
}

static void kernel_answers_the_same(void **state)
{
	static const struct {
		unsigned index, sequence, port_offset;
		int code, error;
	} rows[] = {
		{1, 7, 0, MNL_CB_OK, 0},
		{1, 0, 0, MNL_CB_OK, 0},
		{1, 8, 0, MNL_CB_ERROR, EPROTO},
		{1, 7, 1, MNL_CB_ERROR, ESRCH},
		{0x7ffffff0, 7, 0, MNL_CB_ERROR, ENODEV},
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct answer ours = link_read(&mnl_own, rows[i].index, rows[i].sequence, rows[i].port_offset);
		struct answer theirs = link_read(real, rows[i].index, rows[i].sequence, rows[i].port_offset);

		assert_memory_equal(&ours, &theirs, sizeof ours);
		assert_int_equal(ours.code, rows[i].code);
		assert_int_equal(ours.error, rows[i].error);
	}
}

static void short_buffer(const struct mnl_calls *calls)
{
	char buffer[20];
	struct mnl_socket *netlink = netlink_open(calls);

	link_ask(calls, netlink, 1);
	errno = 0;
	assert_int_equal(calls->mnl_socket_recvfrom(netlink, buffer, sizeof buffer), -1);
	assert_int_equal(errno, ENOSPC);
	calls->mnl_socket_close(netlink);
}

static void a_cut_answer_is_an_error(void **state)
{
	(void)state;
	short_buffer(&mnl_own);
	short_buffer(real);
}

static void socket_properties(const struct mnl_calls *calls)
{
	struct mnl_socket *netlink = netlink_open(calls), *second;
	struct sockaddr_nl address;
	socklen_t size = sizeof address;
	int fd = calls->mnl_socket_get_fd(netlink);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	assert_int_equal(calls->mnl_socket_get_portid(netlink), address.nl_pid);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	second = calls->mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	assert_non_null(second);
	errno = 0;
	assert_int_equal(calls->mnl_socket_bind(second, 0, (pid_t)address.nl_pid), -1);
	assert_int_equal(errno, EADDRINUSE);
	calls->mnl_socket_close(second);
	calls->mnl_socket_close(netlink);
	errno = 0;
	assert_null(calls->mnl_socket_open2(31, 0));
	assert_int_equal(errno, EPROTONOSUPPORT);
}

static void sockets_are_the_same(void **state)
{
	(void)state;
	socket_properties(&mnl_own);
	socket_properties(real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_same),
		cmocka_unit_test(kernel_answers_the_same),
		cmocka_unit_test(a_cut_answer_is_an_error),
		cmocka_unit_test(sockets_are_the_same),
	};

	real = mnl_real();
	if (!real) {
		printf("Bail out! no libmnl.so.0 to compare with, or it is not the real one\n");
		return 1;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
