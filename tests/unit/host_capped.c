/* Which limits a socket stands at, each with a socket that does and ones that do not; and which options a sysctl
 * has a say in. */
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "doctor/host_capped.h"
#include "doctor/host_roles.h"

static struct sysctl_facts facts;
static struct option_fact options[OPTION_COUNT];

static int prepare(void **state)
{
	(void)state;
	memset(&facts, 0, sizeof facts);
	memset(options, 0, sizeof options);
	facts.fact[SYSCTL_somaxconn] = (struct sysctl_fact){.known = true, .count = 1, .number = {4096}};
	facts.fact[SYSCTL_rmem_max] = (struct sysctl_fact){.known = true, .count = 1, .number = {212992}};
	facts.fact[SYSCTL_wmem_max] = (struct sysctl_fact){.known = true, .count = 1, .number = {106496}};
	facts.fact[SYSCTL_tcp_rmem] =
		(struct sysctl_fact){.known = true, .count = 3, .number = {4096, 131072, 6291456}};
	facts.fact[SYSCTL_fastopen] = (struct sysctl_fact){.known = true, .count = 1, .number = {1}};
	facts.fact[SYSCTL_port_range] = (struct sysctl_fact){.known = true, .count = 2, .number = {32768, 60999}};
	return 0;
}

static void option_set(enum option_id id, int64_t number)
{
	options[id] = (struct option_fact){.value = {.form = FORM_NUMBER, .number = number}, .source = SOURCE_ITERATOR};
}

static bool stands(const struct socket_fact *socket, enum sysctl_id id)
{
	enum sysctl_id at[HOST_CAPS];
	unsigned count = host_capped(&facts, socket, at);

	for (unsigned i = 0; i < count; i++)
		if (at[i] == id)
			return true;
	return false;
}

static void queues(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP, .state = TCP_LISTEN, .known = KNOWN_QUEUE, .queue_limit = 4096};

	(void)state;
	assert_true(stands(&socket, SYSCTL_somaxconn));
	socket.queue_limit = 4095;
	assert_false(stands(&socket, SYSCTL_somaxconn));
	socket = (struct socket_fact){.state = TCP_LISTEN, .queue_limit = 4096}; /* not known */
	assert_false(stands(&socket, SYSCTL_somaxconn));
	facts.fact[SYSCTL_somaxconn].known = false;
	socket.known = KNOWN_QUEUE;
	assert_false(stands(&socket, SYSCTL_somaxconn));
}

static void buffers(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_UDP, .state = TCP_CLOSE, .skmem_count = SOCKET_SKMEM};

	(void)state;
	socket.skmem[SK_MEMINFO_RCVBUF] = 2 * 212992;
	assert_true(stands(&socket, SYSCTL_rmem_max));
	assert_false(stands(&socket, SYSCTL_wmem_max));
	socket.skmem[SK_MEMINFO_SNDBUF] = 2 * 106496;
	assert_true(stands(&socket, SYSCTL_wmem_max));
	options[OPTION_rcvbuf] = (struct option_fact){.value = {.form = FORM_AUTO}, .source = SOURCE_ITERATOR};
	socket.options = options;
	assert_false(stands(&socket, SYSCTL_rmem_max)); /* autotuning has made it so */
	socket.skmem_count = 0;
	assert_false(stands(&socket, SYSCTL_wmem_max));
}

static void autotuning_at_its_end(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP, .state = TCP_ESTABLISHED, .skmem_count = SOCKET_SKMEM};

	(void)state;
	socket.skmem[SK_MEMINFO_RCVBUF] = 6291455;
	assert_false(stands(&socket, SYSCTL_tcp_rmem));
	socket.skmem[SK_MEMINFO_RCVBUF] = 6291456;
	assert_true(stands(&socket, SYSCTL_tcp_rmem));
	socket.protocol = IPPROTO_UDP;
	assert_false(stands(&socket, SYSCTL_tcp_rmem));
}

static void options_that_do_nothing(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP, .state = TCP_LISTEN};

	(void)state;
	option_set(OPTION_fastopen, 16);
	assert_false(stands(&socket, SYSCTL_fastopen)); /* nobody told */
	socket.options = options;
	assert_true(stands(&socket, SYSCTL_fastopen));
	facts.fact[SYSCTL_fastopen].number[0] = 3;
	assert_false(stands(&socket, SYSCTL_fastopen));
	facts.fact[SYSCTL_fastopen].number[0] = 1;
	option_set(OPTION_fastopen, 0);
	assert_false(stands(&socket, SYSCTL_fastopen));
}

static void ranges_out_of_bounds(void **state)
{
	struct socket_fact socket = {.protocol = IPPROTO_TCP, .state = TCP_ESTABLISHED, .options = options};

	(void)state;
	option_set(OPTION_local_port_range, (int64_t)40100 << 16 | 40000);
	assert_false(stands(&socket, SYSCTL_port_range));
	option_set(OPTION_local_port_range, (int64_t)61000 << 16 | 40000);
	assert_true(stands(&socket, SYSCTL_port_range));
	option_set(OPTION_local_port_range, 2000);
	assert_true(stands(&socket, SYSCTL_port_range));
	option_set(OPTION_local_port_range, 0);
	assert_false(stands(&socket, SYSCTL_port_range));
}

static bool has_role(enum sysctl_id id, const char *role, enum option_id option)
{
	struct host_role roles[HOST_ROLES];
	unsigned count = host_roles(id, roles);

	for (unsigned i = 0; i < count; i++)
		if (!strcmp(roles[i].role, role) && roles[i].option == &catalogue[option])
			return true;
	return false;
}

static void roles_of_sysctls(void **state)
{
	struct host_role roles[HOST_ROLES];

	(void)state;
	assert_true(has_role(SYSCTL_somaxconn, "caps", OPTION_backlog));
	assert_true(has_role(SYSCTL_fastopen, "gates", OPTION_fastopen_connect));
	assert_true(has_role(SYSCTL_port_range, "bounds", OPTION_local_port_range));
	assert_true(has_role(SYSCTL_tcp_rmem, "autotunes", OPTION_rcvbuf));
	assert_true(has_role(SYSCTL_keepalive_time, "default of", OPTION_keepalive_idle));
	assert_true(host_limits(SYSCTL_somaxconn));
	assert_false(host_limits(SYSCTL_keepalive_time));
	assert_false(host_limits(SYSCTL_tcp_mem));
	for (enum sysctl_id id = 0; id < SYSCTL_COUNT; id++)
		assert_true(host_roles(id, roles) < HOST_ROLES); /* room for all */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(queues, prepare),
		cmocka_unit_test_setup(buffers, prepare),
		cmocka_unit_test_setup(autotuning_at_its_end, prepare),
		cmocka_unit_test_setup(options_that_do_nothing, prepare),
		cmocka_unit_test_setup(ranges_out_of_bounds, prepare),
		cmocka_unit_test(roles_of_sysctls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
