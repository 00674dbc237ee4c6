/* The TCP iterator against the kernel's other answers: every option it claims equals getsockopt, every fact equals sock_diag, and
 * no socket is given another's data while thousands come and go. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
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

static struct iterator *by_hand, *asking;
static int why_code;
static char why[400] = "";

static const struct iterator_request everything = {.states = UINT32_MAX};

static void need_bpf(void)
{
	if (by_hand && asking)
		return;
	if (why_code != -EPERM && why_code != -EOPNOTSUPP)
		fail_msg("%s", why);
	printf("skip: %s\n", why);
	skip();
}

/* --- sockets of the test's own ------------------------------------------------------------------------------------- */

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

/* --- options ------------------------------------------------------------------------------------------------------- */

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
	print_error("%s of family %u, state %u: told %s, getsockopt: %s\n", option->name, socket->family, socket->state, told,
		    r ? strerror(-r) : true_one);
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

/* A row that is read by nobody's hand appears by itself, and what appears is true. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_equal_getsockopt),
		cmocka_unit_test(changed_options_equal_getsockopt),
		cmocka_unit_test(what_bpf_getsockopt_reads_equals_getsockopt),
	};
	struct sockctl_error error = {0};
	int r;

	if (iterator_open(&by_hand, &error) || iterator_open_asking(&asking, &error))
		error_text(&error, why, sizeof why);
	why_code = error.code;
	if (namespace_enter())
		return 77;
	r = cmocka_run_group_tests(tests, NULL, NULL);
	iterator_close(by_hand);
	iterator_close(asking);
	return r;
}
