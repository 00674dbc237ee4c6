/* sock_diag against sockets of our own, and the parser against messages cut short. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "observe/diag.h"

struct stage { /* a listener, and a connection to it with unread data */
	int listener, client, accepted;
	uint16_t port;
	unsigned calls, listeners, connections;
	struct socket_fact seen; /* the client's */
};

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof cookie;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
	return cookie;
}

static void stage_open(struct stage *stage)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof address;

	*stage = (struct stage){.listener = socket(AF_INET, SOCK_STREAM, 0), .client = socket(AF_INET, SOCK_STREAM, 0)};
	assert_int_equal(bind(stage->listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(stage->listener, 5), 0);
	assert_int_equal(getsockname(stage->listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(stage->client, (struct sockaddr *)&address, length), 0);
	stage->accepted = accept(stage->listener, NULL, NULL);
	assert_true(stage->accepted >= 0);
	assert_int_equal(send(stage->client, "hello", 5, 0), 5);
	stage->port = ntohs(address.sin_port);
}

static void stage_close(struct stage *stage)
{
	close(stage->client);
	close(stage->accepted);
	close(stage->listener);
}

static int socket_note(void *arg, struct socket_fact *socket)
{
	struct stage *stage = arg;

	stage->calls++;
	if (socket->source_port == stage->port && socket->state == TCP_LISTEN)
		stage->listeners++;
	if (socket->destination_port != stage->port || socket->state != TCP_ESTABLISHED)
		return 0;
	stage->connections++;
	stage->seen = *socket;
	return 0;
}

static int socket_stop(void *arg, struct socket_fact *socket)
{
	(void)socket;
	++*(unsigned *)arg;
	return 42;
}

/* A kernel without sock_diag is no failure of ours. */
static struct netlink *diag_or_skip(void)
{
	struct netlink *netlink;
	struct sockctl_error error;

	if (!netlink_open(&netlink, &error))
		return netlink;
	printf("skip: %s\n", error.hint);
	fflush(stdout);
	skip();
	return NULL;
}

static void sockets_are_found(void **state)
{
	struct netlink *netlink = diag_or_skip();
	struct stage stage;

	(void)state;
	stage_open(&stage);
	assert_int_equal(diag_dump_from(netlink, &(struct diag_filter){0}, socket_note, &stage, NULL), 0);
	assert_int_equal(stage.listeners, 1);
	assert_int_equal(stage.connections, 1);
	assert_true(stage.seen.cookie == cookie_of(stage.client));
	assert_int_equal(stage.seen.tcp.bytes_sent, 5);
	assert_true(tcp_fact_has(&stage.seen.tcp, TCP_FACT_busy_time_us));
	assert_int_equal(stage.seen.skmem_count, SOCKET_SKMEM);
	assert_int_equal(stage.seen.family, AF_INET);
	assert_int_equal(stage.seen.destination[0], 127);
	stage_close(&stage);
	netlink_close(netlink);
}

static void classes_are_told_on_demand(void **state)
{
	struct netlink *netlink = diag_or_skip();
	int tos = 0x20;
	struct stage stage;

	(void)state;
	stage_open(&stage);
	assert_int_equal(setsockopt(stage.client, IPPROTO_IP, IP_TOS, &tos, sizeof tos), 0);
	for (unsigned classes = 0; classes < 2; classes++) {
		assert_int_equal(
			diag_dump_from(netlink, &(struct diag_filter){.classes = classes}, socket_note, &stage, NULL),
			0);
		assert_int_equal(stage.seen.known & (KNOWN_TOS | KNOWN_CLASS_ID),
				 classes ? KNOWN_TOS | KNOWN_CLASS_ID : 0);
	}
	assert_int_equal(stage.seen.tos, tos);
	stage_close(&stage);
	netlink_close(netlink);
}

static uint64_t facts_of(uint32_t rtt_us, uint32_t min_rtt_us, uint32_t rcv_rtt_us, uint32_t ssthresh)
{
	const struct tcp_info_kernel info = {.tcpi_rtt = rtt_us,
					     .tcpi_min_rtt = min_rtt_us,
					     .tcpi_rcv_rtt = rcv_rtt_us,
					     .tcpi_snd_ssthresh = ssthresh};
	struct tcp_fact fact;

	tcp_fact_read(&fact, &info, sizeof info);
	return fact.have;
}

/* Nobody may take "not measured" for the best of all measurements. */
static void what_was_not_measured_is_not_known(void **state)
{
	const uint64_t four = UINT64_C(1) << TCP_FACT_rtt_us | UINT64_C(1) << TCP_FACT_min_rtt_us |
			      UINT64_C(1) << TCP_FACT_rcv_rtt_us | UINT64_C(1) << TCP_FACT_ssthresh_segs;

	(void)state;
	assert_true((facts_of(1, 1, 1, 2) & four) == four);
	assert_true((facts_of(0, 0, 0, 0) & four) == 0);
	assert_true((facts_of(0, UINT32_MAX, 0, 0x7fffffff) & four) == 0);
	assert_true(facts_of(0, 0, 0, 0) >> TCP_FACT_bytes_sent & 1);
}

static void filters_hold(void **state)
{
	struct netlink *netlink = diag_or_skip();
	struct stage stage;

	(void)state;
	stage_open(&stage);
	assert_int_equal(
		diag_dump_from(netlink, &(struct diag_filter){.states = 1 << TCP_LISTEN}, socket_note, &stage, NULL),
		0);
	assert_int_equal(stage.listeners, 1);
	assert_int_equal(stage.connections, 0);
	assert_int_equal(diag_dump_from(netlink, &(struct diag_filter){.family = AF_INET6}, socket_note, &stage, NULL),
			 0);
	assert_int_equal(stage.listeners, 1);
	stage_close(&stage);
	netlink_close(netlink);
}

/* And the same netlink socket serves again. */
static void a_visit_ends_the_dump(void **state)
{
	struct netlink *netlink = diag_or_skip();
	struct stage stage;
	unsigned calls = 0;

	(void)state;
	stage_open(&stage);
	assert_int_equal(diag_dump_from(netlink, &(struct diag_filter){0}, socket_stop, &calls, NULL), 42);
	assert_int_equal(calls, 1);
	assert_int_equal(diag_dump_from(netlink, &(struct diag_filter){0}, socket_note, &stage, NULL), 0);
	assert_int_equal(stage.connections, 1);
	stage_close(&stage);
	netlink_close(netlink);
}

static void short_messages_are_refused(void **state)
{
	uint32_t zeros[18] = {0};
	struct socket_fact socket;

	(void)state;
	assert_int_equal(diag_parse(zeros, 0, &socket), -EPROTO);
	assert_int_equal(diag_parse(zeros, 71, &socket), -EPROTO);
	assert_int_equal(diag_parse(zeros, 72, &socket), 0);
	assert_int_equal(socket.skmem_count, 0);
	assert_true(socket.tcp.have == 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sockets_are_found),
		cmocka_unit_test(classes_are_told_on_demand),
		cmocka_unit_test(what_was_not_measured_is_not_known),
		cmocka_unit_test(filters_hold),
		cmocka_unit_test(a_visit_ends_the_dump),
		cmocka_unit_test(short_messages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
