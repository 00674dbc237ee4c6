/* Sockets of other network namespaces: each with the namespace that it is in, the thread back where it was, and
 * refusals that say what is missing. As root, or as root of a user namespace. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <netinet/in.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "namespace.h"
#include "observe/sockets.h"

/* A process in a namespace of its own, with one listener on a port. */
struct neighbour {
	pid_t pid;
	uint16_t port;
	uint64_t inode;
};

static uint64_t inode_of(const char *path)
{
	struct stat status;

	assert_int_equal(stat(path, &status), 0);
	return status.st_ino;
}

static uint16_t port_open(int *ret)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t length = sizeof address;

	*ret = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*ret < 0 || bind(*ret, (struct sockaddr *)&address, length) || listen(*ret, 5) ||
	    getsockname(*ret, (struct sockaddr *)&address, &length))
		return 0;
	return ntohs(address.sin_port);
}

static void neighbour_live(int ready)
{
	uint16_t port = 0;
	int fd;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!unshare(CLONE_NEWNET))
		port = port_open(&fd);
	if (write(ready, &port, sizeof port) == sizeof port)
		pause();
	_exit(1);
}

static void neighbour_start(struct neighbour *neighbour)
{
	char path[64];
	int ready[2];

	assert_int_equal(pipe(ready), 0);
	neighbour->pid = fork();
	assert_true(neighbour->pid >= 0);
	if (!neighbour->pid)
		neighbour_live(ready[1]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &neighbour->port, sizeof neighbour->port), sizeof neighbour->port);
	close(ready[0]);
	assert_int_not_equal(neighbour->port, 0);
	snprintf(path, sizeof path, "/proc/%d/ns/net", neighbour->pid);
	neighbour->inode = inode_of(path);
}

static void neighbour_stop(struct neighbour *neighbour)
{
	assert_int_equal(kill(neighbour->pid, SIGKILL), 0);
	assert_int_equal(waitpid(neighbour->pid, NULL, 0), neighbour->pid);
}

struct seen {
	const struct neighbour *neighbours;
	unsigned count, found, foreign;
};

static int socket_seen(void *arg, const struct socket_fact *socket)
{
	struct seen *seen = arg;

	assert_non_null(socket->netns);
	for (unsigned i = 0; i < seen->count; i++)
		if (socket->netns->inode == seen->neighbours[i].inode) {
			assert_int_equal(socket->source_port, seen->neighbours[i].port);
			seen->found++;
			return 0;
		}
	seen->foreign++;
	return 0;
}

static int walk(const char *which, struct seen *seen, struct sockets_outcome *outcome, struct sockctl_error *error)
{
	struct sockets_query query = {.tcp = true, .states = 1 << 10};
	struct netns_list *list;
	int r = netns_find(&list, which, error);

	seen->found = seen->foreign = 0;
	if (r)
		return r;
	query.netns = list;
	r = sockets_walk(&query, socket_seen, seen, outcome, error);
	netns_free(list);
	return r;
}

static unsigned fds_open(void)
{
	unsigned count = 0;

	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static void each_namespace_is_walked(void **state)
{
	uint64_t home = inode_of("/proc/thread-self/ns/net");
	struct neighbour neighbours[3];
	struct seen seen = {neighbours, 3, 0, 0};
	struct sockets_outcome outcome;
	struct sockctl_error error;
	unsigned fds;
	char which[32];

	(void)state;
	for (unsigned i = 0; i < 3; i++)
		neighbour_start(&neighbours[i]);
	fds = fds_open();
	if (walk("all", &seen, &outcome, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	assert_int_equal(seen.found, 3);
	assert_true(outcome.namespaces >= 4);
	assert_true(inode_of("/proc/thread-self/ns/net") == home);
	for (unsigned i = 0; i < 3; i++) {
		snprintf(which, sizeof which, "pid:%d", neighbours[i].pid);
		assert_int_equal(walk(which, &seen, &outcome, &error), 0);
		assert_int_equal(seen.found, 1);
		assert_int_equal(seen.foreign, 0);
		assert_true(outcome.complete);
		assert_int_equal(outcome.namespaces, 1);
	}
	assert_true(inode_of("/proc/thread-self/ns/net") == home);
	assert_int_equal(fds_open(), fds);
	for (unsigned i = 0; i < 3; i++)
		neighbour_stop(&neighbours[i]);
}

static void our_own_has_a_name_that_finds_it(void **state)
{
	uint64_t home = inode_of("/proc/thread-self/ns/net");
	const struct netns_fact *of_all = NULL;
	struct sockctl_error error;
	struct netns_list *list;
	struct netns_fact own;

	(void)state;
	assert_int_equal(netns_own(&own), 0);
	assert_true(own.inode == home);
	assert_string_equal(own.name, NETNS_SELF); /* this one was made for the test */
	assert_int_equal(netns_find(&list, "all", &error), 0);
	for (unsigned i = 0; i < netns_count(list); i++)
		if (netns_get(list, i)->inode == home)
			of_all = netns_get(list, i);
	assert_non_null(of_all);
	assert_string_equal(own.name, of_all->name);
	netns_free(list);
	assert_int_equal(netns_find(&list, own.name, &error), 0);
	assert_int_equal(netns_count(list), 1);
	assert_true(netns_get(list, 0)->inode == home);
	netns_free(list);
}

static int end_at_once(void *arg, const struct netns_fact *netns)
{
	(void)netns;
	++*(unsigned *)arg;
	return 42;
}

static void a_visit_ends_the_walk(void **state)
{
	uint64_t home = inode_of("/proc/thread-self/ns/net");
	struct neighbour neighbour;
	struct sockctl_error error;
	struct netns_list *list;
	unsigned calls = 0, failed;
	char which[32];

	(void)state;
	neighbour_start(&neighbour);
	snprintf(which, sizeof which, "pid:%d", neighbour.pid);
	assert_int_equal(netns_find(&list, which, &error), 0);
	assert_int_equal(netns_each(list, end_at_once, &calls, &failed, &error), 42);
	assert_int_equal(calls, 1);
	assert_true(inode_of("/proc/thread-self/ns/net") == home);
	neighbour_stop(&neighbour);
	assert_int_equal(netns_each(list, end_at_once, &calls, &failed, &error), 0); /* it is gone */
	assert_int_equal(failed, 1);
	assert_int_equal(error.code, -ENOENT);
	assert_int_equal(calls, 1);
	netns_free(list);
}

static void names_that_there_are_not(void **state)
{
	static const struct {
		const char *which;
		int code;
	} cases[] = {
		{"no-such-namespace", -ENOENT}, {"", -EINVAL}, {"..", -EINVAL}, {"../../etc/passwd", -EINVAL},
		{"pid:", -EINVAL}, {"pid:x", -EINVAL}, {"pid:-1", -EINVAL}, {"pid:99999999999", -EINVAL},
		{"pid:2147483600", -ESRCH}, {"pid:1x", -EINVAL},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct sockctl_error error;
		struct netns_list *list;

		if (netns_find(&list, cases[i].which, &error) != cases[i].code)
			fail_msg("\"%s\" is not %s", cases[i].which, strerror(-cases[i].code));
		assert_true(*error.hint && *error.op);
	}
}

/* Of root's rights only the one to look into others is kept. */
static bool rights_drop(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2] = {{.effective = 1u << CAP_SYS_PTRACE, .permitted = 1u << CAP_SYS_PTRACE}};

	return !syscall(SYS_capset, &header, data);
}

static int refused(pid_t pid)
{
	struct seen seen = {NULL, 0, 0, 0};
	struct sockets_outcome outcome;
	struct sockctl_error error;
	char which[32];
	int r;

	snprintf(which, sizeof which, "pid:%d", pid);
	r = walk(which, &seen, &outcome, &error);
	return r == -EPERM && strstr(error.hint, "CAP_SYS_ADMIN") ? 0 : 1;
}

static void without_the_right_it_is_said_what_is_missing(void **state)
{
	struct neighbour neighbour;
	int status;
	pid_t child;

	(void)state;
	neighbour_start(&neighbour);
	child = fork();
	if (!child)
		_exit(rights_drop() ? refused(neighbour.pid) : 2);
	assert_int_equal(waitpid(child, &status, 0), child);
	neighbour_stop(&neighbour);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* What a user namespace hides of `all` makes the answer incomplete. */
static void what_is_hidden_is_told(void **state)
{
	struct sockets_outcome outcome;
	struct seen seen = {NULL, 0, 0, 0};
	struct sockctl_error error;
	int r = walk("all", &seen, &outcome, &error);
	struct netns_list *list;

	(void)state;
	assert_int_equal(r, 0);
	assert_int_equal(netns_find(&list, "all", &error), 0);
	if (netns_hidden(list) || outcome.namespaces < netns_count(list))
		assert_true(!outcome.complete && *outcome.why);
	else
		assert_true(outcome.complete);
	netns_free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_namespace_is_walked),
		cmocka_unit_test(our_own_has_a_name_that_finds_it),
		cmocka_unit_test(a_visit_ends_the_walk),
		cmocka_unit_test(names_that_there_are_not),
		cmocka_unit_test(without_the_right_it_is_said_what_is_missing),
		cmocka_unit_test(what_is_hidden_is_told),
	};

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
