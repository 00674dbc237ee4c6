/* Unix sockets as they are told: names, peers, queues; and filters over them, which answer as those of ss. */
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "look.h"
#include "namespace.h"

static int unix_bound(int type, const char *name, size_t length)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0 && length <= sizeof address.sun_path);
	memcpy(address.sun_path, name, length);
	assert_int_equal(
		bind(fd, (struct sockaddr *)&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)), 0);
	return fd;
}

static int unix_connected(int type, int listener)
{
	struct sockaddr_un address;
	socklen_t length = sizeof address;
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, length), 0);
	return fd;
}

static const struct sockets_query unix_query = {.unix_sockets = true, .states = UINT32_MAX, .owners = true};

static void unix_listeners(void **state)
{
	int listener = unix_bound(SOCK_STREAM, "\0facts\0\033[1m!", 12), clients[3];
	static struct look seen;

	(void)state;
	assert_int_equal(listen(listener, 7), 0);
	for (unsigned i = 0; i < 3; i++)
		clients[i] = unix_connected(SOCK_STREAM, listener);
	look_for(listener, &unix_query, &seen);
	assert_int_equal(seen.fact.family, AF_UNIX);
	assert_int_equal(seen.fact.protocol, 0);
	assert_int_equal(seen.fact.type, SOCK_STREAM);
	assert_int_equal(seen.fact.state, TCP_LISTEN);
	assert_true(seen.fact.abstract);
	assert_string_equal(seen.fact.path, "@facts@\033[1m!");
	assert_true(seen.fact.known & KNOWN_QUEUE);
	assert_int_equal(seen.fact.queue, 3);
	assert_int_equal(seen.fact.queue_limit, 7);
	assert_true(seen.fact.known & KNOWN_PEER);
	assert_int_equal(seen.fact.peer_inode, 0);
	assert_true(seen.fact.known & KNOWN_UID); /* since Linux 5.3 */
	assert_int_equal(seen.fact.uid, geteuid());
	assert_int_equal(seen.fact.owners_count, 1);
	assert_int_equal(seen.owner.pid, getpid());
	assert_int_equal(seen.owner.fd, listener);
	for (unsigned i = 0; i < 3; i++)
		close(clients[i]);
	close(listener);
}

static void unix_pairs(void **state)
{
	static struct look left, right;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(send(pair[0], "hello", 5, 0), 5);
	assert_int_equal(shutdown(pair[0], SHUT_RD), 0);
	look_for(pair[0], &unix_query, &left);
	look_for(pair[1], &unix_query, &right);
	assert_int_equal(left.fact.peer_inode, right.fact.inode);
	assert_int_equal(right.fact.peer_inode, left.fact.inode);
	assert_int_equal(right.fact.type, SOCK_SEQPACKET);
	assert_int_equal(right.fact.state, TCP_ESTABLISHED);
	assert_true(right.fact.rqueue_bytes >= 5);
	assert_int_equal(left.fact.shutdown, SHUTDOWN_RECEIVE);
	assert_string_equal(left.fact.path, "");
	assert_int_equal(left.fact.skmem_count, SOCKET_SKMEM);
	close(pair[0]), close(pair[1]);
}

struct counted {
	unsigned count;
};

static int count(void *arg, const struct socket_fact *fact)
{
	struct counted *counted = arg;

	(void)fact;
	counted->count++;
	return 0;
}

static unsigned matching(const char *text)
{
	static struct filter filter;
	struct sockets_query query = unix_query;
	struct sockets_outcome outcome;
	struct counted counted = {0};
	struct sockctl_error error;

	if (filter_parse(&filter, text, NULL, &error))
		fail_msg("%s: %s: %s", text, error.subject, error.hint);
	query.filter = &filter;
	assert_int_equal(sockets_walk(&query, count, &counted, &outcome, &error), 0);
	assert_true(outcome.complete);
	return counted.count;
}

static void unix_filters(void **state)
{
	char path[] = "/tmp/facts-XXXXXX", name[64], text[128];
	int abstract = unix_bound(SOCK_STREAM, "\0facts-one", 10), file;

	(void)state;
	assert_non_null(mkdtemp(path));
	snprintf(name, sizeof name, "%s/socket", path);
	file = unix_bound(SOCK_DGRAM, name, strlen(name) + 1);
	assert_int_equal(listen(abstract, 1), 0);
	assert_int_equal(matching("src unix:@facts-one"), 1);
	assert_int_equal(matching("src = unix:@FACTS-*"), 1);
	snprintf(text, sizeof text, "src unix:%s/*", path);
	assert_int_equal(matching(text), 1);
	assert_int_equal(matching("state listening and src unix:*facts*"), 1);
	assert_int_equal(matching("src unix:*facts* and sport = :1"), 0);
	snprintf(text, sizeof text, "src unix:*facts* and pid eq %d", getpid());
	assert_int_equal(matching(text), 2);
	assert_int_equal(matching("src unix:*"), 2 + matching("src unix:"));
	close(abstract), close(file);
	unlink(name), rmdir(path);
}

/* How many ss shows; -1 without it. */
static int matching_ss(const char *text)
{
	char command[200], line[512];
	FILE *pipe;
	int lines = 0, status;

	snprintf(command, sizeof command, "set -f; ss -xaH %s", text);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	while (fgets(line, sizeof line, pipe))
		lines++;
	status = pclose(pipe);
	return WIFEXITED(status) && !WEXITSTATUS(status) ? lines : -1;
}

static void unix_filters_answer_as_ss(void **state)
{
	static const char *const filters[] = {"",
					      "src unix:*",
					      "src unix:",
					      "src unix:@facts*",
					      "src unix:@FACTS-two@x",
					      "not src unix:@facts*",
					      "state listening",
					      "state established",
					      "exclude listening src unix:@facts*",
					      "src unix:@facts-one or src unix:*two*",
					      "src unix:@facts-on?",
					      "sport = :1",
					      "src 127.0.0.1"};
	int one = unix_bound(SOCK_STREAM, "\0facts-one", 10), two = unix_bound(SOCK_DGRAM, "\0facts-two\0x", 12),
	    pair[2];
	unsigned some = 0;

	(void)state;
	if (matching_ss("") < 0) {
		close(one), close(two);
		printf("skip: no ss (iproute2) to compare with\n");
		skip();
	}
	assert_int_equal(listen(one, 3), 0);
	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair), 0);
	for (unsigned i = 0; i < sizeof filters / sizeof *filters; i++) {
		int theirs = matching_ss(filters[i]), ours = (int)matching(filters[i]);

		if (theirs != ours)
			fail_msg("%s: ss has %d, we %d", filters[i], theirs, ours);
		some += ours > 0;
	}
	assert_true(some >= 10);
	close(one), close(two), close(pair[0]), close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unix_listeners),
		cmocka_unit_test(unix_pairs),
		cmocka_unit_test(unix_filters),
		cmocka_unit_test(unix_filters_answer_as_ss),
	};

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
