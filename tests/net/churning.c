/* Sockets that come and go by the thousand while they are looked at: each look ends and says whether it is whole, what
 * stays is in all that are, and no socket is given another's data. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/capability.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>
#include "look.h"
#include "namespace.h"
#include "zoo.h"

static int listener_open(int backlog, struct sockaddr_in *ret)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, backlog), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	*ret = address;
	return listener;
}

/* --- looks at everything ---------------------------------------------------------------------------------------- */

enum { HELD = 300 };

/* Opens connections as fast as it can, and closes those that it has had for a while, until it is killed. */
static void open_and_close(const struct sockaddr_in *address)
{
	int client[HELD], pair[HELD][2];

	for (unsigned opened = 0;; opened++) {
		unsigned at = opened % HELD;

		if (opened >= HELD)
			close(client[at]), close(pair[at][0]), close(pair[at][1]);
		client[at] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect(client[at], (const struct sockaddr *)address, sizeof *address);
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair[at]))
			pair[at][0] = pair[at][1] = -1;
	}
}

static pid_t churner(const struct sockaddr_in *address)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		open_and_close(address);
	return child;
}

struct looks {
	unsigned count, complete, with_options;
	unsigned long long met;
	enum option_source source;
};

static int socket_meet(void *arg, const struct socket_fact *socket)
{
	struct looks *looks = arg;

	looks->met++;
	looks->with_options += socket->options && !socket->options_code && socket->family != AF_UNIX;
	return 0;
}

struct visit {
	struct look look;
	struct looks *looks;
};

static int visit_socket(void *arg, const struct socket_fact *socket)
{
	struct visit *visit = arg;

	socket_meet(visit->looks, socket);
	return look_at(&visit->look, socket);
}

/* So that the listener's queue is full at some looks, and empty at others. */
static void connections_take(int listener)
{
	struct pollfd more = {.fd = listener, .events = POLLIN};
	int taken;

	while ((taken = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		close(taken);
		if (poll(&more, 1, 0) <= 0)
			break;
	}
}

static void look_at_all(int listener, struct looks *looks)
{
	const struct sockets_query query = {.tcp = true,
					    .udp = true,
					    .unix_sockets = true,
					    .states = UINT32_MAX,
					    .owners = true,
					    .processes = true,
					    .options = true};
	static struct visit visit;
	struct sockets_outcome outcome;
	struct sockctl_error error;

	visit.look.cookie = cookie_of(listener);
	visit.look.seen = 0;
	visit.looks = looks;
	if (sockets_walk(&query, visit_socket, &visit, &outcome, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	assert_true(outcome.complete || *outcome.why);
	assert_true(!outcome.complete || visit.look.seen == 1);
	looks->count++;
	looks->complete += outcome.complete;
	looks->source = outcome.options_source;
}

/* For some seconds. */
static struct looks looks_at_churn(void)
{
	struct looks looks = {.count = 0};
	struct sockaddr_in address;
	int listener = listener_open(64, &address);
	pid_t children[2] = {churner(&address), churner(&address)};
	time_t end = time(NULL) + 3;

	while (looks.count < 300 && time(NULL) < end) {
		look_at_all(listener, &looks);
		if (looks.count % 2)
			connections_take(listener);
	}
	for (unsigned i = 0; i < 2; i++) {
		kill(children[i], SIGKILL);
		assert_int_equal(waitpid(children[i], NULL, 0), children[i]);
	}
	close(listener);
	print_message("%u looks, %u of them complete; %llu sockets met, %u with all their options\n", looks.count,
		      looks.complete, looks.met, looks.with_options);
	return looks;
}

static void each_look_ends(void **state)
{
	struct looks looks = looks_at_churn();

	(void)state;
	assert_true(looks.complete > 0);
	assert_true(looks.with_options > 0);
}

/* Options through the owners' fds, which are closed and given to others meanwhile. */
static int look_without_bpf(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct none[2] = {0};
	struct looks looks;

	if (syscall(SYS_capset, &header, none))
		return 2;
	looks = looks_at_churn();
	return looks.complete && looks.with_options && looks.source == SOURCE_GETSOCKOPT ? 0 : 3;
}

static void each_look_ends_without_bpf(void **state)
{
	pid_t child;
	int status;

	(void)state;
	fflush(NULL);
	child = fork();
	if (!child)
		exit(look_without_bpf());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* --- each with its own data ------------------------------------------------------------------------------------- */

enum { MARKERS = 3, AT_ONCE = 50, PASSES = 60 };

static unsigned idle_of(uint16_t port)
{
	return port % 30000 + 1u;
}

static int marked_connect(const struct sockaddr_in *address)
{
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), priority = 6;
	struct sockaddr_in own;
	socklen_t length = sizeof own;
	unsigned idle_s;

	if (client < 0 || connect(client, (const struct sockaddr *)address, sizeof *address) ||
	    getsockname(client, (struct sockaddr *)&own, &length))
		_exit(1);
	idle_s = idle_of(ntohs(own.sin_port));
	setsockopt(client, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
	setsockopt(client, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority);
	return client;
}

/* Connections whose clients are marked by their own port, a few at a time, until it is killed. */
static void connect_and_reset(int listener, const struct sockaddr_in *address)
{
	const struct linger reset = {1, 0};
	int client[AT_ONCE] = {0}, server[AT_ONCE] = {0};

	for (unsigned at = 0;; at = (at + 1) % AT_ONCE) {
		if (client[at]) {
			setsockopt(client[at], SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
			close(client[at]);
			close(server[at]);
		}
		client[at] = marked_connect(address);
		server[at] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (server[at] < 0)
			_exit(1);
	}
}

struct witness {
	unsigned met, foreign, marked;
};

static int socket_witness(void *arg, struct socket_fact *socket)
{
	struct witness *witness = arg;
	const struct option_fact *idle = &socket->options[OPTION_keepalive_idle];

	witness->met++;
	if (!socket->options)
		return 0;
	if (socket->options[OPTION_priority].value.number != 6)
		return 0;
	witness->marked++;
	witness->foreign += idle->value.number != idle_of(socket->source_port);
	return 0;
}

static pid_t marker_start(void)
{
	struct sockaddr_in address;
	int listener = listener_open(10, &address);
	pid_t pid;

	pid = fork();
	if (!pid)
		connect_and_reset(listener, &address);
	close(listener);
	return pid;
}

static void no_socket_has_anothers_options(void **state)
{
	struct witness witness = {0, 0, 0};
	pid_t marker[MARKERS];

	(void)state;
	need_bpf();
	for (unsigned i = 0; i < MARKERS; i++)
		marker[i] = marker_start();
	for (unsigned i = 0; i < PASSES || (witness.marked < 1000 && i < 5000); i++)
		assert_int_equal(iterator_walk(by_hand, &everything, socket_witness, &witness, NULL), 0);
	for (unsigned i = 0; i < MARKERS; i++) {
		kill(marker[i], SIGKILL);
		waitpid(marker[i], NULL, 0);
	}
	print_message("%u sockets met, %u of them with options of their own\n", witness.met, witness.marked);
	assert_int_equal(witness.foreign, 0);
	assert_true(witness.marked >= 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_look_ends),
		cmocka_unit_test(each_look_ends_without_bpf),
		cmocka_unit_test(no_socket_has_anothers_options),
	};
	int r;

	iterators_open();
	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	r = cmocka_run_group_tests(tests, NULL, NULL);
	iterators_close();
	return r;
}
