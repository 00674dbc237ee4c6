/* Keys of TCP_MD5SIG, which anybody may set: a socket with many hides no other. */
#include <arpa/inet.h>
#include <errno.h>
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
#include "look.h"
#include "namespace.h"

enum { LISTENERS = 96, KEYED = 8, FIT = 100, TOO_MANY = 400 /* about 320 have room in a message */ };

static int listener[LISTENERS];

/* KEYED of them have so many keys. */
static void listeners_open(unsigned keys)
{
	const struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};

	for (unsigned i = 0; i < LISTENERS; i++) {
		listener[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert_int_equal(bind(listener[i], (const struct sockaddr *)&address, sizeof address), 0);
		assert_int_equal(listen(listener[i], 5), 0);
		if (i % (LISTENERS / KEYED) || keys_add(listener[i], keys))
			continue;
		assert_int_equal(errno, ENOPROTOOPT);
		printf("skip: this kernel has no TCP_MD5SIG (CONFIG_TCP_MD5SIG)\n");
		skip();
	}
}

static void listeners_close(void)
{
	for (unsigned i = 0; i < LISTENERS; i++)
		close(listener[i]);
}

static int count(void *arg, const struct socket_fact *socket)
{
	(void)socket;
	++*(unsigned *)arg;
	return 0;
}

static unsigned counted(bool marks, struct sockets_outcome *ret)
{
	const struct sockets_query query = {.tcp = true, .states = 1 << TCP_LISTEN, .marks = marks};
	struct sockctl_error error;
	unsigned seen = 0;

	if (sockets_walk(&query, count, &seen, ret, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	return seen;
}

/* A message that is larger than a page, as the first: a dump that begins small ends there, and says nothing. */
static void a_socket_with_many_keys_is_not_the_last(void **state)
{
	const struct sockets_query query = {.tcp = true, .states = 1 << TCP_LISTEN, .marks = true};
	struct sockets_outcome outcome;
	static struct look seen;

	(void)state;
	listeners_open(FIT);
	assert_int_equal(counted(false, &outcome), LISTENERS);
	assert_int_equal(counted(true, &outcome), LISTENERS);
	assert_true(outcome.complete);
	look_for(listener[0], &query, &seen);
	assert_true(seen.fact.known & KNOWN_MARK && seen.fact.known & KNOWN_MD5);
	assert_int_equal(seen.fact.md5_keys, FIT);
	listeners_close();
}

/* Where the keys are read as well the kernel ends at the first that has too many: that is told. */
static void a_socket_with_too_many_hides_no_other(void **state)
{
	struct sockets_outcome outcome;
	unsigned seen;

	(void)state;
	listeners_open(TOO_MANY);
	assert_int_equal(counted(false, &outcome), LISTENERS);
	assert_true(outcome.complete);
	seen = counted(true, &outcome);
	assert_int_equal(outcome.complete, seen == LISTENERS);
	if (!outcome.complete)
		assert_non_null(strstr(outcome.why, "TCP_MD5SIG"));
	listeners_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_socket_with_many_keys_is_not_the_last),
		cmocka_unit_test(a_socket_with_too_many_hides_no_other),
	};

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
