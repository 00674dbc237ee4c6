/* A walk over sockets whose kernel does not answer as it should: the calls that talk to sock_diag are ours, and fail as
 * we say. What came is shown, and that something is missing is told. */
#include <errno.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "namespace.h"
#include "observe/sockets.h"

enum fault { NONE, LACKING, TRUNCATED, OVERRUN, SILENT, NO_MEMORY };

static enum fault fault;
static uint8_t of_protocol; /* whose requests it befalls; 0: all */
static bool befalls;        /* the request that was sent last */
static uint32_t sequence;

/* --- the kernel, as it is and as it may be ----------------------------------------------------------------------- */

ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
{
	const struct nlmsghdr *header = message->msg_iov[0].iov_base;
	const uint8_t *request = message->msg_iov[1].iov_base;
	uint8_t protocol = header->nlmsg_type == SOCK_DIAG_BY_FAMILY ? request[1] : IPPROTO_TCP;

	sequence = header->nlmsg_seq;
	befalls = !of_protocol || of_protocol == protocol;
	return syscall(SYS_sendmsg, fd, message, flags);
}

static ssize_t refusal_put(struct msghdr *message, int code)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} refusal = {{sizeof refusal, NLMSG_ERROR, 0, sequence, 0}, {.error = code}};

	memset(message->msg_name, 0, message->msg_namelen);
	memcpy(message->msg_iov->iov_base, &refusal, sizeof refusal);
	message->msg_flags = 0;
	return sizeof refusal;
}

ssize_t recvmsg(int fd, struct msghdr *message, int flags)
{
	ssize_t n;

	switch (befalls ? fault : NONE) {
	case LACKING:
		return refusal_put(message, -ENOENT);
	case NO_MEMORY:
		return refusal_put(message, -ENOMEM);
	case OVERRUN:
		errno = ENOBUFS;
		return -1;
	case SILENT:
		errno = EAGAIN;
		return -1;
	default:
		n = syscall(SYS_recvmsg, fd, message, flags);
		message->msg_flags |= befalls && fault == TRUNCATED && n >= 0 ? MSG_TRUNC : 0;
		return n;
	}
}

int poll(struct pollfd fds[], nfds_t count, int timeout_ms)
{
	struct timespec timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000000l};

	if (befalls && fault == SILENT)
		return 0; /* as if the time had passed */
	return (int)syscall(SYS_ppoll, fds, count, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}

/* --- a TCP listener and a UDP socket ----------------------------------------------------------------------------- */

struct seen {
	unsigned tcp, udp;
	int answer;
};

static int socket_see(void *arg, const struct socket_fact *socket)
{
	struct seen *seen = arg;

	seen->tcp += socket->protocol == IPPROTO_TCP;
	seen->udp += socket->protocol == IPPROTO_UDP;
	return seen->answer;
}

static int walk(const struct sockets_query *query, struct seen *seen, struct sockets_outcome *outcome,
		struct sockctl_error *error)
{
	seen->tcp = seen->udp = 0;
	*error = (struct sockctl_error){0};
	return sockets_walk(query, socket_see, seen, outcome, error);
}

static const struct sockets_query both = {.tcp = true, .udp = true, .states = UINT32_MAX};

static void fail_with(enum fault which, uint8_t protocol)
{
	fault = which;
	of_protocol = protocol;
}

static void nothing_fails(void **state)
{
	struct sockets_outcome outcome;
	struct sockctl_error error;
	struct seen seen = {0};

	(void)state;
	fail_with(NONE, 0);
	assert_int_equal(walk(&both, &seen, &outcome, &error), 0);
	assert_true(outcome.complete && !*outcome.why);
	assert_int_equal(seen.tcp, 1);
	assert_int_equal(seen.udp, 1);
}

static void one_table_fails_and_the_other_is_shown(void **state)
{
	static const struct {
		enum fault fault;
		const char *why;
	} cases[] = {{LACKING, "udp_diag"},
		     {TRUNCATED, "No space left"},
		     {OVERRUN, "No buffer space"},
		     {SILENT, "timed out"},
		     {NO_MEMORY, "Cannot allocate memory"}};

	(void)state;
	for (unsigned i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
		bool udp = i % 2 == 0;
		struct sockets_outcome outcome;
		struct sockctl_error error;
		struct seen seen = {0};

		fail_with(cases[i / 2].fault, udp ? IPPROTO_UDP : IPPROTO_TCP);
		assert_int_equal(walk(&both, &seen, &outcome, &error), 0);
		assert_int_equal(error.code, 0);
		assert_int_equal(seen.tcp, udp);
		assert_int_equal(seen.udp, !udp);
		assert_int_equal(outcome.shown, 1);
		assert_false(outcome.complete);
		if (udp && !strstr(outcome.why, cases[i / 2].why))
			fail_msg("%u: %s", i, outcome.why);
	}
}

static void nothing_at_all_is_an_error(void **state)
{
	struct sockets_outcome outcome;
	struct sockctl_error error;
	struct seen seen = {0};

	(void)state;
	fail_with(LACKING, 0);
	assert_int_equal(walk(&both, &seen, &outcome, &error), -EOPNOTSUPP);
	assert_non_null(strstr(error.hint, "tcp_diag"));
	fail_with(NO_MEMORY, 0);
	assert_int_equal(walk(&both, &seen, &outcome, &error), -ENOMEM);
	assert_int_equal(error.code, -ENOMEM);
}

/* Whatever it says: -ETIMEDOUT and -EOPNOTSUPP would mean something else from the kernel. */
static void the_visitors_word_is_the_last(void **state)
{
	static const int answers[] = {1, 42, -ETIMEDOUT, -EOPNOTSUPP, -ENOENT, -EIO};

	(void)state;
	fail_with(NONE, 0);
	for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++) {
		struct seen seen = {.answer = answers[i]};
		struct sockets_outcome outcome;
		struct sockctl_error error;

		assert_int_equal(walk(&both, &seen, &outcome, &error), answers[i]);
		assert_int_equal(error.code, 0);
		assert_int_equal(seen.tcp + seen.udp, 1);
		assert_true(outcome.complete);
	}
}

/* In a child, which may have no more files: its own namespace cannot be opened. */
static int walk_without_files(const struct netns_list *list)
{
	struct sockets_query query = both;
	struct rlimit none = {3, 3};
	struct sockets_outcome outcome;
	struct sockctl_error error;
	struct seen seen = {0};

	query.netns = list;
	for (int fd = 0; fd < 3; fd++)
		dup2(2, fd);
	setrlimit(RLIMIT_NOFILE, &none);
	return walk(&query, &seen, &outcome, &error) == -EMFILE && error.code == -EMFILE && *error.op && *error.hint ?
		       0 :
		       1;
}

static void what_ends_the_walk_at_home_is_told(void **state)
{
	struct sockctl_error error;
	struct netns_list *list;
	char self[32];
	int status;
	pid_t child;

	(void)state;
	fail_with(NONE, 0);
	snprintf(self, sizeof self, "pid:%d", (int)getpid());
	assert_int_equal(netns_find(&list, self, &error), 0);
	child = fork();
	if (!child)
		_exit(walk_without_files(list));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	netns_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_fails),
		cmocka_unit_test(one_table_fails_and_the_other_is_shown),
		cmocka_unit_test(nothing_at_all_is_an_error),
		cmocka_unit_test(the_visitors_word_is_the_last),
		cmocka_unit_test(what_ends_the_walk_at_home_is_told),
	};
	int tcp, udp, r;

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespace\n");
		return 0;
	}
	tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (listen(tcp, 1) ||
	    bind(udp, (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET}, sizeof(struct sockaddr_in)))
		return 1;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	close(tcp), close(udp);
	return r;
}
