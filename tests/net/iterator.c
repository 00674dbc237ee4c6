/* The TCP iterator against the kernel's other answers: every option it claims equals getsockopt, every fact equals
 * sock_diag, and no socket is given another's data while thousands come and go. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/error.h"
#include "base/units.h"
#include "namespace.h"
#include "observe/diag.h"
#include "observe/iterator.h"
#include "socket/access.h"

enum { SOCKETS = 16 };

static struct iterator *by_hand, *asking, *datagrams;
static int why_code;
static char why[400] = "";

static const struct iterator_request everything = {.states = UINT32_MAX};

static void need_bpf(void)
{
	if (by_hand && asking && datagrams)
		return;
	if (why_code != -EPERM && why_code != -EOPNOTSUPP)
		fail_msg("%s", why);
	printf("skip: %s\n", why);
	skip();
}

/* --- sockets of the test's own ---------------------------------------------------------------------------------- */

struct zoo {
	int fd[SOCKETS];
	unsigned count;
};

static void zoo_close(struct zoo *zoo)
{
	while (zoo->count)
		close(zoo->fd[--zoo->count]);
}

static int zoo_add(struct zoo *zoo, int fd)
{
	assert_true(fd >= 0 && zoo->count < SOCKETS);
	return zoo->fd[zoo->count++] = fd;
}

/* A listener, a connection to it, and what accept() made of that. */
static void zoo_connection(struct zoo *zoo, int family)
{
	struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	struct sockaddr_in *four = (struct sockaddr_in *)&address;
	int listener = zoo_add(zoo, socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
	int client = zoo_add(zoo, socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));

	if (family == AF_INET)
		four->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 9), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	zoo_add(zoo, accept4(listener, NULL, NULL, SOCK_CLOEXEC));
}

static struct zoo zoo_open(void)
{
	struct zoo zoo = {.count = 0};

	zoo_connection(&zoo, AF_INET);
	zoo_connection(&zoo, AF_INET6);
	return zoo;
}

static uint64_t cookie_of(int fd)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof cookie;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
	return cookie;
}

/* --- options ---------------------------------------------------------------------------------------------------- */

struct comparison {
	const struct zoo *zoo;
	unsigned seen, equal[OPTION_COUNT], differ;
};

static unsigned place_of(const struct option *option, int family)
{
	return option->place[1].symbol && family == AF_INET6 ? 1 : 0;
}

static void option_compare(struct comparison *comparison, int fd, const struct socket_fact *socket, unsigned id)
{
	const struct option *option = &catalogue[id];
	struct value value = {0};
	unsigned place = place_of(option, socket->family);
	char told[64], true_one[64];
	int r = option->may_auto ? access_get_auto(fd, option, place, &value) : access_get(fd, option, place, &value);

	if (!r && value_equal(&value, &socket->options[id].value)) {
		comparison->equal[id]++;
		return;
	}
	value_format(option, &socket->options[id].value, told, sizeof told);
	value_format(option, &value, true_one, sizeof true_one);
	print_error("%s of family %u, state %u: told %s, getsockopt: %s\n", option->name, socket->family, socket->state,
		    told, r ? strerror(-r) : true_one);
	comparison->differ++;
}

static int socket_compare(void *arg, struct socket_fact *socket)
{
	struct comparison *comparison = arg;

	for (unsigned i = 0; i < comparison->zoo->count; i++) {
		if (cookie_of(comparison->zoo->fd[i]) != socket->cookie)
			continue;
		comparison->seen++;
		assert_non_null(socket->options);
		for (unsigned id = 1; id < OPTION_COUNT; id++)
			if (socket->options[id].source != SOURCE_NONE)
				option_compare(comparison, comparison->zoo->fd[i], socket, id);
	}
	return 0;
}

static struct comparison compare(struct iterator *iterator, const struct zoo *zoo)
{
	struct comparison comparison = {.zoo = zoo};
	struct sockctl_error error;

	if (iterator_walk(iterator, &everything, socket_compare, &comparison, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	return comparison;
}

/* A value that the option does not have already, in its own words. */
static bool option_change(int fd, int family, const struct option *option)
{
	unsigned place = place_of(option, family);
	struct value value, now;

	if (option->via != VIA_SOCKOPT || option->irreversible ||
	    value_parse(option, option->example ? option->example : "on", &value))
		return false;
	if (!access_get(fd, option, place, &now) && value_equal(&now, &value) && option->kind == KIND_SWITCH)
		value.number = !value.number;
	return !access_set(fd, option, place, &value);
}

static void options_equal_getsockopt(void **state)
{
	struct zoo zoo;
	struct comparison comparison;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	comparison = compare(by_hand, &zoo);
	assert_int_equal(comparison.differ, 0);
	assert_int_equal(comparison.seen, zoo.count);
	/* what is readable at all is there */
	assert_int_equal(comparison.equal[OPTION_nodelay], zoo.count);
	assert_int_equal(comparison.equal[OPTION_linger], zoo.count);
	assert_int_equal(comparison.equal[OPTION_cc], zoo.count);
	assert_int_equal(comparison.equal[OPTION_keepalive_idle], zoo.count);
	zoo_close(&zoo);
}

static void changed_options_equal_getsockopt(void **state)
{
	unsigned changed = 0;

	(void)state;
	need_bpf();
	for (unsigned id = 1; id < OPTION_COUNT; id++) {
		struct zoo zoo = zoo_open();
		struct comparison comparison;
		bool any = false;

		for (unsigned i = 0; i < zoo.count; i++)
			any |= option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
		comparison = compare(by_hand, &zoo);
		if (comparison.differ)
			fail_msg("after %s was set", catalogue[id].name);
		assert_int_equal(comparison.seen, zoo.count);
		changed += any;
		zoo_close(&zoo);
	}
	print_message("%u options changed, one at a time\n", changed);
	assert_true(changed > 40);
}

/* A bound one, and one that is connected to it. */
static void zoo_datagrams(struct zoo *zoo, int family)
{
	struct sockaddr_storage address = {.ss_family = (sa_family_t)family};
	socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int bound = zoo_add(zoo, socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	int client = zoo_add(zoo, socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0));

	if (family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	assert_int_equal(bind(bound, (struct sockaddr *)&address, length), 0);
	assert_int_equal(getsockname(bound, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	assert_int_equal(send(client, "unread", 6, 0), 6);
}

static struct zoo zoo_of_datagrams(void)
{
	struct zoo zoo = {.count = 0};

	zoo_datagrams(&zoo, AF_INET);
	zoo_datagrams(&zoo, AF_INET6);
	return zoo;
}

static void options_of_datagrams_equal_getsockopt(void **state)
{
	unsigned changed = 0;

	(void)state;
	need_bpf();
	for (unsigned id = 0; id < OPTION_COUNT; id++) { /* 0: as they are */
		struct zoo zoo = zoo_of_datagrams();
		struct comparison comparison;
		bool any = false;

		for (unsigned i = 0; id && i < zoo.count; i++)
			any |= option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
		comparison = compare(datagrams, &zoo);
		if (comparison.differ)
			fail_msg("after %s was set", id ? catalogue[id].name : "nothing");
		assert_int_equal(comparison.seen, zoo.count);
		assert_int_equal(comparison.equal[OPTION_rcvbuf], zoo.count);
		assert_int_equal(comparison.equal[OPTION_udp_segment], zoo.count);
		changed += any;
		zoo_close(&zoo);
	}
	print_message("%u options changed, one at a time\n", changed);
	assert_true(changed > 30);
}

static void what_bpf_getsockopt_reads_equals_getsockopt(void **state)
{
	struct zoo zoo;
	struct comparison comparison;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	for (unsigned i = 0; i < zoo.count; i++)
		for (unsigned id = 1; id < OPTION_COUNT; id++)
			option_change(zoo.fd[i], i < zoo.count / 2 ? AF_INET : AF_INET6, &catalogue[id]);
	comparison = compare(asking, &zoo);
	assert_int_equal(comparison.differ, 0);
	assert_int_equal(comparison.seen, zoo.count);
	assert_int_equal(comparison.equal[OPTION_nodelay], zoo.count);
	assert_int_equal(comparison.equal[OPTION_cc], zoo.count);
	assert_int_equal(comparison.equal[OPTION_keepalive_idle], zoo.count);
	zoo_close(&zoo);
}

/* --- facts ------------------------------------------------------------------------------------------------------ */

enum { HEARD = 64 };

struct heard {
	struct socket_fact socket[HEARD];
	unsigned count;
};

static int socket_hear(void *arg, struct socket_fact *socket)
{
	struct heard *heard = arg;

	assert_true(heard->count < HEARD);
	heard->socket[heard->count++] = *socket;
	return 0;
}

static const struct socket_fact *heard_find(const struct heard *heard, uint64_t cookie)
{
	for (unsigned i = 0; i < heard->count; i++)
		if (heard->socket[i].cookie == cookie)
			return &heard->socket[i];
	return NULL;
}

static struct heard hear_diag(uint8_t protocol)
{
	const struct diag_filter filter = {.states = 0xffe, .protocol = protocol};
	struct heard heard = {.count = 0};

	assert_int_equal(diag_dump(&filter, socket_hear, &heard, NULL), 0);
	return heard;
}

/* What moves, moves one way: it was told between two answers of sock_diag. */
static bool between(const char *name, uint64_t before, uint64_t told, uint64_t after, const struct socket_fact *socket)
{
	if ((before <= told && told <= after) || (after <= told && told <= before))
		return true;
	print_error("%s of family %u, state %u: told %llu, sock_diag: %llu, then %llu\n", name, socket->family,
		    socket->state, (unsigned long long)told, (unsigned long long)before, (unsigned long long)after);
	return false;
}

static uint64_t field_of(const struct socket_fact *socket, unsigned id)
{
	uint64_t value;

	memcpy(&value, (const char *)&socket->tcp + tcp_fact_fields[id].offset, sizeof value);
	return value;
}

static unsigned tcp_differs(const struct socket_fact *before, const struct socket_fact *told,
			    const struct socket_fact *after)
{
	unsigned differ = 0;

	assert_int_equal(told->tcp.have, before->tcp.have);
	for (unsigned id = 0; id < TCP_FACT_COUNT; id++)
		if (tcp_fact_has(&told->tcp, id))
			differ += !between(tcp_fact_fields[id].name, field_of(before, id), field_of(told, id),
					   field_of(after, id), told);
	return differ;
}

#define DIFFERS(member) (!between(#member, before->member, told->member, after->member, told))

static unsigned socket_differs(const struct socket_fact *before, const struct socket_fact *told,
			       const struct socket_fact *after)
{
	unsigned differ = 0;

	differ += DIFFERS(protocol) + DIFFERS(type) + DIFFERS(family) + DIFFERS(state) + DIFFERS(timer);
	differ += DIFFERS(retransmits) + DIFFERS(source_port) + DIFFERS(destination_port) + DIFFERS(interface);
	differ += DIFFERS(inode) + DIFFERS(uid) + DIFFERS(expires_ms) + DIFFERS(rqueue_bytes) + DIFFERS(wqueue_bytes);
	differ += memcmp(before->source, told->source, sizeof told->source) != 0;
	differ += memcmp(before->destination, told->destination, sizeof told->destination) != 0;
	differ += told->known & KNOWN_QUEUE ? DIFFERS(queue) + DIFFERS(queue_limit) : 0;
	differ += before->known & KNOWN_MARK ? DIFFERS(mark) : 0;
	differ += before->known & KNOWN_CGROUP ? DIFFERS(cgroup) : 0;
	differ += before->known & KNOWN_SHUTDOWN ? DIFFERS(shutdown) : 0;
	differ += before->known & KNOWN_TOS ? DIFFERS(tos) : 0;
	differ += before->known & KNOWN_TCLASS ? DIFFERS(tclass) : 0;
	differ += before->known & KNOWN_V6ONLY ? DIFFERS(v6only) : 0;
	differ += before->known & KNOWN_CONGESTION ? strcmp(before->congestion, told->congestion) != 0 : 0;
	assert_int_equal(told->skmem_count, before->skmem_count);
	for (unsigned i = 0; i < told->skmem_count; i++)
		differ += DIFFERS(skmem[i]);
	return differ + tcp_differs(before, told, after);
}

/* Each fact needs somebody who has it: data on the way back and forth, unread, unsent; a queue; timers; the
 * half-closed; TIME_WAIT. */
static struct zoo zoo_at_work(void)
{
	struct zoo zoo = zoo_open();
	const int on = 1, idle_s = 100, mark = 0x2a;
	char block[4096] = {0};

	for (unsigned i = 1; i < zoo.count; i += 3) {
		int client = zoo.fd[i], server = zoo.fd[i + 1];

		for (int turn = 0; turn < 20; turn++) {
			assert_int_equal(send(client, block, sizeof block, 0), sizeof block);
			assert_int_equal(recv(server, block, sizeof block, MSG_WAITALL), sizeof block);
			assert_int_equal(send(server, block, 100, 0), 100);
			assert_int_equal(recv(client, block, 100, MSG_WAITALL), 100);
		}
		assert_int_equal(send(client, block, 777, 0), 777);
		setsockopt(client, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
		setsockopt(client, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
		setsockopt(client, SOL_SOCKET, SO_MARK, &mark, sizeof mark);
		assert_int_equal(shutdown(server, SHUT_WR), 0);
	}
	zoo_connection(&zoo, AF_INET);
	close(zoo.fd[--zoo.count]); /* the server's end first: it stays in TIME_WAIT */
	assert_int_equal(recv(zoo.fd[zoo.count - 1], block, 1, 0), 0);
	close(zoo.fd[--zoo.count]);
	return zoo;
}

static const struct socket_fact *half_open(const struct heard *heard)
{
	for (unsigned i = 0; i < heard->count; i++)
		if (heard->socket[i].state == TCP_SYN_RECV)
			return &heard->socket[i];
	return NULL;
}

/* Both ends of a connection that has been idle for a while do not move any more: no acknowledgement is owed. */
static void zoo_settle(void)
{
	for (int i = 0; i < 1000; i++) {
		struct heard one = hear_diag(IPPROTO_TCP), other = hear_diag(IPPROTO_TCP);
		bool moves = false;

		for (unsigned j = 0; j < one.count; j++) {
			const struct socket_fact *same = heard_find(&other, one.socket[j].cookie);

			moves |= !same || same->timer != one.socket[j].timer || one.socket[j].timer == 1 ||
				 same->tcp.segs_in != one.socket[j].tcp.segs_in;
		}
		if (!moves)
			return;
		poll(NULL, 0, 10);
	}
	fail_msg("the sockets do not come to rest");
}

/* The states that were met, as bits. */
static unsigned facts_compare(struct iterator *iterator, uint8_t protocol, unsigned *ret_count)
{
	struct heard before = hear_diag(protocol), told = {.count = 0}, after;
	unsigned differ = 0, states = 0;

	assert_int_equal(iterator_walk(iterator, &everything, socket_hear, &told, NULL), 0);
	after = hear_diag(protocol);
	assert_int_equal(told.count, before.count);
	for (unsigned i = 0; i < told.count; i++) {
		const struct socket_fact *one = heard_find(&before, told.socket[i].cookie);
		const struct socket_fact *other = heard_find(&after, told.socket[i].cookie);

		assert_non_null(one);
		assert_non_null(other);
		differ += socket_differs(one, &told.socket[i], other);
		states |= 1u << told.socket[i].state;
	}
	assert_int_equal(differ, 0);
	*ret_count = told.count;
	return states;
}

static void facts_equal_sock_diag(void **state)
{
	struct zoo zoo;
	unsigned count;

	(void)state;
	need_bpf();
	zoo = zoo_at_work();
	zoo_settle();
	assert_int_equal(facts_compare(by_hand, IPPROTO_TCP, &count),
			 1 << TCP_LISTEN | 1 << TCP_FIN_WAIT2 | 1 << TCP_CLOSE_WAIT | 1 << TCP_TIME_WAIT);
	zoo_close(&zoo);
}

static void facts_of_datagrams_equal_sock_diag(void **state)
{
	struct zoo zoo;
	unsigned count;

	(void)state;
	need_bpf();
	zoo = zoo_of_datagrams();
	assert_int_equal(facts_compare(datagrams, IPPROTO_UDP, &count), 1 << TCP_CLOSE | 1 << TCP_ESTABLISHED);
	assert_int_equal(count, zoo.count);
	zoo_close(&zoo);
}

/* TCP_DEFER_ACCEPT keeps a connection half open until data comes. Its timer may start anew between two looks, hence
 * several. */
static void half_open_ones_equal_sock_diag(void **state)
{
	struct zoo zoo = {.count = 0};
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address;
	const int wait_s = 60;
	bool equal = false;
	int listener, client;

	(void)state;
	need_bpf();
	listener = zoo_add(&zoo, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	client = zoo_add(&zoo, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	assert_int_equal(setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &wait_s, sizeof wait_s), 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, length) | listen(listener, 9), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, length), 0);
	for (unsigned i = 0; i < 50 && !equal; i++) {
		struct heard before = hear_diag(IPPROTO_TCP), told = {.count = 0}, after;
		const struct socket_fact *half = half_open(&before), *one, *other;

		assert_non_null(half);
		assert_int_equal(iterator_walk(by_hand, &everything, socket_hear, &told, NULL), 0);
		after = hear_diag(IPPROTO_TCP);
		one = heard_find(&told, half->cookie);
		other = heard_find(&after, half->cookie);
		assert_non_null(one);
		assert_non_null(other);
		equal = !socket_differs(half, one, other);
	}
	assert_true(equal);
	zoo_close(&zoo);
}

/* --- many that come and go -------------------------------------------------------------------------------------- */

enum { CHURNERS = 3, AT_ONCE = 50, PASSES = 60 };

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
static void churn(int listener, const struct sockaddr_in *address)
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

static pid_t churner_start(void)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof address;
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	assert_int_equal(bind(listener, (struct sockaddr *)&address, length), 0);
	assert_int_equal(listen(listener, 10), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &length), 0);
	pid = fork();
	if (!pid)
		churn(listener, &address);
	close(listener);
	return pid;
}

static void no_socket_has_anothers_options(void **state)
{
	struct witness witness = {0, 0, 0};
	pid_t churner[CHURNERS];

	(void)state;
	need_bpf();
	for (unsigned i = 0; i < CHURNERS; i++)
		churner[i] = churner_start();
	for (unsigned i = 0; i < PASSES || (witness.marked < 1000 && i < 5000); i++)
		assert_int_equal(iterator_walk(by_hand, &everything, socket_witness, &witness, NULL), 0);
	for (unsigned i = 0; i < CHURNERS; i++) {
		kill(churner[i], SIGKILL);
		waitpid(churner[i], NULL, 0);
	}
	print_message("%u sockets met, %u of them with options of their own\n", witness.met, witness.marked);
	assert_int_equal(witness.foreign, 0);
	assert_true(witness.marked >= 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_equal_sock_diag), /* the first, while nobody is in TIME_WAIT yet */
		cmocka_unit_test(facts_of_datagrams_equal_sock_diag),
		cmocka_unit_test(half_open_ones_equal_sock_diag),
		cmocka_unit_test(options_equal_getsockopt),
		cmocka_unit_test(changed_options_equal_getsockopt),
		cmocka_unit_test(options_of_datagrams_equal_getsockopt),
		cmocka_unit_test(what_bpf_getsockopt_reads_equals_getsockopt),
		cmocka_unit_test(no_socket_has_anothers_options),
	};
	struct sockctl_error error = {0};
	int r;

	if (iterator_open(&by_hand, IPPROTO_TCP, &error) || iterator_open_asking(&asking, &error) ||
	    iterator_open(&datagrams, IPPROTO_UDP, &error))
		error_text(&error, why, sizeof why);
	why_code = error.code;
	if (namespace_enter())
		return 77;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	iterator_close(by_hand);
	iterator_close(asking);
	iterator_close(datagrams);
	return r;
}
