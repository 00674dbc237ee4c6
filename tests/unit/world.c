/* Two hosts and their link: what they start with, what passes, what is left. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include "base/sysctl.h"
#include "lab/contain.h"
#include "lab/netns.h"
#include "lab/world.h"

/* A body runs in a process of its own, where cmocka's asserts have nobody to tell: it prints what failed and returns 1.
 * */
#define REQUIRE(claim) \
	do { \
		if (!(claim)) { \
			printf("# %s:%d: %s\n", __FILE__, __LINE__, #claim); \
			return 1; \
		} \
	} while (0)

static void contained(int (*body)(void *))
{
	struct sockctl_error error;
	int code = contain_run(body, NULL, &error);

	if (code == -EPERM || code == -ENOSPC) {
		printf("skip: %s\n", error.hint);
		skip();
	}
	assert_int_equal(code, 0);
}

static int world_make(struct world *world, const char *path_text)
{
	struct sockctl_error error;
	struct path path;

	if (!path_parse(&path, path_text, &error) && !world_open(world, &path, &error))
		return 0;
	printf("# %s %s: %s\n", error.op, error.subject, error.hint);
	return -1;
}

/* --- sysctls ---------------------------------------------------------------------------------------------------- */

static const char *const carried[] = {
	"net/core/somaxconn",
	"net/ipv4/tcp_rmem",
	"net/ipv4/tcp_wmem",
	"net/ipv4/tcp_congestion_control",
	"net/ipv4/tcp_fastopen",
	"net/ipv4/tcp_keepalive_time",
	"net/ipv4/ip_local_port_range",
};
enum { CARRIED = sizeof carried / sizeof *carried };
static char host_value[CARRIED][96];

static int body_sysctls(void *arg)
{
	struct world world;
	char text[96];

	(void)arg;
	REQUIRE(!world_make(&world, "rtt=1ms"));
	for (enum host host = 0; host < HOSTS; host++) {
		for (int i = 0; i < CARRIED; i++) {
			REQUIRE(!world_sysctl_read(&world, host, carried[i], text, sizeof text));
			REQUIRE(!strcmp(text, host_value[i]));
		}
		REQUIRE(!world_sysctl_read(&world, host, "net/ipv4/tcp_no_metrics_save", text, sizeof text) &&
			!strcmp(text, "1"));
		REQUIRE(!world_sysctl_read(&world, host, "net/ipv4/ip_unprivileged_port_start", text, sizeof text) &&
			!strcmp(text, "0"));
	}
	REQUIRE(!world_sysctl_write(&world, HOST_CLIENT, "net/ipv4/tcp_wmem", "4096 16384 8388608"));
	REQUIRE(!world_sysctl_read(&world, HOST_CLIENT, "net/ipv4/tcp_wmem", text, sizeof text) &&
		strstr(text, "8388608"));
	REQUIRE(!world_sysctl_read(&world, HOST_SERVER, "net/ipv4/tcp_wmem", text, sizeof text) &&
		!strcmp(text, host_value[2]));
	REQUIRE(world_sysctl_write(&world, HOST_SERVER, "net/core/rmem_max", "4194304") < 0); /* of the machine */
	world_close(&world);
	return 0;
}

static void world_starts_as_the_host(void **state)
{
	(void)state;
	for (int i = 0; i < CARRIED; i++)
		assert_int_equal(sysctl_read(carried[i], host_value[i], sizeof host_value[i]), 0);
	contained(body_sysctls);
}

/* --- traffic ---------------------------------------------------------------------------------------------------- */

/* A UDP socket on a host, bound there (server) or connected to the server (client). */
static int udp_socket(const struct world *world, enum host host, int family)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(7000)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(7000)};
	struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
	socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
	int home = netns_current(), fd, code;

	inet_pton(AF_INET, world_address(world, HOST_SERVER), &v4.sin_addr);
	inet_pton(AF_INET6, world_address6(world, HOST_SERVER), &v6.sin6_addr);
	world_enter(world, host);
	fd = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	code = host == HOST_SERVER ? bind(fd, address, size) : connect(fd, address, size);
	netns_enter(home);
	close(home);
	return code ? -1 : fd;
}

static uint64_t bytes_up(const struct world *world)
{
	struct link_stats stats;

	world_link_stats(world, &stats);
	return stats.bytes[0];
}

/* What is sent into the hole never comes; what is sent before and after does. The kernels' own packets (multicast
 * reports) get into it as well, so that only its size tells that the large one has. */
static int hole_check(struct world *world, int family)
{
	int server = udp_socket(world, HOST_SERVER, family), client = udp_socket(world, HOST_CLIENT, family);
	char large[1200] = "b", byte;
	uint64_t before;

	REQUIRE(server >= 0 && client >= 0);
	REQUIRE(send(client, "a", 1, 0) == 1 && recv(server, &byte, 1, 0) == 1 && byte == 'a');
	world_blackhole(world, true);
	before = bytes_up(world);
	REQUIRE(send(client, large, sizeof large, 0) == sizeof large);
	while (bytes_up(world) < before + sizeof large)
		usleep(100);
	world_blackhole(world, false);
	REQUIRE(send(client, "c", 1, 0) == 1 && recv(server, &byte, 1, 0) == 1 && byte == 'c');
	close(server);
	close(client);
	return 0;
}

static int body_blackhole(void *arg)
{
	static const char *const paths[] = {"", "rtt=2ms", "rate=10mbit,loss=0.000001%"};
	struct link_stats stats;
	struct world world;

	(void)arg;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		REQUIRE(!world_make(&world, paths[i]));
		REQUIRE(!hole_check(&world, AF_INET) && !hole_check(&world, AF_INET6));
		world_link_stats(&world, &stats);
		REQUIRE(stats.packets[0] >= 6 && stats.bytes[0] >= 3 * (20 + 8 + 1) + 3 * (40 + 8 + 1));
		REQUIRE(stats.overruns[0] == 0 && stats.queue_drops[0] == 0);
		world_close(&world);
	}
	return 0;
}

static void world_blackhole_swallows(void **state)
{
	(void)state;
	contained(body_blackhole);
}

/* --- life ------------------------------------------------------------------------------------------------------- */

static int body_life(void *arg)
{
	struct world first, second, lone;
	struct sockctl_error error;
	struct link_stats stats;
	pid_t link;

	(void)arg;
	REQUIRE(!world_make(&first, "rtt=1ms") && !world_make(&second, "rtt=1ms"));
	REQUIRE(!hole_check(&first, AF_INET) && !hole_check(&second, AF_INET));
	link = first.link_pid;
	REQUIRE(link > 0 && !kill(link, 0));
	world_close(&first);
	REQUIRE(kill(link, 0) && errno == ESRCH);
	if (!fork())
		for (;;)
			pause();
	link = second.link_pid;
	world_sweep(&second);
	REQUIRE(!kill(link, 0) && !hole_check(&second, AF_INET));
	world_close(&second);
	REQUIRE(kill(-1, 0) && errno == ESRCH);
	world_close(&second); /* twice does no harm */

	REQUIRE(!world_open(&lone, NULL, &error));
	REQUIRE(!strcmp(world_address(&lone, HOST_SERVER), "127.0.0.1") && !lone.linked && !lone.link_pid);
	REQUIRE(udp_socket(&lone, HOST_SERVER, AF_INET) >= 0 && udp_socket(&lone, HOST_CLIENT, AF_INET) >= 0);
	world_link_stats(&lone, &stats);
	REQUIRE(!stats.packets[0] && !stats.late[0]);
	world_blackhole(&lone, true);
	world_close(&lone);
	return 0;
}

static void world_leaves_nothing(void **state)
{
	(void)state;
	contained(body_life);
}

/* Without privilege, outside a containment, it says so and leaves no descriptor. */
static int open_without_privilege(void)
{
	struct sockctl_error error = {0};
	struct path path = {0};
	struct world world;
	int before = dup(0), after;

	if (geteuid() == 0 && setuid(65534))
		return 77;
	close(before);
	if (world_open(&world, &path, &error) != -EPERM || error.code != -EPERM || !*error.hint)
		return 1;
	after = dup(0);
	return before == after ? 0 : 2;
}

static void world_needs_privilege(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid)
		_exit(open_without_privilege());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 77) {
		puts("skip: cannot become an ordinary user");
		skip();
	}
	assert_int_equal(status, 0);
}

/* --- lateness --------------------------------------------------------------------------------------------------- */

static void lateness_by_share(void **state)
{
	struct link_stats before = {.late = {[0] = 1000, [20] = 5}}, after = before;

	(void)state;
	assert_true(link_lateness_us(&before, &after, 0.99) == 0);
	after.late[3] += 90;  /* 8 to 16 us */
	after.late[10] += 10; /* 1024 to 2048 us */
	assert_true(link_lateness_us(&before, &after, 0.45) == 12);
	assert_true(link_lateness_us(&before, &after, 0.9) == 16);
	assert_true(link_lateness_us(&before, &after, 0.95) == 1536);
	assert_true(link_lateness_us(&before, &after, 1) == 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(world_starts_as_the_host), cmocka_unit_test(world_blackhole_swallows),
		cmocka_unit_test(world_leaves_nothing),     cmocka_unit_test(world_needs_privilege),
		cmocka_unit_test(lateness_by_share),
	};

	return cmocka_run_group_tests_name("world", tests, NULL, NULL);
}
