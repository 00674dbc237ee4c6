/* The emulated link measured: throughput against a bare veth pair, goodput against theory, round trips against the
 * path. */
#include <arpa/inet.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/error.h"
#include "lab/contain.h"
#include "lab/device.h"
#include "lab/netns.h"
#include "lab/stats.h"
#include "lab/world.h"

enum { PAIRS = 7, TRIES = 6, CHUNK_BYTES = 256 << 10, PORT = 7000, ROUND_TRIPS = 300, MESSAGE_BYTES = 64 };
static const unsigned pair_warmup_ms = 200, pair_ms = 600, rate_warmup_ms = 1500, rate_ms = 3000;
static const double ratio_target = 0.25, goodput_target = 0.005, rtt_target_us = 200;
/* A segment's share of payload: MTU 1500 less IP and TCP headers and the timestamps option. */
static const double payload_share = 1448.0 / 1500;
/* Beyond this lateness (99 of 100) the machine was busy, and the link is asked again. */
static const double busy_us = 2000;

/* What the two sides and the judge share. */
struct shared {
	_Atomic uint64_t received;
	double round_trip_us[ROUND_TRIPS];
};
static struct shared *shared;
static char chunk[CHUNK_BYTES];

static void die(const char *what, const struct sockctl_error *error)
{
	char line[512] = "";

	if (error)
		sockctl_error_text(error, line, sizeof line);
	fprintf(stderr, "link: %s%s%s\n", what, *line ? ": " : "", line);
	_exit(1);
}

/* --- the two sides ---------------------------------------------------------------------------------------------- */

static struct sockctl_spec spec_of_text(const char *text)
{
	struct sockctl_error error;
	struct sockctl_spec spec;

	if (sockctl_spec_parse(&spec, text, &error))
		die("spec", &error);
	return spec;
}

static int side_listen(const char *address)
{
	struct sockctl_spec spec = spec_of_text("reuseaddr"); /* the last run's connections linger */
	struct sockctl_report report = SOCKCTL_REPORT;
	char text[64];
	int fd;

	snprintf(text, sizeof text, "%s:%d", address, PORT);
	if (sockctl_listen(text, &spec, NULL, &fd, 1, &report) < 0)
		die("listen", &report.error);
	return fd;
}

static int side_connect(const char *address, const char *spec_text)
{
	struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(PORT)};
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockctl_spec spec = spec_of_text(spec_text);
	int fd;

	inet_pton(AF_INET, address, &server.sin_addr);
	fd = sockctl_connect((struct sockaddr *)&server, sizeof server, 0, &spec, NULL, &report);
	if (fd < 0)
		die("connect", &report.error);
	return fd;
}

static void sink(int listener, const char *address)
{
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	(void)address;
	while ((n = recv(fd, chunk, sizeof chunk, 0)) > 0)
		atomic_fetch_add_explicit(&shared->received, (uint64_t)n, memory_order_relaxed);
}

static void blast(int listener, const char *address)
{
	int fd = side_connect(address, "cc=cubic");

	(void)listener;
	while (send(fd, chunk, sizeof chunk, MSG_NOSIGNAL) > 0)
		;
}

static void echo(int listener, const char *address)
{
	int fd = accept(listener, NULL, NULL);

	(void)address;
	while (recv(fd, chunk, MESSAGE_BYTES, MSG_WAITALL) == MESSAGE_BYTES)
		send(fd, chunk, MESSAGE_BYTES, MSG_NOSIGNAL);
}

static void ask(int listener, const char *address)
{
	int fd = side_connect(address, "nodelay");

	(void)listener;
	for (int i = 0; i < ROUND_TRIPS; i++) {
		uint64_t start_ns = clock_ns();

		if (send(fd, chunk, MESSAGE_BYTES, MSG_NOSIGNAL) < 0 ||
		    recv(fd, chunk, MESSAGE_BYTES, MSG_WAITALL) != MESSAGE_BYTES)
			die("round trip", NULL);
		shared->round_trip_us[i] = (double)(clock_ns() - start_ns) / 1000;
	}
}

static pid_t side_start(const struct world *world, enum host host, void (*side)(int, const char *), int listener)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (world_enter(world, host))
		die("enter a namespace", NULL);
	side(listener, world_address(world, HOST_SERVER));
	_exit(0);
}

struct sides {
	pid_t pid[HOSTS];
};

static struct sides sides_start(const struct world *world, void (*server)(int, const char *),
				void (*client)(int, const char *))
{
	struct sides sides;
	int home = netns_current(), listener;

	if (world_enter(world, HOST_SERVER))
		die("enter a namespace", NULL);
	listener = side_listen(world_address(world, HOST_SERVER));
	netns_enter(home);
	close(home);
	sides.pid[HOST_SERVER] = side_start(world, HOST_SERVER, server, listener);
	sides.pid[HOST_CLIENT] = side_start(world, HOST_CLIENT, client, -1);
	close(listener);
	return sides;
}

static void sides_end(const struct sides *sides)
{
	for (int i = 0; i < HOSTS; i++) {
		kill(sides->pid[i], SIGKILL);
		waitpid(sides->pid[i], NULL, 0);
	}
}

/* Bits a second at the receiver. */
static double goodput(const struct world *world, unsigned warmup_ms, unsigned measure_ms)
{
	struct sides sides = sides_start(world, sink, blast);
	uint64_t start_ns, received;
	double bits;

	poll(NULL, 0, (int)warmup_ms);
	received = atomic_load(&shared->received);
	start_ns = clock_ns();
	poll(NULL, 0, (int)measure_ms);
	bits = (double)(atomic_load(&shared->received) - received) * 8;
	bits /= (double)(clock_ns() - start_ns) / 1e9;
	sides_end(&sides);
	return bits;
}

/* --- throughput ------------------------------------------------------------------------------------------------- */

static int bare_host(const char *own, const char *other, const uint8_t *other_mac)
{
	struct in_addr address;
	int code = device_up("eth0");

	inet_pton(AF_INET, own, &address);
	if (!code)
		code = device_add_address("eth0", AF_INET, &address, 24);
	inet_pton(AF_INET, other, &address);
	return code ? code : device_add_neighbour("eth0", AF_INET, &address, other_mac);
}

/* Two hosts as those of a world, and nothing between them but the veth pair. */
static void bare_open(struct world *bare)
{
	static const uint8_t mac[2][DEVICE_MAC] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};
	int home = netns_current(), code;

	*bare = (struct world){.netns = {netns_create(), netns_create()}, .linked = true};
	code = world_enter(bare, HOST_CLIENT);
	if (!code)
		code = device_add_veth("eth0", "eth0", bare->netns[HOST_SERVER], mac[1]);
	if (!code)
		code = device_set_mac("eth0", mac[0]);
	if (!code)
		code = bare_host("10.77.0.1", "10.77.0.2", mac[1]);
	if (!code)
		code = world_enter(bare, HOST_SERVER);
	if (!code)
		code = bare_host("10.77.0.2", "10.77.0.1", mac[0]);
	if (code)
		die(strerror(-code), NULL);
	netns_enter(home);
	close(home);
}

static bool throughput_measure(void)
{
	double link[PAIRS], veth[PAIRS], ratio[PAIRS], middle;
	struct sockctl_error error;
	struct world world, bare;
	struct path open = {0};

	if (world_open(&world, &open, &error))
		die("world", &error);
	bare_open(&bare);
	for (int i = 0; i < PAIRS; i++) {
		if (i % 2 == 0)
			link[i] = goodput(&world, pair_warmup_ms, pair_ms);
		veth[i] = goodput(&bare, pair_warmup_ms, pair_ms);
		if (i % 2)
			link[i] = goodput(&world, pair_warmup_ms, pair_ms);
		ratio[i] = link[i] / veth[i];
	}
	world_close(&world);
	world_close(&bare);
	middle = stats_median(ratio, PAIRS);
	printf("throughput, no delay, no rate, median of %d interleaved pairs\n", PAIRS);
	printf("  link %.1f Gbit/s, bare veth %.1f Gbit/s, ratio %.2f (%.2f to %.2f); target at least %.2f: %s\n\n",
	       stats_median(link, PAIRS) / 1e9, stats_median(veth, PAIRS) / 1e9, middle, ratio[0], ratio[PAIRS - 1],
	       ratio_target, middle >= ratio_target ? "met" : "MISSED");
	return middle >= ratio_target;
}

/* --- accuracy --------------------------------------------------------------------------------------------------- */

struct reading {
	double value;
	double lateness_us;
	uint64_t drops, overruns;
	unsigned tries;
};

static struct reading path_read_once(const struct path *path, double (*measure)(const struct world *))
{
	struct link_stats zero = {0}, stats;
	struct sockctl_error error;
	struct reading reading;
	struct world world;

	if (world_open(&world, path, &error))
		die("world", &error);
	reading.value = measure(&world);
	world_link_stats(&world, &stats);
	world_close(&world);
	reading.lateness_us = link_lateness_us(&zero, &stats, 0.99);
	reading.drops = stats.queue_drops[0] + stats.queue_drops[1];
	reading.overruns = stats.overruns[0] + stats.overruns[1];
	return reading;
}

/* Until the machine was quiet, or the tries are up: then the least disturbed reading, by lateness, whatever its value. */
static struct reading path_read(const char *text, double (*measure)(const struct world *))
{
	struct reading best = {.lateness_us = INFINITY}, reading;
	struct sockctl_error error;
	unsigned tries = 0;
	struct path path;

	if (path_parse(&path, text, &error))
		die("path", &error);
	do {
		reading = path_read_once(&path, measure);
		if (reading.lateness_us < best.lateness_us)
			best = reading;
	} while (++tries < TRIES && (best.lateness_us > busy_us || best.overruns));
	best.tries = tries;
	return best;
}

static double measure_goodput(const struct world *world)
{
	return goodput(world, rate_warmup_ms, rate_ms);
}

static double measure_round_trip(const struct world *world)
{
	struct sides sides;
	int status;

	sides = sides_start(world, echo, ask);
	waitpid(sides.pid[HOST_CLIENT], &status, 0);
	kill(sides.pid[HOST_SERVER], SIGKILL);
	waitpid(sides.pid[HOST_SERVER], NULL, 0);
	return stats_median(shared->round_trip_us, ROUND_TRIPS);
}

static bool goodput_row(const char *text, double rate_bps)
{
	struct reading reading = path_read(text, measure_goodput);
	double theory = rate_bps * payload_share, off = reading.value / theory - 1;
	bool met = fabs(off) <= goodput_target;

	printf("  %-22s %9.3f Mbit/s %9.3f Mbit/s %+7.2f %% %8.0f us %7llu %5u  %s\n", text, theory / 1e6,
	       reading.value / 1e6, off * 100, reading.lateness_us, (unsigned long long)reading.drops, reading.tries,
	       met ? "met" : "MISSED");
	return met;
}

static bool goodput_measure(void)
{
	static const struct {
		const char *text;
		double rate_bps;
	} rows[] = {
		{"rtt=2ms,rate=10mbit", 1e7},
		{"rtt=2ms,rate=100mbit", 1e8},
		{"rtt=2ms,rate=1gbit", 1e9},
	};
	bool met = true;

	printf("goodput, cubic; target within %.1f %%\n", goodput_target * 100);
	printf("  %-22s %16s %16s %9s %11s %7s %5s\n", "path", "theory", "measured", "off", "p99 late", "drops",
	       "tries");
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		met &= goodput_row(rows[i].text, rows[i].rate_bps);
	return met;
}

static bool round_trip_measure(void)
{
	struct reading reading = path_read("rtt=10ms", measure_round_trip);
	double off_us = reading.value - 10000;
	bool met = fabs(off_us) <= rtt_target_us;

	printf("\nround trip, rtt=10ms, %d of %d bytes\n", ROUND_TRIPS, MESSAGE_BYTES);
	printf("  p50 %.3f ms, %+.3f ms off; target under %.1f ms: %s; p99 late %.0f us, tries %u\n",
	       reading.value / 1e3, off_us / 1e3, rtt_target_us / 1e3, met ? "met" : "MISSED", reading.lateness_us,
	       reading.tries);
	return met;
}

static int body(void *arg)
{
	bool met;

	(void)arg;
	met = throughput_measure();
	met &= goodput_measure();
	met &= round_trip_measure();
	return met ? 0 : 1;
}

int main(void)
{
	struct sockctl_error error;
	int code;

	shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED)
		return 1;
	code = contain_run(body, NULL, &error);
	if (code == -EPERM || code == -ENOSPC) {
		fprintf(stderr, "link: %s: %s\n", error.op, error.hint);
		return 77;
	}
	return code < 0 ? 1 : code;
}
