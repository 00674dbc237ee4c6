/* The iterators, and sockets for them: see zoo.h. */
#include "zoo.h"
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/error.h"

struct iterator *by_hand, *asking, *datagrams;
static int why_code;
static char why[400] = "";

const struct iterator_request everything = {.states = UINT32_MAX};

void need_bpf(void)
{
	if (by_hand && asking && datagrams)
		return;
	if (why_code != -EPERM && why_code != -EOPNOTSUPP)
		fail_msg("%s", why);
	printf("skip: %s\n", why);
	skip();
}

void iterators_open(void)
{
	struct sockctl_error error = {0};

	if (iterator_open(&by_hand, IPPROTO_TCP, &error) || iterator_open_asking(&asking, &error) ||
	    iterator_open(&datagrams, IPPROTO_UDP, &error))
		error_text(&error, why, sizeof why);
	why_code = error.code;
}

void iterators_close(void)
{
	iterator_close(by_hand);
	iterator_close(asking);
	iterator_close(datagrams);
}

/* --- sockets ---------------------------------------------------------------------------------------------------- */

void zoo_close(struct zoo *zoo)
{
	while (zoo->count)
		close(zoo->fd[--zoo->count]);
}

int zoo_add(struct zoo *zoo, int fd)
{
	assert_true(fd >= 0 && zoo->count < ZOO_SOCKETS);
	return zoo->fd[zoo->count++] = fd;
}

void zoo_connection(struct zoo *zoo, int family)
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

struct zoo zoo_open(void)
{
	struct zoo zoo = {.count = 0};

	zoo_connection(&zoo, AF_INET);
	zoo_connection(&zoo, AF_INET6);
	return zoo;
}

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

struct zoo zoo_of_datagrams(void)
{
	struct zoo zoo = {.count = 0};

	zoo_datagrams(&zoo, AF_INET);
	zoo_datagrams(&zoo, AF_INET6);
	return zoo;
}
