/* Sockets that come from another process: passed by a service manager, or handed over by a predecessor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include "fixture.h"

static struct sockctl_error error;

/* --- from a service manager ----------------------------------------------------------------------------------- */

/* In a child, whose descriptors and environment are its own: fd 3 is a TCP listener, fd 4 a UDP socket. */
static int child_run(int (*body)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		char self[24];
		int tcp = listen_one("127.0.0.1:0", "nodelay,backlog=7"), udp = listen_one("udp:[::1]:0", "");

		snprintf(self, sizeof self, "%d", (int)getpid());
		setenv("LISTEN_PID", self, 1);
		tcp = fcntl(tcp, F_DUPFD, 10), udp = fcntl(udp, F_DUPFD, 10);
		dup2(tcp, 3), dup2(udp, 4), close(5);
		_exit(body());
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int both_are_found(void)
{
	struct sockctl_spec spec = spec_of_text("nodelay,keepalive,backlog=7");
	struct sockctl_named got[3];
	char text[64];

	setenv("LISTEN_FDS", "2", 1);
	setenv("LISTEN_FDNAMES", "web:dns", 1);
	if (sockctl_inherited(got, 3, &error) != 2 || got[0].fd != 3 || strcmp(got[1].name, "dns"))
		return 1;
	if (!(fcntl(3, F_GETFD) & fcntl(4, F_GETFD) & FD_CLOEXEC))
		return 2;
	if (sockctl_audit(got[0].fd, &spec, &report) || verdict_of("nodelay")->outcome != SOCKCTL_GRANTED ||
	    verdict_of("keepalive")->outcome != SOCKCTL_DIFFERS || verdict_of("backlog")->outcome != SOCKCTL_GRANTED)
		return 3;
	if (sockctl_adopt(got[0].fd, &spec, &report) || sockctl_worst(&report) != SOCKCTL_GRANTED)
		return 4;
	if (sockctl_local_address(4, text, sizeof text) < 0 || strncmp(text, "udp:[::1]:", 10))
		return 5;
	return strcmp(getenv("LISTEN_FDNAMES"), "web:dns") ? 6 : 0;
}

static int one_is_missing(void)
{
	struct sockctl_named got[3];

	setenv("LISTEN_FDS", "3", 1);
	unsetenv("LISTEN_FDNAMES");
	if (sockctl_inherited(got, 3, &error) != -EBADF)
		return 1;
	return strcmp(error.subject, "fd 5") != 0;
}

static void a_service_manager_passes_sockets(void **state)
{
	(void)state;
	assert_int_equal(child_run(both_are_found), 0);
	assert_int_equal(child_run(one_is_missing), 0);
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	assert_int_equal(sockctl_inherited(NULL, 0, &error), 0); /* they are another process's */
	unsetenv("LISTEN_PID");
	assert_int_equal(sockctl_inherited(NULL, 0, &error), 0);
}

/* --- from a predecessor --------------------------------------------------------------------------------------- */

static void check_handover(int type)
{
	struct sockctl_named sent[2] = {{.name = "web"}, {.name = ""}}, got[2];
	struct sockaddr_in before, after;
	int channel[2], client, accepted;

	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, channel), 0);
	sent[0].fd = listen_one("127.0.0.1:0", "nodelay");
	sent[1].fd = listen_one("udp:127.0.0.1:0", "");
	before = address_of(sent[0].fd);
	client = connect_with(sent[0].fd, ""); /* it waits in the queue, and goes along */
	assert_int_equal(sockctl_send_listeners(channel[0], sent, 2, &error), 0);
	close(sent[0].fd), close(sent[1].fd);
	assert_int_equal(sockctl_receive_listeners(channel[1], geteuid(), got, 2, &error), 2);
	assert_string_equal(got[0].name, "web");
	assert_string_equal(got[1].name, "");
	after = address_of(got[0].fd);
	assert_int_equal(after.sin_port, before.sin_port);
	assert_true(fcntl(got[0].fd, F_GETFD) & fcntl(got[1].fd, F_GETFD) & FD_CLOEXEC);
	accepted = accept4(got[0].fd, NULL, NULL, SOCK_CLOEXEC);
	assert_int_equal(kernel_value(accepted, IPPROTO_TCP, TCP_NODELAY), 1);
	assert_int_equal(send(client, "x", 1, 0), 1);
	assert_int_equal(recv(accepted, &(char){0}, 1, 0), 1);
	close(client), close(accepted), close(got[0].fd), close(got[1].fd), close(channel[0]), close(channel[1]);
}

static void listeners_go_over_with_their_queue(void **state)
{
	(void)state;
	check_handover(SOCK_STREAM);
	check_handover(SOCK_SEQPACKET);
}

static void as_many_as_one_message_takes(void **state)
{
	static struct sockctl_named sent[SOCKCTL_HANDOVER_MAX + 1], got[SOCKCTL_HANDOVER_MAX];
	int channel[2], fd = listen_one("127.0.0.1:0", "");
	unsigned before = fds_open();
	pid_t sender;

	(void)state;
	for (int i = 0; i <= SOCKCTL_HANDOVER_MAX; i++) {
		sent[i].fd = fd;
		snprintf(sent[i].name, sizeof sent[i].name, "%d", i);
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(sockctl_send_listeners(channel[0], sent, 0, &error), -EINVAL);
	assert_int_equal(sockctl_send_listeners(channel[0], sent, SOCKCTL_HANDOVER_MAX + 1, &error), -EINVAL);
	sender = fork();
	if (!sender)
		_exit(-sockctl_send_listeners(channel[0], sent, SOCKCTL_HANDOVER_MAX, &error));
	assert_int_equal(sockctl_receive_listeners(channel[1], geteuid(), got, SOCKCTL_HANDOVER_MAX, &error),
			 SOCKCTL_HANDOVER_MAX);
	assert_int_equal(waitpid(sender, NULL, 0), sender);
	assert_string_equal(got[SOCKCTL_HANDOVER_MAX - 1].name, "252");
	for (int i = 0; i < SOCKCTL_HANDOVER_MAX; i++)
		close(got[i].fd);
	close(channel[0]), close(channel[1]);
	assert_int_equal(fds_open(), before);
	close(fd);
}

/* Sends `data` with descriptors, as somebody might who is no sockctl; what comes of it at the other end. */
static int receive_of(const void *data, size_t size, const int fds[], unsigned count)
{
	union {
		struct cmsghdr align;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = {.room = ""};
	struct iovec iov = {(void *)(uintptr_t)data, size};
	struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room};
	struct sockctl_named got[2];
	int channel[2], r;

	message.msg_controllen = count ? CMSG_SPACE(count * sizeof(int)) : 0;
	if (count) {
		*CMSG_FIRSTHDR(&message) = (struct cmsghdr){
			.cmsg_len = CMSG_LEN(count * sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&message)), fds, count * sizeof(int));
	}
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(sendmsg(channel[0], &message, 0), size);
	close(channel[0]);
	r = sockctl_receive_listeners(channel[1], SOCKCTL_ANYBODY, got, 2, &error);
	close(channel[1]);
	return r;
}

static void what_is_not_a_handover_leaks_nothing(void **state)
{
	struct {
		char magic[8];
		uint32_t count, name_size;
	} header = {{'s', 'o', 'c', 'k', 'c', 't', 'l', '1'}, 1, SOCKCTL_NAME_MAX + 1};
	unsigned char whole[sizeof header + SOCKCTL_NAME_MAX + 1];
	int fds[4] = {listen_one("127.0.0.1:0", ""), 0, 0, 0};
	unsigned before = fds_open();

	(void)state;
	memcpy(whole, &header, sizeof header);
	memset(whole + sizeof header, 'n', SOCKCTL_NAME_MAX + 1);
	assert_int_equal(receive_of("hello, who is there?", 20, fds, 1), -EPROTO);
	assert_int_equal(receive_of("hello", 5, fds, 1), -ECONNRESET);
	assert_int_equal(receive_of(&header, sizeof header, fds, 0), -EPROTO);     /* no descriptor */
	assert_int_equal(receive_of(&header, sizeof header, fds, 2), -EPROTO);     /* one more than it says */
	assert_int_equal(receive_of(&header, sizeof header, fds, 1), -ECONNRESET); /* the name is missing */
	assert_int_equal(receive_of(whole, sizeof whole, fds, 1), -EPROTO);        /* the name does not end */
	assert_int_equal(receive_of(whole, sizeof whole, fds + 1, 1), -ENOTSOCK);  /* stdin */
	header.count = 3;
	assert_int_equal(receive_of(&header, sizeof header, fds, 3), -E2BIG);
	assert_int_equal(fds_open(), before);
	close(fds[0]);
}

static void another_user_is_refused(void **state)
{
	struct sockctl_named got[1], sent[1] = {{.name = "a"}};
	int channel[2];

	(void)state;
	sent[0].fd = listen_one("127.0.0.1:0", "");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(sockctl_send_listeners(channel[0], sent, 1, &error), 0);
	assert_int_equal(sockctl_receive_listeners(channel[1], geteuid() + 1, got, 1, &error), -EPERM);
	assert_int_equal(sockctl_receive_listeners(channel[1], geteuid(), got, 1, &error), 1); /* nothing was read */
	close(got[0].fd), close(sent[0].fd), close(channel[0]), close(channel[1]);
}

/* The kernel installs what finds room and cuts the rest: all of it is closed again. */
static void too_few_descriptors_take_none(void **state)
{
	struct sockctl_named got[2], sent[2] = {{.name = "a"}, {.name = "b"}};
	struct rlimit before, now;
	int channel[2];
	unsigned open;

	(void)state;
	sent[0].fd = listen_one("127.0.0.1:0", ""), sent[1].fd = listen_one("127.0.0.1:0", "");
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel), 0);
	assert_int_equal(sockctl_send_listeners(channel[0], sent, 2, &error), 0);
	open = fds_open();
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	now = before;
	now.rlim_cur = (rlim_t)channel[1] + 2; /* room for one */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &now), 0);
	assert_int_equal(sockctl_receive_listeners(channel[1], geteuid(), got, 2, &error), -EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(fds_open(), open);
	close(sent[0].fd), close(sent[1].fd), close(channel[0]), close(channel[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_manager_passes_sockets),
		cmocka_unit_test(listeners_go_over_with_their_queue),
		cmocka_unit_test(as_many_as_one_message_takes),
		cmocka_unit_test(what_is_not_a_handover_leaks_nothing),
		cmocka_unit_test(another_user_is_refused),
		cmocka_unit_test(too_few_descriptors_take_none),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
