/* What accepted sockets cost: every row of the catalogue set on a listener, and its connection looked at. The
 * kernel decides whether the library's answer is right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include "catalog/spec.h"
#include "fixture.h"
#include "socket/access.h"

static int connection_of(int listener, int *ret_client)
{
	struct sockaddr_in address = address_of(listener);

	*ret_client = sockctl_connect((struct sockaddr *)&address, sizeof address, 0, NULL, NULL, NULL);
	assert_true(*ret_client >= 0);
	assert_int_equal(write(*ret_client, "x", 1), 1); /* for defer-accept */
	return accept4(listener, NULL, NULL, SOCK_CLOEXEC);
}

/* The verdict's and the helper's answer, which must be one. */
static bool costs(const char *option, const struct sockctl_spec *spec)
{
	const char *name[2] = {NULL, NULL};
	int n = sockctl_accept_cost(spec, name, 2);

	assert_true(n == 0 || (n == 1 && !strcmp(name[0], option)));
	assert_int_equal(verdict_of(option)->per_connection, n);
	return n;
}

enum inheritance { INHERITED, LOST, UNKNOWN };

/* Is what the listener has what its connection has? Told only by a value that no fresh socket has. */
static enum inheritance inheritance_of(const struct option *option, int listener, int accepted, int fresh)
{
	struct value wanted, got, usual;

	if (option->reads == READS_NEVER || access_get(listener, option, 0, &wanted) ||
	    access_get(accepted, option, 0, &got) || access_get(fresh, option, 0, &usual) ||
	    value_equal(&wanted, &usual))
		return UNKNOWN;
	return value_equal(&wanted, &got) ? INHERITED : LOST;
}

/* 1: judged; 0: nothing to be told from. */
static unsigned row_check(const struct option *option, const struct sockctl_spec *spec)
{
	int listener, client, fresh = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool works_later, costs_a_call;
	enum inheritance inheritance;
	int accepted;

	if (sockctl_listen("127.0.0.1:0", spec, NULL, &listener, 1, &report) != 1 ||
	    verdict_of(option->name)->outcome >= SOCKCTL_UNSUPPORTED) {
		close(fresh);
		return 0;
	}
	costs_a_call = costs(option->name, spec);
	accepted = connection_of(listener, &client);
	assert_true(accepted >= 0);
	inheritance = inheritance_of(option, listener, accepted, fresh);
	works_later = !((option->late | option->never) & AT(SOCKCTL_ACCEPTED));
	if (inheritance == INHERITED && costs_a_call && !option->fades)
		fail_msg("%s is inherited, and a call is counted for it", option->name);
	if (inheritance == LOST && !costs_a_call && works_later && option->reads == READS_SAME)
		fail_msg("%s is not inherited, and no call is counted for it", option->name);
	close(accepted), close(client), close(listener), close(fresh);
	return inheritance != UNKNOWN;
}

static void the_kernel_agrees_on_every_row(void **state)
{
	unsigned judged = 0;

	(void)state;
	for (const struct option *option = catalogue + 1; option < catalogue + OPTION_COUNT; option++) {
		struct sockctl_spec spec;
		char text[96];

		snprintf(text, sizeof text, "try:%s%s%s", option->name, option->example ? "=" : "",
			 option->example ? option->example : "");
		if (!(option_protocols(option) & PROTOCOL_TCP) || option->via != VIA_SOCKOPT ||
		    !strcmp(option->name, "bind-device"))
			continue; /* backlog and shards are no options of a connection; a device is not left again */
		assert_int_equal(sockctl_spec_parse(&spec, text, NULL), 0);
		judged += row_check(option, &spec);
	}
	printf("# %u rows judged by the kernel\n", judged);
	assert_true(judged >= 10);
}

static void a_usual_server_costs_nothing(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay,keepalive=30s/10s/3,user-timeout=55s,rcvbuf=64K,sndbuf=64K,"
						"backlog=64,shards=2,defer-accept=5s,try:fastopen=16");

	(void)state;
	assert_int_equal(sockctl_accept_cost(&spec, NULL, 0), 0);
	assert_int_equal(sockctl_accept_cost(NULL, NULL, 0), 0);
}

static void what_is_not_inherited_is_named_and_made(void **state)
{
	struct sockctl_spec spec = spec_of_text("nodelay,priority=3,quickack=off,tos=0x10");
	const char *name[4] = {NULL};
	int listener, client, accepted;

	(void)state;
	assert_int_equal(sockctl_accept_cost(&spec, name, 1), 2);
	assert_string_equal(name[0], "priority");
	assert_null(name[1]);
	assert_int_equal(sockctl_accept_cost(&spec, name, 4), 2);
	assert_string_equal(name[1], "quickack");
	listener = listen_one("127.0.0.1:0", "nodelay,priority=3,quickack=off,tos=0x10");
	accepted = connection_of(listener, &client);
	assert_int_not_equal(kernel_value(accepted, SOL_SOCKET, SO_PRIORITY), 3);
	assert_int_equal(sockctl_apply(accepted, SOCKCTL_ACCEPTED, &spec, NULL), 0);
	assert_int_equal(kernel_value(accepted, SOL_SOCKET, SO_PRIORITY), 3);
	assert_int_equal(kernel_value(accepted, IPPROTO_IP, IP_TOS), 0x10);
	close(accepted), close(client), close(listener);
}

static void what_is_no_socket_is_refused(void **state)
{
	struct sockctl_spec spec = spec_of_text("quickack=off,priority=3");
	int pipes[2];

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	assert_true(sockctl_apply(pipes[0], SOCKCTL_ACCEPTED, &spec, NULL) < 0);
	close(pipes[0]), close(pipes[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_agrees_on_every_row),
		cmocka_unit_test(a_usual_server_costs_nothing),
		cmocka_unit_test(what_is_not_inherited_is_named_and_made),
		cmocka_unit_test(what_is_no_socket_is_refused),
	};

	if (fixture_skips())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
