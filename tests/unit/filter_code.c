/* A FILTER's bytecode lets through what filter_match() says, judged by the kernel's rules over random
 * filters and sockets. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "observe/filter.h"

static struct filter filter;

/* The kernel's interpreter, from its description in net/ipv4/inet_diag.c: addresses, ports and device are all that is
 * asked here. */
static bool host_holds(const struct inet_diag_hostcond *condition, const void *operand, bool source,
		       const struct socket_fact *s)
{
	struct filter_node node = {.kind = FILTER_HOST, .source = source};
	struct filter one = {.count = 1, .node = {{0}}};

	node.host = (struct filter_host){
		.family = condition->family, .prefix_bits = condition->prefix_len, .port = condition->port};
	memcpy(node.host.address, operand, condition->family == AF_INET6 ? 16 : condition->family == AF_INET ? 4 : 0);
	one.node[0] = node;
	return filter_match(&one, s) == FILTER_YES;
}

static bool operation_holds(const char *at, const struct socket_fact *s)
{
	struct inet_diag_hostcond condition;
	struct inet_diag_bc_op op[2];
	uint32_t interface;

	memcpy(op, at, sizeof *op);
	switch (op->code) {
	case INET_DIAG_BC_JMP:
		return false;
	case INET_DIAG_BC_S_COND:
	case INET_DIAG_BC_D_COND:
		memcpy(&condition, at + sizeof *op, sizeof condition);
		return host_holds(&condition, at + sizeof *op + sizeof condition, op->code == INET_DIAG_BC_S_COND, s);
	case INET_DIAG_BC_DEV_COND:
		memcpy(&interface, at + sizeof *op, sizeof interface);
		return interface == s->interface;
	}
	memcpy(op, at, sizeof op);
	switch (op->code) {
	case INET_DIAG_BC_S_GE:
		return s->source_port >= op[1].no;
	case INET_DIAG_BC_S_LE:
		return s->source_port <= op[1].no;
	case INET_DIAG_BC_D_GE:
		return s->destination_port >= op[1].no;
	case INET_DIAG_BC_D_LE:
		return s->destination_port <= op[1].no;
	}
	fail_msg("operation %d", op->code);
	return false;
}

static bool code_lets_through(const char *code, int length, const struct socket_fact *s)
{
	int at = 0;

	while (at < length) {
		struct inet_diag_bc_op op;
		int step;

		memcpy(&op, code + at, sizeof op);
		step = operation_holds(code + at, s) ? op.yes : op.no;
		assert_true(step >= 4 && step % 4 == 0);
		at += step;
	}
	return at == length;
}

static struct socket_fact random_socket(unsigned *seed)
{
	static const char *const sixes[] = {"::1", "::ffff:10.0.0.1", "2001:db8::1"};
	struct socket_fact s = {.protocol = IPPROTO_TCP, .family = rand_r(seed) % 2 ? AF_INET : AF_INET6};

	s.state = (uint8_t)(1 + rand_r(seed) % 11);
	s.source_port = (uint16_t)(1 + rand_r(seed) % 4);
	s.destination_port = (uint16_t)(1 + rand_r(seed) % 4);
	s.interface = (uint32_t)(rand_r(seed) % 3);
	if (s.family == AF_INET) {
		memcpy(s.source, (uint8_t[]){10, 0, 0, (uint8_t)(rand_r(seed) % 3)}, 4);
		memcpy(s.destination, (uint8_t[]){10, 0, (uint8_t)(rand_r(seed) % 2), 1}, 4);
	} else {
		inet_pton(AF_INET6, sixes[rand_r(seed) % 3], s.source);
		inet_pton(AF_INET6, sixes[rand_r(seed) % 3], s.destination);
	}
	s.tcp.rtt_us = (uint64_t)(rand_r(seed) % 3);
	s.tcp.have = rand_r(seed) % 4 ? 1ull << TCP_FACT_rtt_us : 0;
	return s;
}

static void random_filter(unsigned *seed, char *text, size_t size, unsigned depth)
{
	static const char *const leaves[] = {
		"sport = :1",        "sport ne 2", "dport gt 2",   "dport lt 3",      "sport ge 2",
		"dport le 1",        "src 10/8",   "dst 10.0.0.1", "src [::1]",       "dst [2001:db8::]/32",
		"src 10.0.0.1:1",    "dst *:3",    "dev 1",        "dev != 2",        "state established",
		"exclude listening", "rtt gt 1us", "rtt eq 0us",   "sport = inet6:1", "dst != 10.0.0.0/31",
		"src inet:*",        "src unix:*",
	};
	char left[2048], right[2048];
	unsigned kind = depth ? rand_r(seed) % 4 : 0;

	if (kind == 0) {
		snprintf(text, size, "%s", leaves[(unsigned)rand_r(seed) % (sizeof leaves / sizeof *leaves)]);
		return;
	}
	random_filter(seed, left, sizeof left / 2, depth - 1);
	random_filter(seed, right, sizeof right / 2, depth - 1);
	if (kind == 1)
		snprintf(text, size, "not (%.900s)", left);
	else
		snprintf(text, size, "(%.900s) %s (%.900s)", left, kind == 2 ? "and" : "or", right);
}

/* Over random filters and sockets: the code never loses a socket that matches or might, and where it calls itself
 * exact it lets through nothing else. */
static void test_bytecode(void **state)
{
	unsigned seed = 1, exact_filters = 0, through = 0, held = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char text[2048], code[8192] __attribute__((aligned(4)));
		struct sockctl_error error;
		bool exact = false;
		int length;

		random_filter(&seed, text, sizeof text, 4);
		assert_int_equal(filter_parse(&filter, text, NULL, &error), 0);
		length = filter_bytecode(&filter, false, code, sizeof code, &exact);
		assert_true(length >= 0);
		exact_filters += exact;
		for (int k = 0; k < 40; k++) {
			struct socket_fact s = random_socket(&seed);
			bool let = filter_states_mask(&filter) >> s.state & 1 && code_lets_through(code, length, &s);
			enum filter_answer answer = filter_match(&filter, &s);

			if ((answer != FILTER_NO && !let) || (exact && answer != (let ? FILTER_YES : FILTER_NO)))
				fail_msg("%s: answer %d, let through %d, exact %d", text, answer, let, exact);
			*(let ? &through : &held) += 1;
		}
	}
	assert_true(exact_filters > 300 && through > 1000 && held > 1000);
}

static void test_bytecode_bounds(void **state)
{
	char code[64] __attribute__((aligned(4)));
	bool exact;

	(void)state;
	assert_int_equal(filter_parse(&filter, "rtt gt 1ms", NULL, NULL), 0);
	assert_int_equal(filter_bytecode(&filter, true, code, sizeof code, &exact), 0);
	assert_false(exact);
	assert_int_equal(filter_parse(&filter, "", NULL, NULL), 0);
	assert_int_equal(filter_bytecode(&filter, true, code, sizeof code, &exact), 0);
	assert_true(exact);
	assert_int_equal(filter_parse(&filter, "sport 1 or sport 2 or sport 3 or sport 4 or sport 5", NULL, NULL), 0);
	assert_int_equal(filter_bytecode(&filter, true, code, sizeof code, &exact), -E2BIG);
	assert_int_equal(filter_parse(&filter, "fwmark 1", NULL, NULL), 0);
	assert_int_equal(filter_bytecode(&filter, false, code, sizeof code, &exact), 0);
	assert_true(filter_bytecode(&filter, true, code, sizeof code, &exact) > 0 && exact);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytecode),
		cmocka_unit_test(test_bytecode_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
