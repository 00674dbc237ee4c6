/* A storm of connects while listeners open: how many of their first connections lack the options, by the order in
 * which listen() and the options are made. listen_race ROUNDS [NAME COMMAND]...: commands that start nginx as
 * bench/listen-race has set it up. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "lab/contain.h"
#include "server.h"
#include "servers/by_hand.h"
#include "storm.h"

enum { NGINX_ROUNDS = 60, ORDER_S = 12, PORT = 7400, ADDRESSES = 16, LIMIT_MS = 5000 };

/* What nginx can set on a listener is all that is asked of it. */
#define NGINX_SPEC "keepalive=30s/10s/3,rcvbuf=128K,sndbuf=128K"

struct race {
	struct scene scene;
	struct storm storm;
	struct sockctl_error error;
	unsigned rounds; /* at most */
	unsigned children, lacking, rounds_lacking;
};
static struct race race;

static struct sockctl_spec spec_of_text(const char *text)
{
	struct sockctl_error error = {0};
	struct sockctl_spec spec;

	must(sockctl_spec_parse(&spec, text, &error), error.subject);
	return spec;
}

static bool child_lacks(int fd, const char *spec_text)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockctl_spec spec = spec_of_text(spec_text);

	return sockctl_audit(fd, &spec, &report) || sockctl_worst(&report) > SOCKCTL_OVERRULED;
}

static void children_count(unsigned children, unsigned lacking)
{
	race.children += children;
	race.lacking += lacking;
	race.rounds_lacking += lacking > 0;
}

/* --- the orders: each opens listeners, the first on PORT, and returns how many
 * -------------------------------------- */

static unsigned open_sockctl(int fd[], const char *more)
{
	struct sockctl_report report = SOCKCTL_REPORT;
	struct sockctl_spec spec = spec_of_text(CONNECTION_SPEC ",reuseaddr,backlog=4096");
	char address[32];
	int opened;

	must(sockctl_spec_add(&spec, more, NULL), more);
	snprintf(address, sizeof address, "127.0.0.1:%d", PORT);
	opened = sockctl_listen(address, &spec, NULL, fd, ADDRESSES, &report);
	errno = -report.error.code;
	must(opened, "sockctl_listen");
	return (unsigned)opened;
}

static unsigned open_one(int fd[])
{
	return open_sockctl(fd, "");
}

static unsigned open_shards(int fd[])
{
	return open_sockctl(fd, "shards=4");
}

/* As nginx does it: all listen (ngx_open_listening_sockets), then all get their options
 * (ngx_configure_listening_sockets). */
static unsigned open_late(int fd[], unsigned count)
{
	char port[8];

	for (unsigned i = 0; i < count; i++) {
		snprintf(port, sizeof port, "%u", PORT + i);
		fd[i] = by_hand_bound(port);
		must(listen(fd[i], BACKLOG), "listen");
	}
	for (unsigned i = 0; i < count; i++)
		by_hand_all(fd[i]);
	return count;
}

static unsigned open_late_one(int fd[])
{
	return open_late(fd, 1);
}

static unsigned open_late_many(int fd[])
{
	return open_late(fd, ADDRESSES);
}

/* --- rounds ------------------------------------------------------------------------------------------------------- */

/* Takes the connections of a round from whichever listener they came to. */
static bool round_take(const int fd[], unsigned count)
{
	struct pollfd waiting[ADDRESSES];
	unsigned taken = 0, lacking = 0;
	int child;

	for (unsigned i = 0; i < count; i++)
		waiting[i] = (struct pollfd){.fd = fd[i], .events = POLLIN};
	while (taken < STORM_CONNECTIONS && poll(waiting, count, LIMIT_MS) > 0)
		for (unsigned i = 0; i < count; i++)
			if (waiting[i].revents && (child = accept4(fd[i], NULL, NULL, SOCK_CLOEXEC)) >= 0) {
				taken++;
				lacking += child_lacks(child, CONNECTION_SPEC);
				close(child);
			}
	children_count(taken, lacking);
	return taken == STORM_CONNECTIONS;
}

static bool order_round(const void *how)
{
	unsigned (*const *open)(int fd[]) = how;
	int fd[ADDRESSES];
	unsigned count;
	bool taken;

	if (!storm_round(&race.storm))
		return false;
	count = (*open)(fd);
	taken = round_take(fd, count);
	while (count)
		close(fd[--count]);
	return taken;
}

static bool nginx_round(const void *command)
{
	uint64_t limit_us = clock_us() + LIMIT_MS * 1000;
	struct sockctl_report report = SOCKCTL_REPORT;
	unsigned children = 0, lacking = 0;
	struct server nginx;

	if (!storm_round(&race.storm) || !server_start(&nginx, &race.scene, command, PORT, "serve", NULL, NULL))
		return false;
	while (storm_made(&race.storm) < STORM_CONNECTIONS && clock_us() < limit_us)
		;
	/* It holds them, and waits for their requests. */
	while (children < STORM_CONNECTIONS && clock_us() < limit_us)
		children = server_connections(&nginx, NGINX_SPEC, 0, &lacking, &report);
	server_end(&nginx);
	children_count(children, lacking);
	return children == STORM_CONNECTIONS;
}

/* --- results ------------------------------------------------------------------------------------------------------ */

/* Runs up to so many rounds, or as many as there is time for. */
static bool order_measure(const char *name, unsigned rounds, bool (*round_run)(const void *how), const void *how)
{
	uint64_t limit_us = clock_us() + ORDER_S * 1000000ull;
	unsigned round = 0;
	bool fine = true;

	race.children = race.lacking = race.rounds_lacking = 0;
	while (round < rounds && clock_us() < limit_us && (fine = round_run(how)))
		round++;
	printf("%-62s %7u %10u %9u in %u\n", name, round, race.children, race.lacking, race.rounds_lacking);
	return fine;
}

static bool orders_measure(char *const nginx[])
{
	static const struct order {
		const char *name;
		unsigned (*open)(int fd[]);
		bool ours;
	} order[] = {
		{"libsockctl: options, then listen", open_one, true},
		{"libsockctl, 4 shards: all bound, options, then all listen", open_shards, true},
		{"listen, then options", open_late_one},
		{"16 addresses listen, then options of each (nginx's order)", open_late_many},
	};
	bool whole = true, clean = true;

	printf("The first %d connections of listeners that open into a storm of connects, and lack one of\n%s\n",
	       STORM_CONNECTIONS, CONNECTION_SPEC);
	printf("(nginx itself: %s)\n\n", NGINX_SPEC);
	printf("%-62s %7s %10s %9s\n", "ORDER", "ROUNDS", "CHILDREN", "LACKING, IN ROUNDS");
	for (unsigned i = 0; i < sizeof order / sizeof *order; i++) {
		whole &= order_measure(order[i].name, race.rounds, order_round, &order[i].open);
		clean &= !order[i].ours || !race.lacking;
	}
	for (unsigned i = 0; nginx[i]; i += 2)
		whole &= order_measure(nginx[i], NGINX_ROUNDS, nginx_round, nginx[i + 1]);
	printf("\nlibsockctl's children that lack options: %s\n", !clean ? "some: MISSED" :
								  whole  ? "0, as wanted" :
									   "0");
	if (!whole)
		printf("not all rounds could be run\n");
	return whole && clean;
}

static int body(void *arg)
{
	struct sockctl_error *error = &race.error;
	bool fine;

	if (world_open(&race.scene.world, NULL, error) || world_enter(&race.scene.world, HOST_SERVER) ||
	    placement_make(&race.scene.placement, false, PLACEMENT_PINNED) ||
	    placement_enter(&race.scene.placement, HOST_SERVER) ||
	    !storm_start(&race.storm, &race.scene.world, &race.scene.placement, PORT)) {
		fprintf(stderr, "listen_race: %s %s: %s\n", error->op, error->subject, error->hint);
		return 1;
	}
	fine = orders_measure(arg);
	storm_end(&race.storm);
	return !fine;
}

int main(int argc, char **argv)
{
	struct sockctl_error *error = &race.error;
	int status;

	race.rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 0;
	if (argc % 2 || !race.rounds) {
		fprintf(stderr, "usage: listen_race ROUNDS [NAME COMMAND]...\n");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	status = contain_run(body, argv + 2, error);
	if (status < 0)
		fprintf(stderr, "listen_race: %s %s: %s\n", error->op, error->subject, error->hint);
	return status < 0 ? 77 : status;
}
