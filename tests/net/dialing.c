/* Dialing: real sockets, and a clock that only the test moves. An address that never answers is a listener whose
 * queue is full: the kernel drops the handshake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/sysctl.h"
#include "fixture.h"

enum { WAIT_MS = 10000 }; /* for what comes at once, on a busy machine */

static struct sockctl_dial dial;

struct target {
	struct sockaddr_storage address;
	int listener, filler; /* -1: none */
};

static struct target target_of(int listener)
{
	struct target target = {.listener = listener, .filler = -1};
	socklen_t length = sizeof target.address;

	assert_int_equal(getsockname(listener, (struct sockaddr *)&target.address, &length), 0);
	return target;
}

static struct target good(const char *address)
{
	return target_of(listen_one(address, "backlog=16"));
}

/* Takes one connection, and no more. */
static struct target silent(const char *address)
{
	struct target target = target_of(listen_one(address, "backlog=0"));

	target.filler = connect_with(target.listener, "nodelay");
	assert_true(target.filler >= 0);
	return target;
}

/* A port that was free a moment ago. In this namespace nobody else takes it. */
static struct target refusing(const char *address)
{
	struct target target = target_of(listen_one(address, ""));

	close(target.listener);
	target.listener = -1;
	return target;
}

/* TEST-NET-1: a namespace that has nothing but its loopback has no route there. */
static struct target unreachable(void)
{
	struct target target = {.listener = -1, .filler = -1};
	struct sockaddr_in *four = (void *)&target.address;

	four->sin_family = AF_INET;
	four->sin_port = htons(80);
	assert_int_equal(inet_pton(AF_INET, "192.0.2.1", &four->sin_addr), 1);
	return target;
}

static void target_close(struct target *target)
{
	if (target->filler >= 0)
		close(target->filler);
	if (target->listener >= 0)
		close(target->listener);
}

static void add(const struct target *target)
{
	socklen_t length = target->address.ss_family == AF_INET ? sizeof(struct sockaddr_in) :
								  sizeof(struct sockaddr_in6);

	assert_int_equal(sockctl_dial_add(&dial, (const struct sockaddr *)&target->address, length), 0);
}

static void dial_to(const struct target *first, const struct target *second, const char *text,
		    const struct sockctl_control *control)
{
	static struct sockctl_spec spec;

	spec = spec_of_text(text);
	sockctl_dial_init(&dial, &spec, control);
	add(first);
	if (second)
		add(second);
}

static unsigned under_way(void)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	int n = sockctl_dial_pollfds(&dial, fds, SOCKCTL_DIAL_ADDRESSES);

	for (int i = 0; i < n; i++)
		assert_true(fcntl(fds[i].fd, F_GETFL) & O_NONBLOCK && fds[i].events == POLLOUT);
	return (unsigned)n;
}

/* Steps at one instant of the test's clock; if sockets are under way, again when one of them is ready. */
static int step_when_ready(int64_t now_us)
{
	struct pollfd fds[SOCKCTL_DIAL_ADDRESSES];
	int n, r = sockctl_dial_step(&dial, now_us, &report);

	if (r != -EINPROGRESS || !under_way())
		return r;
	n = sockctl_dial_pollfds(&dial, fds, SOCKCTL_DIAL_ADDRESSES);
	assert_true(poll(fds, (nfds_t)n, WAIT_MS) > 0);
	return sockctl_dial_step(&dial, now_us, &report);
}

/* Waits until the only attempt under way has failed, at one instant of the test's clock. */
static void fail_at(int64_t now_us)
{
	assert_int_equal(step_when_ready(now_us), -EINPROGRESS);
	assert_int_equal(under_way(), 0);
}

static struct sockctl_attempt attempt(unsigned index)
{
	struct sockctl_attempt attempt;

	assert_int_equal(sockctl_dial_attempt(&dial, index, &attempt), 0);
	return attempt;
}

static void assert_peer(int fd, const struct target *target)
{
	struct sockaddr_in6 peer, expected; /* the port lies at the same place for both families */
	socklen_t length = sizeof peer;

	assert_true(fd >= 0);
	assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &length), 0);
	memcpy(&expected, &target->address, sizeof expected);
	assert_int_equal(peer.sin6_family, expected.sin6_family);
	assert_int_equal(peer.sin6_port, expected.sin6_port);
}

/* --- the race ---------------------------------------------------------------------------------------------------- */

static void the_first_address_that_answers_is_enough(void **state)
{
	struct target six = good("[::1]:0"), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "nodelay", NULL);
	fd = step_when_ready(0);
	assert_peer(fd, &six);
	assert_true(fcntl(fd, F_GETFL) & O_NONBLOCK && fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_int_equal(attempt(0).state, SOCKCTL_ATTEMPT_WON);
	assert_int_equal(attempt(1).state, SOCKCTL_ATTEMPT_WAITING);
	assert_int_equal(attempt(1).started_us, -1);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EISCONN);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 0), -1);
	close(fd), target_close(&six), target_close(&four);
}

static void a_silent_address_is_joined_after_the_delay(void **state)
{
	struct target six = silent("[::1]:0"), four = good("127.0.0.1:0");
	unsigned before = fds_open();
	int fd;

	(void)state;
	dial_to(&six, &four, "", NULL);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5000), 0);
	assert_int_equal(sockctl_dial_step(&dial, 5000, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5000), 250);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 5001), 250); /* rounded up: no step comes too early */
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 254001), 1);
	assert_int_equal(sockctl_dial_step(&dial, 254999, &report), -EINPROGRESS);
	assert_int_equal(under_way(), 1);
	fd = step_when_ready(255000);
	assert_peer(fd, &four);
	assert_int_equal(attempt(0).state, SOCKCTL_ATTEMPT_LOST);
	assert_int_equal(attempt(1).started_us, 255000);
	assert_int_equal(fds_open(), before + 1);
	close(fd), target_close(&six), target_close(&four);
}

/* The first one answers after the second was started: it still wins, and the other is closed. */
static void a_slow_address_can_still_win(void **state)
{
	struct target slow = silent("127.0.0.1:0"), dead = silent("[::1]:0");
	unsigned before;
	int fd;

	(void)state;
	before = fds_open();
	dial_to(&slow, &dead, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 250000, &report), -EINPROGRESS);
	assert_int_equal(under_way(), 2);
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 250000), -1);
	close(accept(slow.listener, NULL, NULL)); /* makes room: the retransmitted handshake gets through */
	fd = step_when_ready(1250000);
	assert_peer(fd, &slow);
	assert_int_equal(fds_open(), before + 1);
	close(fd), target_close(&slow), target_close(&dead);
}

static void a_refusal_brings_the_next_one_forward(void **state)
{
	struct target six = refusing("[::1]:0"), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "", NULL);
	fail_at(1000000);
	assert_int_equal(attempt(0).error, ECONNREFUSED);
	assert_string_equal(attempt(0).call, "connect");
	assert_int_equal(sockctl_dial_timeout_ms(&dial, 1000000), 10);
	assert_int_equal(sockctl_dial_step(&dial, 1009999, &report), -EINPROGRESS);
	assert_int_equal(under_way(), 0);
	fd = step_when_ready(1010000);
	assert_peer(fd, &four);
	close(fd), target_close(&four);
}

static void an_address_without_a_route_costs_no_time(void **state)
{
	struct target away = unreachable(), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&away, &four, "", NULL);
	fd = step_when_ready(7);
	assert_peer(fd, &four);
	assert_int_equal(attempt(0).error, ENETUNREACH);
	assert_int_equal(attempt(0).ended_us, 7);
	assert_int_equal(attempt(1).started_us, 7);
	close(fd), target_close(&four);
}

/* A device whose peer ignores what comes: handshakes vanish on the wire. And routes that refuse, each in its own
 * way. */
static bool roads_make(void)
{
	return !system("ip link add to-nowhere type veth peer name nowhere && ip link set nowhere up && "
		       "ip link set to-nowhere up && ip addr add 198.51.100.1/24 dev to-nowhere && "
		       "ip neigh add 198.51.100.2 lladdr 02:00:00:00:00:01 dev to-nowhere && "
		       "ip route add blackhole 203.0.113.1 && ip route add unreachable 203.0.113.2 && "
		       "ip route add prohibit 203.0.113.3");
}

static struct target away(const char *host)
{
	struct target target = unreachable();
	struct sockaddr_in *four = (void *)&target.address;

	assert_int_equal(inet_pton(AF_INET, host, &four->sin_addr), 1);
	return target;
}

static void roads_that_lead_nowhere(void **state)
{
	static const struct {
		const char *host;
		int error;
	} refused[] = {{"203.0.113.1", EINVAL}, {"203.0.113.2", EHOSTUNREACH}, {"203.0.113.3", EACCES}};
	struct target vanishes = away("198.51.100.2"), six = good("[::1]:0"), closed = refusing("127.0.0.1:0");
	int fd;

	(void)state;
	if (!roads_make()) {
		printf("skip: no veth device, or no ip command\n");
		skip();
	}
	dial_to(&vanishes, &six, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 249999, &report), -EINPROGRESS);
	assert_int_equal(under_way(), 1);
	fd = step_when_ready(250000);
	assert_peer(fd, &six);
	close(fd);
	for (unsigned i = 0; i < 3; i++) {
		struct target road = away(refused[i].host);

		dial_to(&road, &six, "", NULL);
		fd = step_when_ready(0);
		assert_peer(fd, &six);
		assert_int_equal(attempt(0).error, refused[i].error);
		close(fd);
		dial_to(&road, &closed, "", NULL);
		assert_int_equal(step_when_ready(0), -ECONNREFUSED); /* the other one never left this host */
	}
	assert_int_equal(system("ip link del to-nowhere"), 0);
	target_close(&six);
}

static void where_all_fail_the_one_with_a_route_is_told(void **state)
{
	struct target away = unreachable(), six = refusing("[::1]:0");
	unsigned before = fds_open();

	(void)state;
	dial_to(&away, &six, "nodelay", NULL);
	assert_int_equal(step_when_ready(0), -ECONNREFUSED);
	assert_string_equal(report.error.op, "connect");
	assert_non_null(strstr(report.error.subject, "[::1]:"));
	assert_non_null(strstr(report.error.hint, "1 more failed"));
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_DEFERRED);
	assert_int_equal(fds_open(), before);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -ECONNREFUSED);
}

/* An answer of the resolver that came after everything had failed. */
static void a_late_address_revives_the_dial(void **state)
{
	struct target six = refusing("[::1]:0"), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, NULL, "", NULL);
	assert_int_equal(step_when_ready(0), -ECONNREFUSED);
	add(&four);
	fd = step_when_ready(20000);
	assert_peer(fd, &four);
	close(fd), target_close(&four);
}

static void a_cancelled_dial_leaves_nothing_open(void **state)
{
	struct target six = silent("[::1]:0"), four = silent("127.0.0.1:0");
	unsigned before = fds_open();

	(void)state;
	dial_to(&six, &four, "", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -EINPROGRESS);
	assert_int_equal(sockctl_dial_step(&dial, 250000, NULL), -EINPROGRESS);
	assert_int_equal(fds_open(), before + 2);
	sockctl_dial_cancel(&dial);
	sockctl_dial_cancel(&dial);
	assert_int_equal(fds_open(), before);
	assert_int_equal(attempt(1).state, SOCKCTL_ATTEMPT_LOST);
	assert_int_equal(sockctl_dial_step(&dial, 250000, NULL), -ECANCELED);
	assert_int_equal(sockctl_dial_step(&dial, 250000, &report), -ECANCELED);
	assert_int_equal(report.error.code, -ECANCELED);
	assert_string_equal(report.error.op, "dial");
	target_close(&six), target_close(&four);
}

static void what_makes_no_sense_is_refused(void **state)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr other = {.sa_family = AF_UNIX};
	struct sockctl_attempt none;

	(void)state;
	sockctl_dial_init(&dial, NULL, NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, NULL), -EDESTADDRREQ);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EDESTADDRREQ);
	assert_int_equal(report.error.code, -EDESTADDRREQ);
	assert_int_equal(sockctl_dial_add(&dial, &other, sizeof other), -EAFNOSUPPORT);
	assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, 7), -EINVAL);
	assert_int_equal(sockctl_dial_add(&dial, NULL, 0), -EINVAL);
	assert_int_equal(sockctl_dial_pace(&dial, 9999, 0), -ERANGE);
	assert_int_equal(sockctl_dial_pace(&dial, 2000001, 0), -ERANGE);
	assert_int_equal(sockctl_dial_pace(&dial, 100000, 2), 0);
	for (unsigned i = 0; i <= SOCKCTL_DIAL_ADDRESSES; i++) {
		four.sin_port = htons((uint16_t)(1000 + i));
		assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, sizeof four),
				 i < SOCKCTL_DIAL_ADDRESSES ? 0 : -ENOSPC);
	}
	four.sin_port = htons(1000); /* getaddrinfo without a socktype names each address three times */
	assert_int_equal(sockctl_dial_add(&dial, (struct sockaddr *)&four, sizeof four), 0);
	assert_int_equal(sockctl_dial_attempt(&dial, SOCKCTL_DIAL_ADDRESSES, &none), -ENOENT);
}

/* --- spec and hook ----------------------------------------------------------------------------------------------- */

static void the_report_is_the_winners(void **state)
{
	struct target six = silent("[::1]:0"), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "rcvbuf=64K,nodelay,try:cc=nonesuch,try:v6only,quickack=off", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	fd = step_when_ready(250000);
	assert_peer(fd, &four);
	assert_int_equal(verdict_of("rcvbuf")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("nodelay")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(verdict_of("cc")->outcome, SOCKCTL_REFUSED);
	assert_int_equal(verdict_of("cc")->error, ENOENT);
	assert_int_equal(verdict_of("v6only")->outcome, SOCKCTL_UNSUPPORTED); /* of the IPv4 socket that won */
	assert_int_equal(verdict_of("quickack")->outcome, SOCKCTL_GRANTED);
	assert_int_equal(report.error.code, 0);
	assert_int_equal(kernel_value(fd, IPPROTO_TCP, TCP_NODELAY), 1);
	close(fd), target_close(&six), target_close(&four);
}

static void a_required_setting_that_is_refused_fails_the_attempt(void **state)
{
	struct target six = good("[::1]:0"), four = good("127.0.0.1:0");
	int fd;

	(void)state;
	dial_to(&six, &four, "nodelay,cc=nonesuch", NULL);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -ENOENT);
	assert_string_equal(report.error.op, "setsockopt");
	assert_string_equal(report.error.subject, "cc");
	assert_string_equal(attempt(1).call, "setsockopt");
	dial_to(&four, &six, "v6only", NULL); /* only one of them can have it */
	fd = step_when_ready(0);
	assert_peer(fd, &six);
	assert_int_equal(attempt(0).error, ENOPROTOOPT);
	close(fd), target_close(&six), target_close(&four);
}

struct trace {
	char text[400];
	enum sockctl_phase fail_at;
	unsigned fail_attempt;
};

static int trace_phase(void *arg, int fd, enum sockctl_phase phase, unsigned attempt_number)
{
	struct trace *trace = arg;
	size_t used = strlen(trace->text);

	assert_true(fcntl(fd, F_GETFD) >= 0);
	snprintf(trace->text + used, sizeof trace->text - used, "%u:%s ", attempt_number, sockctl_phase_name(phase));
	return phase == trace->fail_at && attempt_number == trace->fail_attempt ? -EPERM : 0;
}

static void the_hook_sees_every_attempt(void **state)
{
	struct target six = silent("[::1]:0"), four = good("127.0.0.1:0");
	struct trace trace = {.fail_attempt = 9};
	struct sockctl_control control = {trace_phase, &trace};
	int fd;

	(void)state;
	dial_to(&six, &four, "", &control);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EINPROGRESS);
	fd = step_when_ready(250000);
	assert_peer(fd, &four);
	assert_string_equal(trace.text, "0:created 0:pre-connect 1:created 1:pre-connect 1:connected ");
	close(fd), target_close(&six), target_close(&four);
}

static void an_attempt_that_the_hook_refuses_gives_way(void **state)
{
	const enum sockctl_phase phases[] = {SOCKCTL_CREATED, SOCKCTL_PRE_CONNECT, SOCKCTL_CONNECTED};
	struct target six = good("[::1]:0"), four = good("127.0.0.1:0");

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct trace trace = {.fail_at = phases[i]};
		struct sockctl_control control = {trace_phase, &trace};
		unsigned before = fds_open();
		int fd;

		dial_to(&six, &four, "", &control);
		fd = step_when_ready(0);
		if (fd == -EINPROGRESS) /* what had been sent keeps the floor of 10 ms */
			fd = step_when_ready(10000);
		assert_peer(fd, &four);
		assert_int_equal(attempt(0).error, EPERM);
		assert_string_equal(attempt(0).call, "control hook");
		assert_int_equal(fds_open(), before + 1);
		close(fd);
	}
	target_close(&six), target_close(&four);
}

/* --- local addresses and ports ----------------------------------------------------------------------------------- */

static void one_local_port(const char *port)
{
	char range[32];

	snprintf(range, sizeof range, "%s %s", port, port);
	assert_int_equal(sysctl_write("net/ipv4/ip_local_port_range", range), 0);
}

static void all_local_ports(void)
{
	assert_int_equal(sysctl_write("net/ipv4/ip_local_port_range", "32768 60999"), 0);
}

/* With one local port in all, two destinations are reached from one source address: the port is not taken by bind(). */
static void a_source_address_leaves_the_port_to_connect(void **state)
{
	struct target a = good("127.0.0.1:0"), b = good("127.0.0.1:0"), six = good("[::1]:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
	int fd[3];

	(void)state;
	one_local_port("40000");
	for (unsigned i = 0; i < 3; i++) {
		dial_to(i == 1 ? &b : &a, i < 2 ? NULL : &six, "", NULL);
		assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
		fd[i] = step_when_ready(0);
	}
	assert_peer(fd[0], &a), assert_peer(fd[1], &b);
	assert_int_equal(address_of(fd[1]).sin_addr.s_addr, local.sin_addr.s_addr);
	assert_int_equal(address_of(fd[1]).sin_port, htons(40000));
	assert_int_equal(kernel_value(fd[1], IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), 1);
	assert_peer(fd[2], &six); /* from 127.0.0.2 no port is left for a second connection to the same listener */
	assert_int_equal(attempt(0).error, EADDRNOTAVAIL);
	for (unsigned i = 0; i < 3; i++)
		close(fd[i]);
	all_local_ports();
	target_close(&a), target_close(&b), target_close(&six);
}

static void a_spec_may_let_bind_take_the_port(void **state)
{
	struct target a = good("127.0.0.1:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000002)};
	int fd;

	(void)state;
	dial_to(&a, NULL, "bind-address-no-port=off", NULL);
	assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
	fd = step_when_ready(0);
	assert_peer(fd, &a);
	assert_int_equal(kernel_value(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT), 0);
	close(fd), target_close(&a);
}

static void a_source_address_that_is_not_here(void **state)
{
	struct target four = good("127.0.0.1:0");
	struct sockaddr_in local = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xc0000201)};

	(void)state;
	dial_to(&four, NULL, "", NULL);
	assert_int_equal(sockctl_dial_bind(&dial, (struct sockaddr *)&local, sizeof local), 0);
	assert_int_equal(sockctl_dial_step(&dial, 0, &report), -EADDRNOTAVAIL);
	assert_string_equal(report.error.op, "bind");
	target_close(&four);
}

/* The kernel gives the socket the very port that it connects to, and both ends are the same socket. */
static void a_socket_that_met_itself_is_no_connection(void **state)
{
	struct target self = {.listener = -1, .filler = -1};
	struct sockaddr_in *four = (void *)&self.address;
	unsigned before = fds_open();

	(void)state;
	*four = (struct sockaddr_in){AF_INET, htons(40000), {htonl(INADDR_LOOPBACK)}, {0}};
	one_local_port("40000");
	dial_to(&self, NULL, "", NULL);
	assert_int_equal(step_when_ready(0), -ECONNREFUSED);
	all_local_ports();
	assert_int_equal(fds_open(), before);
}

/* --- whom the report blames --------------------------------------------------------------------------------------- */

static int hook_refuses_connected(void *arg, int fd, enum sockctl_phase phase, unsigned shard)
{
	(void)arg, (void)fd, (void)shard;
	return phase == SOCKCTL_CONNECTED ? -EACCES : 0;
}

/* From now on this process cannot read TCP_NODELAY. */
static void nodelay_hide(void)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	assert_non_null(context);
	assert_int_equal(seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(getsockopt), 2,
					  SCMP_A1(SCMP_CMP_EQ, IPPROTO_TCP), SCMP_A2(SCMP_CMP_EQ, TCP_NODELAY)),
			 0);
	assert_int_equal(seccomp_load(context), 0);
	seccomp_release(context);
}

/* In a child, as the filter stays. */
static void what_cannot_be_read_is_not_to_blame(void **state)
{
	const struct sockctl_control control = {hook_refuses_connected, NULL};
	struct target four = good("127.0.0.1:0");
	int status;
	pid_t pid;

	(void)state;
	fflush(stdout);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		nodelay_hide();
		dial_to(&four, NULL, "nodelay", &control);
		_exit(step_when_ready(0) != -EACCES || strcmp(report.error.op, "control hook") ? 1 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	target_close(&four);
}

/* --- TCP Fast Open ----------------------------------------------------------------------------------------------- */

/* The first connection gets the cookie; the second one is there before anything was sent, and carries data all the
 * same. */
static void fast_open_wins_before_anything_is_sent(void **state)
{
	struct target server;
	char text[8] = "";
	int fd;

	(void)state;
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "3"), 0);
	server = target_of(listen_one("127.0.0.1:0", "fastopen=16"));
	for (unsigned i = 0; i < 2; i++) {
		int accepted;

		dial_to(&server, NULL, "nodelay,fastopen-connect", NULL);
		fd = step_when_ready(0);
		assert_true(fd >= 0);
		assert_int_equal(write(fd, "first", 6), 6);
		accepted = accept(server.listener, NULL, NULL);
		assert_int_equal(read(accepted, text, sizeof text), 6);
		assert_string_equal(text, "first");
		assert_int_equal(verdict_of("fastopen-connect")->outcome, SOCKCTL_GRANTED);
		assert_int_equal(kernel_info(fd).tcpi_options & TCPI_OPT_SYN_DATA, i ? TCPI_OPT_SYN_DATA : 0);
		close(accepted), close(fd);
	}
	assert_int_equal(sysctl_write("net/ipv4/tcp_fastopen", "1"), 0);
	target_close(&server);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_address_that_answers_is_enough),
		cmocka_unit_test(a_silent_address_is_joined_after_the_delay),
		cmocka_unit_test(a_slow_address_can_still_win),
		cmocka_unit_test(a_refusal_brings_the_next_one_forward),
		cmocka_unit_test(an_address_without_a_route_costs_no_time),
		cmocka_unit_test(roads_that_lead_nowhere),
		cmocka_unit_test(where_all_fail_the_one_with_a_route_is_told),
		cmocka_unit_test(a_late_address_revives_the_dial),
		cmocka_unit_test(a_cancelled_dial_leaves_nothing_open),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test(the_report_is_the_winners),
		cmocka_unit_test(a_required_setting_that_is_refused_fails_the_attempt),
		cmocka_unit_test(the_hook_sees_every_attempt),
		cmocka_unit_test(an_attempt_that_the_hook_refuses_gives_way),
		cmocka_unit_test(a_source_address_leaves_the_port_to_connect),
		cmocka_unit_test(a_spec_may_let_bind_take_the_port),
		cmocka_unit_test(a_source_address_that_is_not_here),
		cmocka_unit_test(a_socket_that_met_itself_is_no_connection),
		cmocka_unit_test(what_cannot_be_read_is_not_to_blame),
		cmocka_unit_test(fast_open_wins_before_anything_is_sent),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
