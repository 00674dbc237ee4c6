/* kill -9 of one of several processes that share a port, under load: who serves on, and what is lost, with and without
 * net.ipv4.tcp_migrate_req. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include "base/clock.h"
#include "base/sysctl.h"
#include "lab/contain.h"
#include "lab/stats.h"
#include "lab/world.h"
#include "shards.h"

enum { SHARDS = 4, VICTIM = 0, CLIENTS = 64, BUSY_US = 300, KILLS = 20, BEFORE = 1000, ALL = 2000, LIMIT_S = 20 };

struct losses {
	double reset[KILLS], closed[KILLS], timeout[KILLS], refused[KILLS], other[KILLS];
	double all[KILLS];
	unsigned served_after, kills; /* served_after: by the others, all kills together */
};

struct load {
	struct shards shards;
	struct pollfd client[CLIENTS];
	unsigned asked, served, of_victim;
};

static void loss_count(struct losses *losses, int code)
{
	double *kind = code == -ECONNRESET   ? losses->reset :
		       code == -ECONNABORTED ? losses->closed :
		       code == -ETIMEDOUT    ? losses->timeout :
		       code == -ECONNREFUSED ? losses->refused :
					       losses->other;

	kind[losses->kills]++;
	losses->all[losses->kills]++;
}

static void client_ask(struct load *load, struct pollfd *client, struct losses *losses)
{
	*client = (struct pollfd){.fd = -1, .events = POLLIN};
	if (load->asked == ALL)
		return;
	load->asked++;
	client->fd = shards_ask(&load->shards);
	if (client->fd < 0)
		loss_count(losses, client->fd);
}

static void client_answer(struct load *load, struct pollfd *client, struct losses *losses)
{
	int answer = shards_answer(client->fd);

	if (answer < 0)
		loss_count(losses, answer);
	load->served += answer >= 0;
	load->of_victim += answer == VICTIM;
	client_ask(load, client, losses);
}

/* Keeps all clients asking until `count` connections in all have been served or lost. */
static bool load_run(struct load *load, unsigned count, struct losses *losses)
{
	uint64_t limit_us = clock_us() + LIMIT_S * 1000000ull;

	while (load->served + (unsigned)losses->all[losses->kills] < count) {
		if (clock_us() > limit_us || poll(load->client, CLIENTS, LIMIT_S * 1000) < 0)
			return false;
		for (unsigned i = 0; i < CLIENTS; i++)
			if (load->client[i].fd >= 0 && load->client[i].revents)
				client_answer(load, &load->client[i], losses);
	}
	return true;
}

static bool kill_run(struct losses *losses)
{
	struct load load = {.asked = 0};
	unsigned served_before;
	bool fine;

	if (shards_start(&load.shards, SHARDS, BUSY_US))
		return false;
	for (unsigned i = 0; i < CLIENTS; i++)
		client_ask(&load, &load.client[i], losses);
	fine = load_run(&load, BEFORE, losses);
	served_before = load.served;
	shard_kill(&load.shards, VICTIM);
	fine = fine && load_run(&load, ALL, losses);
	losses->served_after += load.served - served_before;
	losses->kills++;
	shards_end(&load.shards);
	return fine;
}

static void kind_print(double *values, unsigned count)
{
	double middle = stats_median(values, count); /* sorts */

	printf(" %6.0f (%.0f to %.0f)", middle, values[0], values[count - 1]);
}

static bool losses_measure(const char *migrate)
{
	static struct losses losses;
	bool fine = true;

	losses = (struct losses){.kills = 0};
	if (sysctl_write("net/ipv4/tcp_migrate_req", migrate)) {
		printf("%-18s unknown: it cannot be written (Linux 5.14 has it)\n", migrate);
		return true;
	}
	for (unsigned i = 0; i < KILLS && fine; i++)
		fine = kill_run(&losses);
	printf("%-18s %6u", migrate, losses.kills);
	kind_print(losses.all, losses.kills);
	kind_print(losses.reset, losses.kills);
	kind_print(losses.closed, losses.kills);
	kind_print(losses.timeout, losses.kills);
	kind_print(losses.refused, losses.kills);
	printf(" %12u%s\n", losses.served_after, fine ? "" : "  the others do NOT serve on");
	return fine;
}

static int body(void *arg)
{
	struct sockctl_error *error = arg;
	struct world world;
	bool fine;

	if (world_open(&world, NULL, error) || world_enter(&world, HOST_SERVER)) {
		fprintf(stderr, "shard_kill: %s %s: %s\n", error->op, error->subject, error->hint);
		return 1;
	}
	printf("%d processes share a port; %d clients at once, each request takes %d us; one process is killed after\n"
	       "%d of %d connections. Lost for each kill: median (least to most).\n\n",
	       SHARDS, CLIENTS, BUSY_US, BEFORE, ALL);
	printf("%-18s %6s %16s %16s %16s %16s %16s %12s\n", "tcp_migrate_req", "KILLS", "LOST", "RESET", "CLOSED",
	       "TIMEOUT", "REFUSED", "SERVED AFTER");
	fine = losses_measure("0");
	fine = losses_measure("1") && fine;
	world_close(&world);
	return !fine;
}

int main(void)
{
	struct sockctl_error error = {0};
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	status = contain_run(body, &error, &error);
	if (status < 0)
		fprintf(stderr, "shard_kill: %s %s: %s\n", error.op, error.subject, error.hint);
	return status < 0 ? 77 : status;
}
