/* sock_diag asked for one socket that was met before. */
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
#include "observe/diag.h"

static int connected(int family, const char *host, int *ret_server)
{
	struct sockaddr_in6 address;
	int listener = bound(AF_INET6, SOCK_STREAM, family == AF_INET ? "::" : host, &address, false);
	int client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(inet_pton(AF_INET6, host, &address.sin6_addr), 1);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
	*ret_server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	assert_true(*ret_server >= 0);
	close(listener);
	return client;
}

/* One socket is asked for alone: over IPv6, and over IPv4 from a socket of the other family. */
static void one_socket_again(void **state)
{
	static const struct {
		int family;
		const char *host;
	} cases[] = {{AF_INET6, "::1"}, {AF_INET, "::ffff:127.0.0.1"}};
	const struct sockets_query query = {.tcp = true, .states = UINT32_MAX};
	struct netlink *netlink;
	struct socket_fact now;
	struct look seen;
	int client, server;

	(void)state;
	assert_int_equal(netlink_open(&netlink, NULL), 0);
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		client = connected(cases[i].family, cases[i].host, &server);
		look_for(client, &query, &seen);
		assert_int_equal(send(client, "hello", 5, 0), 5);
		assert_int_equal(diag_again(netlink, &seen.fact, &now), 0);
		assert_int_equal(now.cookie, seen.fact.cookie);
		assert_int_equal(now.state, TCP_ESTABLISHED);
		assert_true(tcp_fact_has(&now.tcp, TCP_FACT_bytes_sent));
		assert_int_equal(now.tcp.bytes_sent, 5);
		seen.fact.cookie++;
		assert_int_equal(diag_again(netlink, &seen.fact, &now), -ENOENT);
		close(client);
		close(server);
	}
	netlink_close(netlink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_socket_again),
	};

	if (namespace_enter()) {
		printf("1..0 # SKIP no network namespaces here\n");
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
