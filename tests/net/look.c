/* A walk for one socket: see look.h. */
#include "look.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

int look_at(void *arg, const struct socket_fact *fact)
{
	struct look *look = arg;

	if (fact->cookie != look->cookie)
		return 0;
	look->seen++;
	look->fact = *fact;
	if (fact->owners_count)
		look->owner = *fact->owners;
	if (fact->options)
		memcpy(look->options, fact->options, sizeof look->options);
	return 0;
}

uint64_t cookie_of(int fd)
{
	socklen_t length = sizeof(uint64_t);
	uint64_t cookie = 0;

	assert_int_equal(getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &length), 0);
	return cookie;
}

void look_for(int fd, const struct sockets_query *query, struct look *ret)
{
	struct sockets_outcome outcome;
	struct sockctl_error error;

	memset(ret, 0, sizeof *ret);
	ret->cookie = cookie_of(fd);
	if (sockets_walk(query, look_at, ret, &outcome, &error))
		fail_msg("%s %s: %s", error.op, error.subject, error.hint);
	assert_true(outcome.complete);
	assert_int_equal(ret->seen, 1);
}

/* net/ipv4/tcp_ipv4.c tcp_v4_parse_md5_keys() */
bool keys_add(int fd, unsigned count)
{
	struct tcp_md5sig key = {.tcpm_keylen = 3, .tcpm_key = "key"};
	struct sockaddr_in *peer = (struct sockaddr_in *)&key.tcpm_addr;

	peer->sin_family = AF_INET;
	for (unsigned i = 0; i < count; i++) {
		peer->sin_addr.s_addr = htonl(0x0a000001 + i);
		if (setsockopt(fd, IPPROTO_TCP, TCP_MD5SIG, &key, sizeof key))
			return false;
	}
	return true;
}

int bound(int family, int type, const char *host, struct sockaddr_in6 *ret, bool v6only)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret;
	socklen_t length = sizeof *ret;
	int fd = socket(family, type | SOCK_CLOEXEC, 0), only = v6only;

	assert_true(fd >= 0);
	memset(ret, 0, sizeof *ret);
	ret->sin6_family = (sa_family_t)family;
	if (family == AF_INET6)
		assert_int_equal(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only), 0);
	assert_int_equal(inet_pton(family, host, family == AF_INET6 ? (void *)&ret->sin6_addr : &v4->sin_addr), 1);
	assert_int_equal(bind(fd, (struct sockaddr *)ret, length), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)ret, &length), 0);
	return fd;
}
