/* Opening listeners and connections: shards, the control hook, and that nothing stays open when something fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "base/clock.h"
#include "fixture.h"

static unsigned connections_take(int listener)
{
	struct pollfd waiting = {.fd = listener, .events = POLLIN};
	unsigned n = 0;

	for (; poll(&waiting, 1, 0) == 1; n++)
		close(accept4(listener, NULL, NULL, SOCK_CLOEXEC));
	return n;
}

static void shards_share_one_port(void **state)
{
	struct sockaddr_in address[2];
	unsigned taken[2] = {0}, made;
	int fd[2];

	(void)state;
	assert_int_equal(listen_with("127.0.0.1:0", "shards=2", fd, 2), 2);
	assert_int_equal(verdict_of("shards")->outcome, SOCKCTL_GRANTED);
	for (int i = 0; i < 2; i++) {
		socklen_t length = sizeof *address;

		assert_int_equal(getsockname(fd[i], (struct sockaddr *)&address[i], &length), 0);
	}
	assert_int_equal(address[0].sin_port, address[1].sin_port);
	for (made = 0; made < 400 && !(taken[0] && taken[1]); made++) {
		close(connect_with(fd[0], "linger=0s"));
		taken[0] += connections_take(fd[0]);
		taken[1] += connections_take(fd[1]);
	}
	assert_true(taken[0] && taken[1]);
	close(fd[0]), close(fd[1]);
}

static void shards_do_not_join_strangers(void **state)
{
	struct sockctl_spec alone = spec_of_text("shards=2"), join = spec_of_text("shards=2,reuseport");
	int stranger = listen_one("127.0.0.1:0", "reuseport"), fd[2];
	struct sockaddr_in address;
	socklen_t length = sizeof address;
	char text[32];

	(void)state;
	assert_int_equal(getsockname(stranger, (struct sockaddr *)&address, &length), 0);
	snprintf(text, sizeof text, "127.0.0.1:%d", ntohs(address.sin_port));
	assert_int_equal(sockctl_listen(text, &alone, NULL, fd, 2, &report), -EADDRINUSE);
	assert_string_equal(report.error.op, "bind");
	assert_string_equal(report.error.subject, text);
	assert_int_equal(sockctl_listen(text, &join, NULL, fd, 2, &report), 2);
	close(fd[0]), close(fd[1]), close(stranger);
}

static void shards_overrule_what_forbids_sharing(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(listen_with("127.0.0.1:0", "shards=2,reuseport=off", fd, 2), 2);
	assert_int_equal(verdict_of("reuseport")->outcome, SOCKCTL_DIFFERS);
	assert_string_equal(verdict_of("reuseport")->granted_text, "on");
	close(fd[0]), close(fd[1]);
}

/* --- the control hook
 * ---------------------------------------------------------------------------------------------- */

struct trace {
	char text[400];
	unsigned calls, fail_at; /* the call that fails; 0: none */
};

static int trace_phase(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	struct trace *trace = arg;
	size_t used = strlen(trace->text);

	assert_true(fcntl(fd, F_GETFD) >= 0);
	snprintf(trace->text + used, sizeof trace->text - used, "%u:%s ", shard, sockctl_phase_name(phase));
	return ++trace->calls == trace->fail_at ? -ECANCELED : 0;
}

static void the_hook_sees_every_phase_in_order(void **state)
{
	struct sockctl_spec spec = spec_of_text("shards=2");
	struct trace trace = {0}, outgoing = {0};
	struct sockctl_control control = {trace_phase, &trace}, dialing = {trace_phase, &outgoing};
	struct sockaddr_in address;
	socklen_t length = sizeof address;
	int fd[2], client;

	(void)state;
	assert_int_equal(sockctl_listen("127.0.0.1:0", &spec, &control, fd, 2, &report), 2);
	assert_string_equal(trace.text, "0:created 0:pre-bind 0:pre-listen 1:created 1:pre-bind 1:pre-listen "
					"0:listening 1:listening ");
	assert_int_equal(getsockname(fd[0], (struct sockaddr *)&address, &length), 0);
	client = sockctl_connect((struct sockaddr *)&address, length, 0, NULL, &dialing, NULL);
	assert_true(client >= 0);
	assert_string_equal(outgoing.text, "0:created 0:pre-connect 0:connected ");
	close(client), close(fd[0]), close(fd[1]);
}

static void nothing_stays_open_when_something_fails(void **state)
{
	struct sockctl_spec spec = spec_of_text("shards=2"), bad = spec_of_text("shards=2,cc=nonesuch");
	struct sockaddr_in closed = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons(1)};
	unsigned before = fds_open();
	int fd[2];

	(void)state;
	for (unsigned call = 1; call <= 8; call++) {
		struct trace trace = {.fail_at = call};
		struct sockctl_control control = {trace_phase, &trace};

		assert_int_equal(sockctl_listen("127.0.0.1:0", &spec, &control, fd, 2, &report), -ECANCELED);
		assert_string_equal(report.error.op, "control hook");
		assert_int_equal(fds_open(), before);
	}
	assert_int_equal(sockctl_listen("127.0.0.1:0", &bad, NULL, fd, 2, &report), -ENOENT);
	assert_int_equal(sockctl_listen("127.0.0.1:0", &spec, NULL, fd, 1, &report), -E2BIG);
	assert_int_equal(sockctl_listen("localhost:80", &spec, NULL, fd, 2, &report), -EINVAL);
	assert_int_equal(sockctl_listen("192.0.2.1:80", &spec, NULL, fd, 2, &report), -EADDRNOTAVAIL);
	assert_int_equal(sockctl_connect((struct sockaddr *)&closed, sizeof closed, 0, NULL, NULL, &report),
			 -ECONNREFUSED);
	assert_string_equal(report.error.subject, "127.0.0.1:1");
	assert_int_equal(sockctl_connect((struct sockaddr *)&closed, 4, 0, NULL, NULL, &report), -EINVAL);
	assert_int_equal(sockctl_connect((struct sockaddr *)&closed, sizeof closed, 1, NULL, NULL, &report), -EINVAL);
	assert_int_equal(sockctl_connect(NULL, 0, 0, NULL, NULL, &report), -EINVAL);
	assert_int_equal(fds_open(), before);
}

static void a_connection_in_progress_is_finished_by_apply(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay,rcvbuf=64K,quickack=off");
	int fd = listen_one("127.0.0.1:0", "backlog=4"), client;
	struct sockaddr_in address;
	socklen_t length = sizeof address;
	struct pollfd writable = {.events = POLLOUT};

	(void)state;
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	client = sockctl_connect((struct sockaddr *)&address, length, SOCK_NONBLOCK, &spec, NULL, &report);
	assert_true(client >= 0);
	assert_true(fcntl(client, F_GETFL) & O_NONBLOCK);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_DEFERRED);
	writable.fd = client;
	assert_int_equal(poll(&writable, 1, 5000), 1);
	assert_int_equal(sockctl_apply(client, SOCKCTL_CONNECTED, &spec, &report), 0);
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_GRANTED);
	close(client), close(fd);
}

static volatile sig_atomic_t full_listener;

/* Makes room in the queue, so that the connection which was interrupted can complete. */
static void queue_drain(int signal)
{
	(void)signal;
	close(accept(full_listener, NULL, NULL));
}

/* A listener whose queue is full drops the handshake; the blocking connect() to it is interrupted, and goes on. */
static void an_interrupted_connect_goes_on(void **state)
{
	struct sigaction drain = {.sa_handler = queue_drain}, before;
	struct itimerval soon = {.it_value.tv_usec = 50000};
	int fd = listen_one("127.0.0.1:0", "backlog=0"), waiting = connect_with(fd, "nodelay"), client;

	(void)state;
	assert_true(waiting >= 0);
	full_listener = fd;
	assert_int_equal(sigaction(SIGALRM, &drain, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	client = connect_with(fd, "quickack");
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_true(client >= 0);
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_GRANTED);
	close(client), close(waiting), close(fd);
}

/* What a hook may do to a socket before connect(): make it non-blocking, or give it a send timeout. */
static int hook_non_blocking(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	(void)shard;
	if (phase == SOCKCTL_CONNECTED)
		++*(unsigned *)arg;
	return phase == SOCKCTL_PRE_CONNECT && fcntl(fd, F_SETFL, O_NONBLOCK) ? -errno : 0;
}

static int hook_send_timeout(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	struct timeval timeout = {.tv_usec = 20000};

	(void)arg;
	(void)shard;
	if (phase != SOCKCTL_PRE_CONNECT)
		return 0;
	return setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof timeout) ? -errno : 0;
}

/* The caller asked for a connection, so that is what there is: not a bare EINPROGRESS. */
static void a_hook_may_make_the_socket_non_blocking(void **state)
{
	unsigned connected = 0;
	struct sockctl_control control = {hook_non_blocking, &connected};
	struct sockctl_spec spec = spec_of_text("quickack=off");
	int listener = listen_one("127.0.0.1:0", "backlog=4"), client;
	struct sockaddr_in address = address_of(listener);

	(void)state;
	client = sockctl_connect((struct sockaddr *)&address, sizeof address, 0, &spec, &control, &report);
	assert_true(client >= 0);
	assert_true(fcntl(client, F_GETFL) & O_NONBLOCK);
	assert_int_equal(connected, 1);
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(getpeername(client, (struct sockaddr *)&address, &(socklen_t){sizeof address}), 0);
	close(client), close(listener);
}

static void a_send_timeout_ends_a_connect_by_its_name(void **state)
{
	struct sockctl_control control = {hook_send_timeout, NULL};
	int listener = listen_one("127.0.0.1:0", "backlog=0"), waiting = connect_with(listener, "nodelay");
	struct sockaddr_in address = address_of(listener);

	(void)state;
	assert_true(waiting >= 0);
	assert_int_equal(sockctl_connect((struct sockaddr *)&address, sizeof address, 0, NULL, &control, &report),
			 -ETIMEDOUT);
	assert_non_null(strstr(report.error.hint, "SO_SNDTIMEO"));
	close(waiting), close(listener);
}

static void signal_ignore(int signal)
{
	(void)signal;
}

/* The kernel restarts a connect() that a signal interrupts, but not that of a socket with a timeout (sock_intr_errno). */
static void a_send_timeout_outlives_a_signal(void **state)
{
	enum { FAR_MS = 5000 };
	struct sigaction ignore = {.sa_handler = signal_ignore, .sa_flags = SA_RESTART}, before;
	struct itimerval soon = {.it_value.tv_usec = 20000};
	int listener = listen_one("127.0.0.1:0", "backlog=0"), waiting = connect_with(listener, "nodelay");
	struct sockaddr_in address = address_of(listener);
	struct sockctl_spec spec = spec_of_text("sndtimeo=200ms");
	uint64_t start_us = clock_us();

	(void)state;
	assert_true(waiting >= 0);
	assert_int_equal(sigaction(SIGALRM, &ignore, &before), 0);
	assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
	assert_int_equal(sockctl_connect((struct sockaddr *)&address, sizeof address, 0, &spec, NULL, &report),
			 -ETIMEDOUT);
	assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
	assert_non_null(strstr(report.error.hint, "SO_SNDTIMEO"));
	assert_true(clock_us() - start_us < FAR_MS * 1000); /* the kernel itself gives up after two minutes */
	close(waiting), close(listener);
}

static int hook_bind(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	(void)shard;
	if (phase != SOCKCTL_PRE_CONNECT)
		return 0;
	return bind(fd, arg, sizeof(struct sockaddr_in)) ? -errno : 0;
}

/* As the kernel may choose it where a port of the local range is connected to: both ends are the same socket. */
static void a_socket_that_met_itself_is_no_connection(void **state)
{
	int listener = listen_one("127.0.0.1:0", "nodelay"); /* for a port that is free */
	struct sockaddr_in address = address_of(listener);
	struct sockctl_control control = {hook_bind, &address};
	unsigned before;

	(void)state;
	close(listener);
	before = fds_open();
	assert_int_equal(sockctl_connect((struct sockaddr *)&address, sizeof address, 0, NULL, &control, &report),
			 -ECONNREFUSED);
	assert_non_null(strstr(report.error.hint, "met itself"));
	assert_int_equal(fds_open(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shards_share_one_port),
		cmocka_unit_test(shards_do_not_join_strangers),
		cmocka_unit_test(shards_overrule_what_forbids_sharing),
		cmocka_unit_test(the_hook_sees_every_phase_in_order),
		cmocka_unit_test(nothing_stays_open_when_something_fails),
		cmocka_unit_test(a_connection_in_progress_is_finished_by_apply),
		cmocka_unit_test(an_interrupted_connect_goes_on),
		cmocka_unit_test(a_hook_may_make_the_socket_non_blocking),
		cmocka_unit_test(a_send_timeout_ends_a_connect_by_its_name),
		cmocka_unit_test(a_send_timeout_outlives_a_signal),
		cmocka_unit_test(a_socket_that_met_itself_is_no_connection),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
