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
