/* FILTER against ss: the same sockets for random filters over a zoo of them, through the kernel's bytecode and without it. Filters are
 * written with all their parentheses, since ss reads `a or b and c` as (a or b) and c; that fault of ss is looked at by itself. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "namespace.h"
#include "observe/diag.h"
#include "observe/filter.h"

enum { SOCKETS_MAX = 512, FILTERS = 150 };

struct cookies {
	unsigned count;
	uint64_t cookie[SOCKETS_MAX];
};

static struct filter filter;
static uint16_t ports[3]; /* of the listeners */

/* --- the zoo ------------------------------------------------------------------------------------------------------ */

static union {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
} address;

static socklen_t address_set(int family, const char *host, uint16_t port)
{
	memset(&address, 0, sizeof address);
	address.any.sa_family = (sa_family_t)family;
	if (family == AF_INET) {
		address.four.sin_port = htons(port);
		assert_int_equal(inet_pton(family, host, &address.four.sin_addr), 1);
		return sizeof address.four;
	}
	address.six.sin6_port = htons(port);
	assert_int_equal(inet_pton(family, host, &address.six.sin6_addr), 1);
	return sizeof address.six;
}

static int opened(int family, int type)
{
	int fd = socket(family, type | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	return fd;
}

static uint16_t listening(int family, const char *host, int *ret_fd)
{
	struct sockaddr_storage own;
	socklen_t length = sizeof own;
	int fd = opened(family, SOCK_STREAM);

	assert_int_equal(bind(fd, &address.any, address_set(family, host, 0)), 0);
	assert_int_equal(listen(fd, 64), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &length), 0);
	*ret_fd = fd;
	return ntohs(family == AF_INET ? ((struct sockaddr_in *)&own)->sin_port :
					 ((struct sockaddr_in6 *)&own)->sin6_port);
}

/* A connection, taken to the state that its number says: established, close-wait with fin-wait-2, time-wait, or with unread data. */
static void connected(int listener, int family, const char *host, uint16_t port, unsigned kind)
{
	int client = opened(family, SOCK_STREAM), server;
	char byte;

	if (kind == 4)
		setsockopt(client, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3);
	assert_int_equal(connect(client, &address.any, address_set(family, host, port)), 0);
	server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(server >= 0);
	if (kind == 1)
		assert_int_equal(shutdown(client, SHUT_WR), 0);
	if (kind == 3)
		assert_int_equal(send(client, "x", 1, 0), 1);
	if (kind != 2)
		return;
	close(client); /* the one that closes first keeps the TIME_WAIT */
	assert_int_equal(read(server, &byte, 1), 0);
	close(server);
}

static void zoo_open(void)
{
	int four, six, dual;

	ports[0] = listening(AF_INET, "127.0.0.1", &four);
	ports[1] = listening(AF_INET6, "::1", &six);
	ports[2] = listening(AF_INET6, "::", &dual);
	for (unsigned i = 0; i < 25; i++) {
		connected(four, AF_INET, "127.0.0.1", ports[0], i % 5);
		connected(six, AF_INET6, "::1", ports[1], i % 5);
		connected(dual, i % 2 ? AF_INET : AF_INET6, i % 2 ? "127.0.0.3" : "::1", ports[2], i % 5);
	}
	assert_int_equal(bind(opened(AF_INET, SOCK_DGRAM), &address.any, address_set(AF_INET, "127.0.0.1", 0)), 0);
	assert_int_equal(connect(opened(AF_INET, SOCK_STREAM), &address.any, address_set(AF_INET, "127.0.0.9", 1)), -1);
}

/* --- two answers -------------------------------------------------------------------------------------------------- */

static int cookie_compare(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static void cookie_add(struct cookies *set, uint64_t cookie)
{
	assert_true(set->count < SOCKETS_MAX);
	set->cookie[set->count++] = cookie;
}

/* `ss -e` prints a socket's cookie as sk:HEX. It wants states as words of the command, the rest in one. */
static bool ask_ss(const char *states, const char *text, struct cookies *ret)
{
	char command[4096], line[4096];
	FILE *pipe;

	snprintf(command, sizeof command, "ss -tanHe %s '%s' 2>&1", states, text);
	ret->count = 0;
	pipe = popen(command, "r");
	assert_non_null(pipe);
	while (fgets(line, sizeof line, pipe)) {
		const char *at = strstr(line, " sk:");

		if (at)
			cookie_add(ret, strtoull(at + 4, NULL, 16));
		else
			fail_msg("%s: %s", command, line);
	}
	qsort(ret->cookie, ret->count, sizeof *ret->cookie, cookie_compare);
	return pclose(pipe) == 0;
}

static int collect(void *arg, struct socket_fact *socket)
{
	if (filter_match(&filter, socket) == FILTER_YES)
		cookie_add(arg, socket->cookie);
	return 0;
}

static int collect_all(void *arg, struct socket_fact *socket)
{
	cookie_add(arg, socket->cookie);
	return 0;
}

static void ask_us(const char *text, bool kernel, struct cookies *ret, bool *ret_exact)
{
	char code[8192] __attribute__((aligned(4)));
	struct diag_filter request = {.states = 0xffe};
	struct sockctl_error error = {0};
	bool exact = false;
	int length;

	ret->count = 0;
	if (filter_parse(&filter, text, &filter_names_system, &error))
		fail_msg("%s: %s: %s", text, error.subject, error.hint);
	length = filter_bytecode(&filter, true, code, sizeof code, &exact);
	assert_true(length >= 0);
	if (kernel) {
		request.states = filter_states_mask(&filter) & 0xffe;
		request.code = code;
		request.code_bytes = (size_t)length;
	}
	*ret_exact = exact;
	/* what the kernel decides alone is not looked at again */
	if (request.states && diag_dump(&request, kernel && exact ? collect_all : collect, ret, &error))
		fail_msg("%s: %s: %s", text, error.op, error.hint);
	qsort(ret->cookie, ret->count, sizeof *ret->cookie, cookie_compare);
}

static bool equal(const struct cookies *left, const struct cookies *right)
{
	return left->count == right->count && !memcmp(left->cookie, right->cookie, left->count * sizeof *left->cookie);
}

/* --- random filters ----------------------------------------------------------------------------------------------- */

static void leaf(unsigned *seed, char *text, size_t size)
{
	static const char *const hosts[] = {"127.0.0.1", "127.0.0.3", "127/8", "[::1]", "[::/8]", "127.0.0.0/31", "*"};
	static const char *const compares[] = {"=",   "!=", "<",  ">",   "<=",  ">=", "eq",
					       "neq", "lt", "gt", "leq", "geq", ""};
	const char *end = rand_r(seed) % 2 ? "s" : "d", *host = hosts[(unsigned)rand_r(seed) % 7];
	unsigned port = ports[(unsigned)rand_r(seed) % 3];

	switch (rand_r(seed) % 6) {
	case 0:
		snprintf(text, size, "%sport %s :%u", end, compares[(unsigned)rand_r(seed) % 13], port);
		break;
	case 1:
		snprintf(text, size, "%s %s", *end == 's' ? "src" : "dst", host);
		break;
	case 2:
		snprintf(text, size, "%s = %s:%u", *end == 's' ? "src" : "dst", host, port);
		break;
	case 3:
		snprintf(text, size, "dev %s lo", rand_r(seed) % 2 ? "=" : "!=");
		break;
	case 4:
		snprintf(text, size, "%s :%u", *end == 's' ? "src" : "dst", port);
		break;
	default:
		snprintf(text, size, "autobound");
	}
}

static void grow(unsigned *seed, char *text, size_t size, unsigned depth)
{
	char left[1024], right[1024];
	unsigned kind = depth ? (unsigned)rand_r(seed) % 5 : 0;

	if (!kind) {
		leaf(seed, text, size);
		return;
	}
	grow(seed, left, sizeof left / 2, depth - 1);
	grow(seed, right, sizeof right / 2, depth - 1);
	if (kind == 1)
		snprintf(text, size, "! ( %.500s )", left);
	else
		snprintf(text, size, "( %.500s ) %s ( %.500s )", left,
			 kind == 2 ? "and" :
			 kind == 3 ? "or" :
				     "",
			 right);
}

/* `autobound` is the kernel's alone: filters that have it are compared only where the kernel decides everything. */
static void filter_answers_as_ss(void **state)
{
	static const char *const states[] = {"",
					     "state established ",
					     "state all exclude time-wait ",
					     "state connected ",
					     "state bucket ",
					     "state listening state close-wait ",
					     "exclude listening "};
	struct cookies theirs, ours;
	unsigned seed = 20, some = 0;

	(void)state;
	for (int i = 0; i < FILTERS; i++) {
		const char *prefix = states[(unsigned)rand_r(&seed) % 7];
		char text[1200], tree[1100];
		bool exact;

		grow(&seed, tree, sizeof tree, 3);
		snprintf(text, sizeof text, "%s( %s )", prefix, tree);
		assert_true(ask_ss(prefix, tree, &theirs));
		some += theirs.count > 0;
		ask_us(text, true, &ours, &exact);
		assert_true(exact);
		if (!equal(&theirs, &ours))
			fail_msg("%s: ss has %u, the kernel gave us %u", text, theirs.count, ours.count);
		if (strstr(text, "autobound"))
			continue;
		ask_us(text, false, &ours, &exact);
		if (!equal(&theirs, &ours))
			fail_msg("%s: ss has %u, our own match %u", text, theirs.count, ours.count);
	}
	assert_true(some > FILTERS / 3);
}

/* Where we differ on purpose. */
static void faults_of_ss(void **state)
{
	struct cookies theirs, ours, want;
	char text[200];
	bool exact;

	(void)state;
	snprintf(text, sizeof text, "sport = :%u or sport = :%u and dport = :1", ports[0], ports[1]);
	assert_true(ask_ss("", text, &theirs));
	ask_us(text, true, &ours, &exact);
	snprintf(text, sizeof text, "sport = :%u", ports[0]);
	ask_us(text, true, &want, &exact);
	assert_true(equal(&ours, &want) && want.count > 0);
	if (theirs.count) /* (a or b) and c matches nothing here */
		printf("# this ss knows that `and` binds before `or`\n");
	/* not an IPv6 address: ss shows nothing, we the IPv4 sockets */
	assert_true(ask_ss("", "! ( src [::/0] )", &theirs));
	ask_us("! ( src [::/0] )", true, &ours, &exact);
	ask_us("src 0.0.0.0/0 and ! ( src [::ffff:0:0/96] )", false, &want, &exact);
	assert_true(equal(&ours, &want) && ours.count > 0);
	if (theirs.count)
		printf("# this ss knows what is not in ::/0\n");
}

/* A condition that only we can decide is no loss: the kernel decides the rest. */
static void facts_narrow_what_the_kernel_lets_through(void **state)
{
	struct cookies with, without, both;
	char text[200];
	bool exact;

	(void)state;
	snprintf(text, sizeof text, "sport = :%u and state established and rtt ge 0us", ports[0]);
	ask_us(text, true, &with, &exact);
	assert_false(exact);
	ask_us(text, false, &without, &exact);
	snprintf(text, sizeof text, "sport = :%u and state established", ports[0]);
	ask_us(text, true, &both, &exact);
	assert_true(exact && equal(&with, &without) && equal(&with, &both) && with.count > 0);
	ask_us("state established and rtt gt 5m", true, &with, &exact);
	assert_int_equal(with.count, 0);
}

static bool ss_runs(void)
{
	return system("ss -tan >/dev/null 2>&1") == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_answers_as_ss),
		cmocka_unit_test(faults_of_ss),
		cmocka_unit_test(facts_narrow_what_the_kernel_lets_through),
	};
	char path[4096];

	snprintf(path, sizeof path, "%s:/usr/sbin:/sbin", getenv("PATH") ? getenv("PATH") : "/usr/bin:/bin");
	setenv("PATH", path, 1);
	if (namespace_enter() || !ss_runs()) {
		printf("1..0 # SKIP no network namespace, or no ss (iproute2) to compare with\n");
		return 0;
	}
	zoo_open();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
