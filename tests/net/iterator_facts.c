/* The iterators against sock_diag: every fact is the same. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "look.h"
#include "namespace.h"
#include "observe/diag.h"
#include "zoo.h"

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
	const struct diag_filter filter = {.states = 0xffe, .protocol = protocol, .marks = true, .classes = true};
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
	differ += before->known & KNOWN_CLASS_ID ? DIFFERS(class_id) : 0;
	differ += before->known & KNOWN_MD5 ? DIFFERS(md5_keys) : 0;
	differ += before->known & KNOWN_FLAGS ? DIFFERS(flags) : 0;
	assert_int_equal(told->known & (KNOWN_CLASS_ID | KNOWN_MD5 | KNOWN_FLAGS),
			 before->known & (KNOWN_CLASS_ID | KNOWN_MD5 | KNOWN_FLAGS));
	differ += (before->cc.kind != CONGESTION_SILENT) != (told->cc.kind == CONGESTION_UNTOLD);
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

static void what_no_option_has_equals_sock_diag(void **state)
{
	enum { TRANSPARENT = 19 };
	struct zoo zoo;
	const int on = 1, class = 5;
	unsigned count;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	for (unsigned i = 0; i < zoo.count; i += 2) {
		assert_int_equal(setsockopt(zoo.fd[i], SOL_SOCKET, SO_PRIORITY, &class, sizeof class), 0);
		assert_int_equal(setsockopt(zoo.fd[i], IPPROTO_IP, TRANSPARENT, &on, sizeof on), 0);
	}
	if (!keys_add(zoo.fd[0], 100))
		assert_int_equal(errno, ENOPROTOOPT); /* CONFIG_TCP_MD5SIG */
	zoo_settle();
	facts_compare(by_hand, IPPROTO_TCP, &count);
	zoo_close(&zoo);
}

/* With the options of all by BPF, which only notes that there is something to tell. */
static void what_congestion_controls_tell_is_asked_for(void **state)
{
	struct sockets_query query = {.tcp = true, .states = UINT32_MAX, .options = true};
	static struct look seen;
	struct zoo zoo;

	(void)state;
	need_bpf();
	zoo = zoo_open();
	if (setsockopt(zoo.fd[1], IPPROTO_TCP, TCP_CONGESTION, "bbr", 3) ||
	    setsockopt(zoo.fd[4], IPPROTO_TCP, TCP_CONGESTION, "bbr", 3)) {
		zoo_close(&zoo);
		printf("skip: this kernel has no bbr, or not for us\n");
		skip();
	}
	for (unsigned i = 1; i < zoo.count; i += 3) {
		query.congestion = false;
		look_for(zoo.fd[i], &query, &seen);
		assert_int_equal(seen.fact.cc.kind, CONGESTION_UNTOLD);
		query.congestion = true;
		look_for(zoo.fd[i], &query, &seen);
		assert_int_equal(seen.fact.cc.kind, CONGESTION_BBR);
		assert_true(seen.fact.cc.bbr.pacing_gain >= 256);
		assert_int_equal(seen.options[OPTION_nodelay].source, SOURCE_ITERATOR);
	}
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(facts_equal_sock_diag), /* the first, while nobody is in TIME_WAIT yet */
		cmocka_unit_test(what_no_option_has_equals_sock_diag),
		cmocka_unit_test(what_congestion_controls_tell_is_asked_for),
		cmocka_unit_test(facts_of_datagrams_equal_sock_diag),
		cmocka_unit_test(half_open_ones_equal_sock_diag),
	};
	int r;

	iterators_open();
	if (namespace_enter())
		return 77;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	iterators_close();
	return r;
}
